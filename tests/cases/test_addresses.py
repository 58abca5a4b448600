"""Old names in what people say: the product writes today's."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.cases.models import Case
from app.cases.service import open_draft
from app.db import session, transaction, work
from nlp.types import Classifier
from nlp.understand import load
from tests.support.people import somebody


@pytest.fixture(scope="module")
def real() -> Classifier:
    return load()


def test_an_sms_with_a_dissolved_district_becomes_a_draft_at_todays_address(city_app: Flask, real: Classifier) -> None:
    said = "江东区百丈路168号井盖丢失"
    with city_app.app_context(), work():
        with transaction():
            open_draft(said, source_id="SM1", phone=None, understanding=real.understand(said))
        case = session().scalars(select(Case).where(Case.source_id == "SM1")).one()
        assert (case.address, case.district_code) == ("鄞州区百丈路168号", "330212")
        assert case.description == said
        assert case.suggestion is not None
        assert case.suggestion["places"][0]["note"] == "江东区已于2016年并入鄞州区"


def test_an_address_typed_with_an_old_name_is_answered_with_todays(city_app: Flask, real: Classifier) -> None:
    city_app.extensions["classifier"] = real
    agent = somebody(city_app, Role.AGENT)
    found = agent.get("/api/v1/places", query_string={"q": "原江东区百丈路168号东门"}).json["items"][0]
    assert found["address"] == "鄞州区百丈路168号东门"
    assert found["street"]["name"] == "百丈街道"
    moved = agent.get("/api/v1/places", query_string={"q": "鄞州区集士港镇"}).json["items"][0]
    assert (moved["address"], moved["district"]["name"]) == ("海曙区集士港镇", "海曙区")
