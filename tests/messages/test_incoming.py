"""What a citizen texts to the hotline, and what is answered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.cases.models import Case
from app.db import session, work
from tests.support.carrier import Hook
from tests.support.people import Person, file_case, stored
from tests.support.sms import CITIZEN, STRANGER, Handset, close_case, reply_in

COMPLAINT = "江东区百丈路井盖丢失"


def draft_answered(agent: Person, reply: str) -> dict[str, Any]:
    """The draft whose number stands in the reply, as the agents see it."""
    found: list[dict[str, Any]] = agent.get("/api/v1/agent/snapshot").json["drafts"]
    (draft,) = [each for each in found if each["number"] in reply]
    return draft


def count_cases(app: Flask) -> int:
    with app.app_context(), work():
        return session().scalar(select(func.count()).select_from(Case)) or 0


def stranger(app: Flask) -> Handset:
    return Handset(Hook(app.test_client()), STRANGER)


def test_a_complaint_becomes_a_draft_with_suggestions_and_its_number_is_the_answer(
    citizen: Handset, agent: Person
) -> None:
    draft = draft_answered(agent, citizen.text(COMPLAINT))
    assert draft["state"] == "reported"
    assert draft["suggestion"]["candidates"][0]["code"] == "C0103"
    assert draft["street"]["code"] == "330212008"


def test_the_same_delivery_again_makes_no_second_draft_and_hears_the_same_answer(app: Flask, citizen: Handset) -> None:
    first = citizen.text(COMPLAINT, sid="SM" + "a" * 32)
    before = count_cases(app)
    assert citizen.text(COMPLAINT, sid="SM" + "a" * 32) == first
    assert count_cases(app) == before


def test_eight_deliveries_at_once_make_one_draft_and_one_answer(committing: Flask) -> None:
    before = count_cases(committing)
    message = Handset(Hook(committing.test_client()), CITIZEN).message(COMPLAINT)

    def post(_: int) -> Any:
        return Hook(committing.test_client())("/telephony/sms", **message)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({reply_in(answer) for answer in answers}) == 1
    assert count_cases(committing) == before + 1


def test_the_cases_own_phone_is_told_its_state(citizen: Handset, agent: Person) -> None:
    case = file_case(agent)
    for question in (f"查询 {case['number']}", f"查询{case['number'].replace('-', '')}", case["number"], "查询"):
        reply = citizen.text(question)
        assert case["number"] in reply
        assert "待接单" in reply


@pytest.mark.parametrize("order", ["查询", "催办"])
def test_another_phone_hears_the_same_words_whether_the_number_exists_or_not(
    app: Flask, agent: Person, order: str
) -> None:
    case = file_case(agent)
    answers = {stranger(app).text(f"{order} {number}") for number in (case["number"], "NB200101-00001")}
    assert len(answers) == 1
    (answer,) = answers
    assert not any(secret in answer for secret in (case["number"], "井盖", "周", "1234", case["unit"]["name"]))
    assert stored(app, case["id"]).urges == 0


def test_a_withheld_sender_is_nobodys_own_phone(app: Flask, agent: Person) -> None:
    withheld = Handset(Hook(app.test_client()), "anonymous")
    case = file_case(agent, reporter_phone="")
    assert case["number"] not in withheld.text(f"查询 {case['number']}")
    assert "NB" in withheld.text(COMPLAINT)


def test_an_urge_is_counted_on_the_known_case(app: Flask, citizen: Handset, agent: Person) -> None:
    case = file_case(agent)
    before = count_cases(app)
    assert "催办" in citizen.text(f"催办 {case['number']}")
    citizen.text("催办")
    assert stored(app, case["id"]).urges == 2
    assert count_cases(app) == before


def test_an_ended_case_is_not_urged(app: Flask, citizen: Handset, agent: Person) -> None:
    case = close_case(app, file_case(agent))
    assert "已办结" in citizen.text(f"催办 {case['number']}")
    assert stored(app, case["id"]).urges == 0


def test_a_digit_after_the_closing_is_the_rating_and_a_second_one_replaces_it(
    app: Flask, citizen: Handset, agent: Person
) -> None:
    case = close_case(app, file_case(agent))
    assert "5分" in citizen.text("5")
    citizen.text("２")
    assert stored(app, case["id"]).rating == 2
    detail = agent.get(f"/api/v1/cases/{case['id']}").json
    assert [line["kind"] for line in detail["history"]].count("case.rated") == 2


def test_a_digit_before_the_closing_rates_nothing_and_says_why(app: Flask, citizen: Handset, agent: Person) -> None:
    case = file_case(agent)
    before = count_cases(app)
    reply = citizen.text("5")
    assert case["number"] in reply
    assert "还在办理" in reply
    assert stored(app, case["id"]).rating is None
    assert count_cases(app) == before


def test_a_digit_weeks_after_the_closing_or_from_another_phone_rates_nothing(
    app: Flask, citizen: Handset, agent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = close_case(app, file_case(agent))
    stranger(app).text("1")
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    citizen.text("5")
    assert stored(app, case["id"]).rating is None


def test_six_is_no_rating(app: Flask, citizen: Handset, agent: Person) -> None:
    case = close_case(app, file_case(agent))
    citizen.text("6")
    assert stored(app, case["id"]).rating is None


def test_whoever_opts_out_is_told_so_once_and_may_come_back(citizen: Handset) -> None:
    assert "退订" in citizen.text("TD")
    assert "恢复" in citizen.text("START")
    assert citizen.text("退订", OptOutType="STOP") == ""  # the carrier has answered already


@pytest.mark.parametrize("body", ["", "   ", "？", "帮助"])
def test_an_empty_message_opens_nothing_and_is_told_how_it_works(app: Flask, citizen: Handset, body: str) -> None:
    before = count_cases(app)
    assert "催办" in citizen.text(body)
    assert count_cases(app) == before


@pytest.mark.parametrize("body", ["井" * 10_000, "井盖👨‍👩‍👧‍👦🕳️不见了", "井盖𠮷𬭸䶮坏了", "井盖\u0000\ud83d坏了"])
def test_very_long_and_rare_texts_become_drafts(app: Flask, citizen: Handset, agent: Person, body: str) -> None:
    draft = draft_answered(agent, citizen.text(body.encode("utf-8", "replace").decode()))
    assert "井" in stored(app, draft["id"]).description


@pytest.mark.parametrize("fields", [{"MessageSid": ""}, {"MessageSid": "S" * 65}, {"MessageSid": "SM 1"}])
def test_a_message_without_a_usable_id_is_refused(app: Flask, citizen: Handset, fields: dict[str, str]) -> None:
    before = count_cases(app)
    form = {**citizen.message(COMPLAINT), **fields}
    assert Hook(app.test_client())("/telephony/sms", **form).status_code == 400
    assert count_cases(app) == before


@pytest.mark.parametrize("how", [{"forge": True}, {"unsigned": True}])
def test_what_the_carrier_did_not_sign_is_refused(app: Flask, citizen: Handset, how: dict[str, bool]) -> None:
    before = count_cases(app)
    answer: Any = Hook(app.test_client())("/telephony/sms", **how, **citizen.message(COMPLAINT))
    assert answer.status_code == 403
    assert count_cases(app) == before
