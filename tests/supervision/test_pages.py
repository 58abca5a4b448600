"""The supervisors' list and a case's accountability page, over HTTP."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import reportlab
from flask import Flask
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate
from sqlalchemy import select, update

from app import clock
from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, transaction, work
from app.events.models import AccessLine, Event
from app.supervision.models import SupervisionOrder
from app.web.accountability_pdf import _section, choose_font
from tests.supervision.conftest import sweep_at
from tests.support.history import unprotect
from tests.support.people import Person, bystander, file_case, picture, somebody

HOUR = timedelta(hours=1)
PHONE = "13800001234"


def post(who: Person, path: str, **form: str) -> Any:
    return who.client.post(path, data={"csrf_token": who.csrf, **form}, follow_redirects=True)


def page(who: Person, path: str) -> str:
    answer = who.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.text)


def numbers(html: str) -> list[str]:
    """Of this test's day, in the order of the page: the demonstration has cases of its own."""
    return list(dict.fromkeys(re.findall(r"/cases/(NB260602-\d+)/accountability", html)))


@pytest.fixture
def chief(city_app: Flask) -> Person:
    return somebody(city_app, Role.SUPERVISOR)


@pytest.fixture
def leader(city_app: Flask) -> Person:
    return somebody(city_app, Role.LEADER, area="330212008")


def account(case: dict[str, Any]) -> str:
    return f"/cases/{case['number']}/accountability"


def test_red_comes_first_and_what_nobody_has_before_the_rest(
    city_app: Flask, now: datetime, agent: Person, chief: Person, case: dict[str, Any]
) -> None:
    lost = file_case(agent, dispatch=False, class_code="E0101", condition_no=1)
    with clock.standing_at(now + 3 * HOUR):
        sweep_at(city_app, now + 3 * HOUR)
        fresh = file_case(agent, description="刚刚发现的井盖")
        shown = numbers(page(chief, "/supervision?area=330212008"))
        assert shown.index(lost["number"]) < shown.index(case["number"]) < shown.index(fresh["number"])
        red = page(chief, "/supervision?area=330212008&lamp=red")
        assert numbers(red) == [lost["number"], case["number"]]
        assert numbers(page(chief, "/supervision?unassigned=1&area=330212008")) == [lost["number"]]
        assert fresh["number"] in numbers(page(chief, f"/supervision?unit={case['unit']['id']}&class=C01"))
        assert numbers(page(chief, "/supervision?class=C99")) == []


def test_a_leader_sees_the_own_area_only_and_a_handler_no_such_page(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person
) -> None:
    assert case["number"] in numbers(page(leader, "/supervision"))
    with city_app.app_context(), work():
        shown = numbers(page(leader, "/supervision"))
        streets = session().scalars(select(Case.street_code).where(Case.number.in_(shown)))
        assert set(streets) == {"330212008"}
    assert case["number"] not in numbers(page(somebody(city_app, Role.LEADER, area="330203"), "/supervision"))
    assert somebody(city_app, Role.HANDLER).get("/supervision").status_code == 403


def test_one_form_orders_supervision_and_one_click_urges(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person, chief: Person
) -> None:
    told = post(
        leader,
        f"/supervision/cases/{case['id']}/order",
        requirement="今天之内补装",
        level="1",
        kind="important",
        needs_reply="1",
        back="area=330212008",
    )
    assert "督办已下达，答复时限 2026-06-02 14:00" in told.text
    assert "今天之内补装" in told.text
    assert "已催办" in post(chief, f"/supervision/cases/{case['id']}/urge", back="").text
    with city_app.app_context(), work():
        row = session().get_one(Case, case["id"])
        assert (row.supervisions, row.urges) == (1, 1)
        assert session().scalars(select(SupervisionOrder)).one().made_by == leader.account_id


def test_what_may_not_be_done_is_refused_on_the_same_page(
    city_app: Flask, now: datetime, agent: Person, case: dict[str, Any], leader: Person, chief: Person
) -> None:
    assert "请写明督办要求" in post(leader, f"/supervision/cases/{case['id']}/order", requirement="快").text
    assert "您的角色不能督办" in post(agent, f"/supervision/cases/{case['id']}/order", requirement="马上处理").text
    stranger = somebody(city_app, Role.LEADER, area="330203")
    assert "没有这个案件" in post(stranger, f"/supervision/cases/{case['id']}/order", requirement="马上处理").text
    away = chief.client.post(
        f"/supervision/cases/{case['id']}/urge", data={"csrf_token": chief.csrf, "back": "//evil.example/"}
    )
    assert away.headers["Location"].startswith("/supervision?")
    with city_app.app_context(), work():
        assert session().get_one(Case, case["id"]).supervisions == 0


@pytest.fixture
def walked(city_app: Flask, now: datetime, agent: Person, case: dict[str, Any]) -> dict[str, Any]:
    """Half an hour until the unit accepts, fed back an hour late, sent back once."""
    unit = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    path = f"/api/v1/cases/{case['id']}"
    with clock.standing_at(now + HOUR / 2):
        held = unit.post(f"{path}/actions/accept", version=case["version"]).json
    with clock.standing_at(now + 3 * HOUR):
        unit.upload(f"{path}/attachments", picture(), "result")
        done = unit.post(f"{path}/actions/feed_back", {"result": "已补装"}, version=held["version"] + 1).json
    inspector = somebody(city_app, Role.INSPECTOR, area="330212")
    with clock.standing_at(now + 4 * HOUR):
        answer = inspector.post(f"{path}/actions/fail_check", {"reason": "井盖松动"}, version=done["version"])
    assert answer.status_code == 200, answer.json
    return case


