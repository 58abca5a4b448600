"""What the consoles may ask about places, areas and units."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.accounts.models import Account
from app.demo.seed import SourceFiles, seed_city
from nlp.data import data_path

FILES = SourceFiles(data_path("catalogue.csv"), data_path("filing_conditions.csv"), data_path("places.csv"))


@pytest.fixture
def sign_in(app: Any, client: Any) -> Callable[[str], Any]:
    with db.transaction():
        seed_city(FILES)

    def enter(login: str) -> Any:
        with db.work():
            account = db.session().scalars(select(Account).where(Account.login == login)).one()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = f"{account.id}:{account.session_epoch}", True
        return client

    return enter


def test_typing_a_street_finds_it_with_its_district_and_position(sign_in: Any) -> None:
    answer = sign_in("agent1001").get("/api/v1/places", query_string={"q": "百丈街"})
    first = answer.json["items"][0]
    assert answer.status_code == 200
    assert (first["level"], first["name"], first["district"]["name"]) == ("street", "百丈街道", "鄞州区")
    assert first["community"] is None
    assert 121 < first["lng"] < 122


def test_an_empty_question_finds_nothing_and_an_endless_one_is_refused(sign_in: Any) -> None:
    client = sign_in("agent1001")
    assert client.get("/api/v1/places").json == {"items": []}
    assert client.get("/api/v1/places", query_string={"q": "百" * 101}).status_code == 422
    assert client.get("/api/v1/places?q=x&limit=0").status_code == 422


def test_areas_open_level_by_level(sign_in: Any) -> None:
    client = sign_in("leader6001")
    districts = client.get("/api/v1/areas").json["items"]
    assert len(districts) == 10
    streets = client.get("/api/v1/areas?parent=330212").json["items"]
    assert {"330212008", "330212006"} <= {street["code"] for street in streets}
    assert client.get("/api/v1/areas?parent=990000").status_code == 404


def test_units_are_listed_without_their_telephones(sign_in: Any) -> None:
    answer = sign_in("dispatcher3001").get("/api/v1/units", query_string={"q": "百丈"})
    assert [unit["name"] for unit in answer.json["items"]] == ["鄞州区百丈街道办事处", "鄞州区综合行政执法队百丈中队"]
    assert "555" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/api/v1/places?q=x", "/api/v1/areas", "/api/v1/units", "/api/v1/catalogue"])
def test_strangers_learn_nothing(sign_in: Any, client: Any, path: str) -> None:
    assert client.get(path).status_code == 401


def test_a_unit_finds_others_to_suggest_but_searches_no_places(sign_in: Any) -> None:
    client = sign_in("unit-330212008-01")
    assert client.get("/api/v1/units").status_code == 200
    assert client.get("/api/v1/places?q=x").status_code == 403


def test_the_catalogue_is_sent_once_and_then_confirmed(sign_in: Any) -> None:
    client = sign_in("unit-330212008-01")
    answer = client.get("/api/v1/catalogue")
    classes = {entry["code"]: entry for entry in answer.json["classes"]}
    assert len(classes) == 184
    assert classes["C0102"]["conditions"][0]["limit"] == "2 紧急工作时"
    again = client.get("/api/v1/catalogue", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
