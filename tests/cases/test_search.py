"""Finding a case by what somebody typed, page by page, and that the indexes made for it fit the questions."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text

from app import clock
from app.accounts.roles import Role
from app.cases import search
from app.db import session, work
from tests.support.people import Person, file_case, somebody
from tests.web.test_statements import counted

LONG_AGO = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def old(agent: Person) -> dict[str, Any]:
    """Of 12 March, at an address of its own."""
    with clock.standing_at(LONG_AGO):
        return file_case(agent, address="丈八里街131号门前", reporter_phone="13911112222")


@pytest.fixture
def new(agent: Person) -> dict[str, Any]:
    with clock.standing_at(LONG_AGO + timedelta(days=200)):
        return file_case(agent, address="丈八里街7号")


def found(who: Person, words: str, **asked: Any) -> list[int]:
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    answer = who.get(f"/api/v1/cases?q={quote(words)}{more}")
    assert answer.status_code == 200, answer.json
    return [each["id"] for each in answer.json["items"]]


def test_a_number_is_found_by_its_beginning(agent: Person, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert found(agent, old["number"]) == [old["id"]]
    for beginning in (old["number"].lower(), "NB260312", "NB260312-", "NB2603", "NB26031", "nb260312-0"):
        assert found(agent, beginning) == [old["id"]], beginning
    assert old["id"] in found(agent, "NB260")
    assert found(agent, "NB26") == found(agent, "NB") == found(agent, "")


def test_the_number_of_no_day_finds_nothing(agent: Person, old: dict[str, Any]) -> None:
    for words in ("NB269", "NB260230", "NB25", "NB20", "NB260312-9", "NB260313"):
        assert found(agent, words) == [], words


def test_a_telephone_number_finds_the_callers_cases_for_those_who_may_know_callers(
    city_app: Flask, agent: Person, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert found(agent, "13911112222") == [old["id"]]
    assert found(somebody(city_app, Role.HANDLER, unit_id=old["unit"]["id"]), "13911112222") == []


def test_a_class_is_found_by_a_piece_of_its_name(agent: Person, old: dict[str, Any]) -> None:
    with clock.standing_at(LONG_AGO + timedelta(days=400)):
        newest = file_case(agent, address="别处")
    assert found(agent, "井盖")[0] == newest["id"]
    assert found(agent, "盖井") == []


@pytest.mark.parametrize("newest", [4000, 1])
def test_a_piece_of_an_address_is_found_however_old_the_case(
    agent: Person, old: dict[str, Any], new: dict[str, Any], newest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NEWEST", newest)
    file_case(agent)
    file_case(agent)
    assert found(agent, "丈八里街") == [new["id"], old["id"]]
    assert found(agent, "街131号") == [old["id"]]
    for unknown in ("街里八丈", "131街", "丈八里街8号", "%", "丈_里", "龘"):
        assert found(agent, unknown) == [], unknown


def test_a_word_of_many_classes_finds_the_newest_of_all(agent: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for days, code in ((400, "C0101"), (401, "C0103"), (402, "C0101")):
        with clock.standing_at(LONG_AGO + timedelta(days=days)):
            made.append(file_case(agent, class_code=code)["id"])
    one_by_one = found(agent, "井盖")
    monkeypatch.setattr(search, "MOST_CLASSES", 1)
    assert found(agent, "井盖") == one_by_one
    assert one_by_one[:3] == made[::-1]


def test_pages_of_a_search_hold_each_case_once(agent: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "NEWEST", 2)
    made = []
    for day in range(7):
        with clock.standing_at(LONG_AGO + timedelta(days=day // 2)):
            made.append(file_case(agent, address=f"丈八里街{day}号")["id"])
    seen: list[int] = []
    path: str | None = f"/api/v1/cases?q={quote('丈八里街')}&limit=3"
    while path:
        page = agent.get(path).json
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        path = f"/api/v1/cases?q={quote('丈八里街')}&limit=3&cursor={cursor}" if cursor else None
    assert seen == made[::-1]


def test_nobody_finds_what_lies_in_another_district(city_app: Flask, old: dict[str, Any]) -> None:
    assert found(somebody(city_app, Role.INSPECTOR, area="330212"), "丈八里街") == [old["id"]]
    other = somebody(city_app, Role.INSPECTOR, area="330203")
    for words in ("丈八里街", old["number"], "NB260312"):
        assert found(other, words) == [], words


def test_a_unit_finds_its_own_cases_and_those_it_helps_with(
    city_app: Flask, agent: Person, old: dict[str, Any], new: dict[str, Any]
) -> None:
    dispatcher = somebody(city_app, Role.DISPATCHER, area="330212")
    helper = somebody(city_app, Role.HANDLER, area="330203")
    assert helper.unit_id != old["unit"]["id"]
    assert found(helper, "丈八里街") == []
    asked = {"unit_id": helper.unit_id}
    path = f"/api/v1/cases/{old['id']}/actions/add_co_unit"
    assert dispatcher.post(path, asked, version=old["version"]).status_code == 200
    assert found(helper, "丈八里街") == [old["id"]]
    assert old["id"] in found(helper, "井盖", limit=200)
    assert old["id"] in found(helper, "", limit=200)
    own = somebody(city_app, Role.HANDLER, unit_id=old["unit"]["id"])
    assert found(own, "丈八里街") == [new["id"], old["id"]]


def test_a_search_takes_seven_statements_at_most(
    agent: Person, old: dict[str, Any], new: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NEWEST", 1)
    found(agent, "丈八里街")
    with counted() as statements:
        found(agent, "丈八里街")
    assert len(statements) <= 7


def test_the_index_of_characters_fits_the_question(
    city_app: Flask, agent: Person, old: dict[str, Any], new: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small table is read whole whatever there is; without that choice the planner shows whether the index serves."""
    monkeypatch.setattr(search, "NEWEST", 1)
    with counted() as statements:
        found(agent, "丈八里街")
    asked = next(each for each in statements if "string_to_array" in each)
    start = asked.index("string_to_array")
    condition = asked[start : asked.index(" AND ", start)].replace("%(string_to_array_1)s::TEXT[]", "'{丈,八}'")
    with city_app.app_context(), work():
        session().execute(text("SET LOCAL enable_seqscan = off"))
        plan = session().scalars(text(f'EXPLAIN SELECT FROM "case" WHERE {condition}')).all()
    assert any("fts_case_address" in line for line in plan), (condition, plan)
