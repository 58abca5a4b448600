"""What is written when a case is filed, seen from the console."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.accounts.roles import Role
from app.db import session, work
from app.learning.models import SuggestionOutcome
from tests.learning.conftest import forget_decisions
from tests.support.carrier import Hook
from tests.support.people import COVER, Person, file_case, somebody
from tests.support.sms import CITIZEN, Handset


@pytest.fixture
def agent(city_app: Flask) -> Person:
    forget_decisions(city_app)
    return somebody(city_app, Role.AGENT)


def outcomes(app: Flask) -> list[SuggestionOutcome]:
    with app.app_context(), work():
        rows = list(session().scalars(select(SuggestionOutcome).order_by(SuggestionOutcome.id)))
        session().expunge_all()
        return rows


def suggested(agent: Person, text: str) -> dict[str, Any]:
    answer = agent.post("/api/v1/understand", {"text": text})
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_a_filed_case_keeps_what_was_suggested_and_what_was_chosen(agent: Person, city_app: Flask) -> None:
    shown = suggested(agent, "井盖旁边的路灯不亮")
    case = file_case(agent, class_code="C0118", suggestion=shown)
    (row,) = outcomes(city_app)
    assert (row.case_id, row.agent_id, row.source) == (case["id"], agent.account_id, "call")
    assert (row.suggested_code, row.chosen_code, row.truth_code, row.is_overridden) == ("C0103", "C0118", "C0118", True)
    assert (row.model_version, row.in_scope, row.confidence) == ("fake-1", 0.95, 0.9)
    assert row.margin == pytest.approx(0.1)
    assert [each["code"] for each in row.candidates] == ["C0103", "C0118"]
    assert not row.filed_alone


def test_a_case_without_a_suggestion_is_an_example_but_no_override(agent: Person, city_app: Flask) -> None:
    file_case(agent)
    (row,) = outcomes(city_app)
    assert (row.suggested_code, row.is_overridden, row.model_version, row.seconds) == (None, False, "", None)
    assert row.truth_code == "C0103"


@pytest.mark.parametrize("nonsense", [{"candidates": "none"}, {"x": 1}, {"candidates": [{"code": 5}]}])
def test_a_suggestion_of_no_known_shape_teaches_nothing(
    agent: Person, city_app: Flask, nonsense: dict[str, Any]
) -> None:
    file_case(agent, suggestion=nonsense)
    (row,) = outcomes(city_app)
    assert (row.suggested_code, row.candidates) == (None, [])


def test_a_refused_filing_leaves_nothing(agent: Person, city_app: Flask) -> None:
    assert agent.post("/api/v1/cases", {**COVER, "condition_no": 99}).status_code == 404
    assert outcomes(city_app) == []


def test_the_text_is_kept_without_telephone_numbers_and_names(
    city_app: Flask, agent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city_app.extensions["classifier"], "redact", lambda text: text.replace("13800001234", "*" * 11))
    file_case(agent, description="井盖没了，电话13800001234")
    assert outcomes(city_app)[0].text == "井盖没了，电话***********"


def test_a_text_message_is_kept_once_with_the_seconds_it_waited(city_app: Flask, agent: Person) -> None:
    now = clock.now()
    with clock.standing_at(now):
        Handset(Hook(city_app.test_client()), CITIZEN).text("百丈路口井盖不见了")
    draft = max(agent.get("/api/v1/agent/snapshot").json["drafts"], key=lambda each: each["id"])
    with clock.standing_at(now + timedelta(seconds=42)):
        answer = agent.post("/api/v1/cases", {**COVER, "draft_id": draft["id"]}, version=draft["version"])
    assert answer.status_code == 201, answer.json
    (row,) = outcomes(city_app)
    assert (row.source, row.suggested_code, row.is_overridden, row.seconds) == ("sms", "C0103", False, 42)


def test_a_voided_case_teaches_nothing_any_more(agent: Person, city_app: Flask) -> None:
    case = file_case(agent)
    done = somebody(city_app, Role.SUPERVISOR).post(
        f"/api/v1/cases/{case['id']}/actions/void", {"reason": "重复"}, version=case["version"]
    )
    assert done.status_code == 200, done.json
    assert outcomes(city_app)[0].is_void