def test_the_page_tells_who_had_the_case_when_and_for_how_much_of_the_limit(
    city_app: Flask, now: datetime, walked: dict[str, Any], chief: Person
) -> None:
    with clock.standing_at(now + 5 * HOUR):
        html = page(chief, account(walked))
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)]
    unit = walked["unit"]["name"]
    first = next(row for row in rows if unit in row and "2026-06-02 10:00" in row)
    assert "2026-06-02 13:00" in first
    assert "3 小时" in first
    assert "150%" in first
    assert "超期" in first
    check = next(row for row in rows if "核实/核查" in row)
    assert "200%" in check
    assert "井盖松动" in html
    assert "历史完整" in html
    assert html.count('class="hash"') >= 6


def test_who_looked_at_the_number_is_told_to_those_who_oversee_and_to_nobody_else(
    city_app: Flask, now: datetime, case: dict[str, Any], agent: Person, chief: Person, leader: Person
) -> None:
    for _ in range(3):
        agent.get(f"/api/v1/cases/{case['id']}")
    with clock.standing_at(now + HOUR):
        agent.get(f"/api/v1/cases/{case['id']}")
    with city_app.app_context(), work():
        lines = session().scalars(select(AccessLine).where(AccessLine.viewer_id == agent.account_id)).all()
        assert [(line.what, line.subject_id) for line in lines] == [("number", case["id"])] * 2
    html = page(leader, account(case))
    assert agent.name in html
    assert "来电人姓名与完整号码" in html
    handler = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    theirs = page(handler, account(case))
    assert "谁查看过保密信息" not in theirs
    assert agent.name not in theirs
    assert PHONE not in html + theirs


def test_a_unit_that_opens_a_confidential_case_leaves_its_name(city_app: Flask, now: datetime, agent: Person) -> None:
    secret = file_case(agent, confidential=True)
    dispatcher = somebody(city_app, Role.DISPATCHER)
    dispatcher.get(f"/api/v1/cases/{secret['id']}")
    with city_app.app_context(), work():
        looked = session().scalars(select(AccessLine).where(AccessLine.viewer_id == dispatcher.account_id)).one()
        assert looked.what == "confidential"


def test_changing_the_case_is_no_second_entry(city_app: Flask, now: datetime, agent: Person) -> None:
    file_case(agent)
    with city_app.app_context(), work():
        assert list(session().scalars(select(AccessLine))) == []


def test_a_broken_history_says_so(city_app: Flask, now: datetime, case: dict[str, Any], chief: Person) -> None:
    with city_app.app_context(), transaction():
        unprotect(session())
        line = update(Event).where(Event.subject_type == "case", Event.subject_id == case["id"])
        session().execute(line.where(Event.subject_seq == 2).values(kind="case.rated"))
    assert "历史自第 2 行起被改动" in page(chief, account(case))


def test_the_pdf_holds_the_hashes_and_no_number(
    city_app: Flask, now: datetime, walked: dict[str, Any], chief: Person
) -> None:
    answer = chief.get(f"{account(walked)}.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-1")
    assert b"STSong-Light" in answer.data or b"/FontFile2" in answer.data
    assert PHONE.encode() not in answer.data
    assert f'filename="{walked["number"]}-' in answer.headers["Content-Disposition"]


def test_a_reason_taller_than_a_page_is_printed_whole() -> None:
    rows = [["时间", "事项", "人员", "说明"], ["10:00", "回退", "王丽", "原因<b>" * 800]]
    out = BytesIO()
    SimpleDocTemplate(out).build(_section("记录", rows, (30, 28, 24, 92)))
    assert len(re.findall(rb"/Type /Page\b", out.getvalue())) > 1


def test_who_may_not_see_the_case_may_not_see_who_had_it(city_app: Flask, now: datetime, case: dict[str, Any]) -> None:
    stranger = bystander(city_app, case["unit"]["id"])
    assert stranger.get(account(case)).status_code == 404
    assert stranger.get(f"{account(case)}.pdf").status_code == 404
    assert stranger.get("/cases/NB000000-00000/accountability").status_code == 404
    assert city_app.test_client().get(account(case)).status_code in (302, 401)


def test_the_pdf_carries_its_characters_where_a_font_is_installed_and_else_names_the_readers_own() -> None:
    latin = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    assert pdf_in(choose_font(["/nowhere.ttf", str(latin)])).count(b"/FontFile2") == 1
    named = pdf_in(choose_font(["/nowhere.ttf"]))
    assert b"/FontFile2" not in named
    assert b"STSong-Light" in named


def pdf_in(font: str) -> bytes:
    canvas = Canvas(None)
    canvas.setFont(font, 12)
    canvas.drawString(10, 10, "NB261124")
    return bytes(canvas.getpdfdata())
