"""Administration over HTTP, as a browser without scripts uses it."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Role
from app.accounts.service import check_password
from app.catalogue.queries import catalogue
from app.db import session, transaction, work
from app.errors import Forbidden
from app.knowledge.models import Article
from app.network.models import RoutingRule, Unit
from tests.support.people import Person, file_case, somebody

HTML = {"Accept": "text/html"}
NEW_PERSON = {
    "login": "agent2099",
    "name": "新来的",
    "work_no": "2099",
    "roles": "agent",
    "area_code": "3302",
    "password": "第一天用的密码 2099",
}
STALE = "请刷新后再改"


@pytest.fixture
def admin(city_app: Flask) -> Person:
    return somebody(city_app, Role.ADMINISTRATOR)


def form_on(page: str) -> dict[str, str]:
    """The values of the page's big form as a browser would send them back."""
    form = re.search(r'<form class="card form-card".*?</form>', page, re.S)
    assert form, "no form on the page"
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form.group()):
        about = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if about.get("type") != "checkbox" or " checked" in tag:
            sent[about["name"]] = html.unescape(about.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form.group(), re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        sent[name] = html.unescape(chosen.group(1)) if chosen else ""
    sent.pop("csrf_token")
    return sent


def opened(admin: Person, path: str) -> dict[str, str]:
    page = admin.get(path, headers=HTML)
    assert page.status_code == 200
    return form_on(page.text)


def send(admin: Person, path: str, form: dict[str, Any]) -> Any:
    return admin.client.post(path, data={**form, "csrf_token": admin.csrf}, headers=HTML)


def account(app: Flask, login: str) -> Account:
    with app.app_context(), work():
        return session().scalars(select(Account).where(Account.login == login)).one()


def unit_row(app: Flask, unit_id: int) -> Unit:
    with app.app_context(), work():
        return session().get_one(Unit, unit_id)


def rule_row(app: Flask, rule_id: int) -> RoutingRule:
    with app.app_context(), work():
        return session().get_one(RoutingRule, rule_id)


def faults(page: str) -> dict[str, str]:
    found = re.findall(r'<p class="err" id="err-(\w+)">.*?</svg>(.*?)</p>', page, re.S)
    return {name: html.unescape(text) for name, text in found}


def newest_line(admin: Person, query: str) -> str:
    rows = re.findall(r"<tr><td.*?</tr>", admin.get(f"/admin/audit?{query}").text, re.S)
    return re.sub(r"<[^>]+>", " ", rows[0]) if rows else ""


# --- people ---


def test_an_added_person_can_sign_in_and_is_in_the_audit(admin: Person, city_app: Flask) -> None:
    answer = send(admin, "/admin/people/new", NEW_PERSON)
    assert (answer.status_code, answer.location) == (303, "/admin/people")
    assert "已添加：新来的" in admin.get("/admin/people?q=2099").text
    with city_app.app_context(), transaction():
        assert check_password("agent2099", NEW_PERSON["password"]).name == "新来的"
    line = newest_line(admin, "kind=account.")
    assert "添加人员" in line
    assert admin.name in line
    assert "新来的" in line


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"login": "ab"}, "login"),
        ({"login": "名 字"}, "login"),
        ({"login": "agent1001"}, "login"),
        ({"name": ""}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"work_no": "12 34"}, "work_no"),
        ({"roles": "citizen"}, "roles"),
        ({"roles": ""}, "roles"),
        ({"roles": "handler"}, "unit_id"),
        ({"unit_id": "999999"}, "unit_id"),
        ({"area_code": "9999"}, "area_code"),
        ({"password": "kurz"}, "password"),
    ],
)
def test_a_wrong_field_says_so_and_nothing_is_added(
    admin: Person, city_app: Flask, change: dict[str, str], at: str
) -> None:
    answer = send(admin, "/admin/people/new", {**NEW_PERSON, **change})
    assert answer.status_code == 422
    assert list(faults(answer.text)) == [at]
    assert re.search(rf'(aria-describedby="err-{at}")', answer.text)
    assert form_on(answer.text)["name"] == {**NEW_PERSON, **change}["name"][:40] or at == "name"
    assert NEW_PERSON["password"] not in answer.text
    assert "没有符合条件的记录" in admin.get("/admin/people?q=2099").text


def test_changed_rights_hold_at_once_and_end_the_persons_sessions(admin: Person, city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)
    path = f"/admin/people/{agent.account_id}"
    form = opened(admin, path)
    assert send(admin, path, {**form, "roles": "supervisor", "name": "陈晓雨（值班）"}).location == path
    assert agent.get("/agent", headers=HTML).location.startswith("/login")
    assert account(city_app, "agent1001").roles == ["supervisor"]
    line = newest_line(admin, f"subject=account&id={agent.account_id}")
    assert re.search(r"角色：\s*坐席\s*→\s*值班长", line)
    assert re.search(r"姓名：\s*陈晓雨\s*→\s*陈晓雨（值班）", line)


def test_a_closed_account_cannot_sign_in(admin: Person, city_app: Flask) -> None:
    send(admin, "/admin/people/new", NEW_PERSON)
    path = f"/admin/people/{account(city_app, 'agent2099').id}"
    form = opened(admin, path)
    assert form.pop("is_active") == "1"
    assert send(admin, path, form).status_code == 303
    with city_app.app_context(), transaction(), pytest.raises(Forbidden):
        check_password("agent2099", NEW_PERSON["password"])


def test_a_new_password_is_recorded_but_never_shown(admin: Person, city_app: Flask) -> None:
    path = f"/admin/people/{account(city_app, 'agent1002').id}"
    assert send(admin, path, {**opened(admin, path), "password": "另一个足够长的新密码"}).status_code == 303
    with city_app.app_context(), transaction():
        assert check_password("agent1002", "另一个足够长的新密码").work_no == "1002"
    line = newest_line(admin, "kind=account.")
    assert re.search(r"密码：\s*已重设", line)
    assert "另一个足够长的新密码" not in line


def test_administrators_stay_signed_in_and_cannot_lock_themselves_out(admin: Person, city_app: Flask) -> None:
    path = f"/admin/people/{admin.account_id}"
    form = opened(admin, path)
    refused = send(admin, path, {**form, "roles": "agent"})
    assert refused.status_code == 422
    assert "不能停用自己" in refused.text
    assert send(admin, path, {**form, "name": "管理员甲"}).status_code == 303
    assert "管理员甲" in admin.get("/admin").text


def test_a_person_changed_meanwhile_is_shown_beside_what_was_typed(admin: Person, city_app: Flask) -> None:
    path = f"/admin/people/{account(city_app, 'agent1003').id}"
    mine = {**opened(admin, path), "name": "我写的名字"}
    assert send(admin, path, {**opened(admin, path), "name": "别人写的名字"}).status_code == 303
    clash = send(admin, path, mine)
    assert clash.status_code == 409
    assert STALE in clash.text
    cells = re.findall(r'<th scope="row">姓名</th><td>(.*?)</td><td><b>(.*?)</b>', clash.text)
    assert cells == [("别人写的名字", "我写的名字")]
    assert account(city_app, "agent1003").name == "别人写的名字"
    again = form_on(clash.text)
    assert again["name"] == "我写的名字"
    assert send(admin, path, again).status_code == 303
    assert account(city_app, "agent1003").name == "我写的名字"


@pytest.mark.parametrize("version", ["", "0", "abc", "9" * 30])
def test_a_form_without_its_version_is_an_old_one(admin: Person, city_app: Flask, version: str) -> None:
    path = f"/admin/people/{account(city_app, 'agent1004').id}"
    assert send(admin, path, {**opened(admin, path), "version": version, "name": "X"}).status_code == 409
    assert account(city_app, "agent1004").name != "X"


def test_people_are_found_by_name_number_and_role_and_shown_in_pages(admin: Person) -> None:
    assert "agent1001" in admin.get("/admin/people?q=陈晓雨").text
    assert "inspector4001" in admin.get("/admin/people?q=4001").text
    inspectors = admin.get("/admin/people?role=inspector").text
    assert "共 12 条" in inspectors
    assert "agent1001" not in inspectors
    first, second = (admin.get(f"/admin/people?role=handler&page={page}").text for page in (1, 2))
    assert 'href="/admin/people?role=handler&amp;page=2"' in first
    assert set(re.findall(r"unit-[\w-]+", first)) & set(re.findall(r"unit-[\w-]+", second)) == set()


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=99999999999", "page=x", "q=%25%27--", "role=nobody"])
def test_odd_questions_get_a_page(admin: Person, query: str) -> None:
    for path in ("people", "units", "classes", "rules"):
        assert admin.get(f"/admin/{path}?{query}", headers=HTML).status_code == 200, path


def test_what_no_database_can_hold_is_refused_and_breaks_nothing(admin: Person, city_app: Flask) -> None:
    """PostgreSQL has no text with a NUL in it; no form's check looks for one."""
    assert admin.get("/admin/people?q=%00", headers=HTML).status_code == 422
    assert city_app.test_client().get("/c/%00", headers=HTML).status_code == 422


# --- units ---


def test_a_units_duty_phone_is_masked_and_kept_unless_typed_anew(admin: Person, city_app: Flask) -> None:
    before = unit_row(city_app, 5)
    assert before.duty_phone
    page = admin.get("/admin/units/5").text
    assert before.duty_phone not in page
    assert before.duty_phone[-8:] not in page
    form = form_on(page)
    assert form["duty_phone"] == ""
    assert send(admin, "/admin/units/5", {**form, "contact": "王工"}).status_code == 303
    assert (unit_row(city_app, 5).duty_phone, unit_row(city_app, 5).contact) == (before.duty_phone, "王工")
    form = opened(admin, "/admin/units/5")
    assert send(admin, "/admin/units/5", {**form, "duty_phone": "0574-87191234"}).status_code == 303
    assert unit_row(city_app, 5).duty_phone == "+8657487191234"
    line = newest_line(admin, "subject=unit&id=5")
    assert "0574-8719****" in line
    assert "87191234" not in line


def test_an_added_unit_stands_in_the_list(admin: Person) -> None:
    form = {
        "code": "330212-99", "name": "鄞州区试验处置站", "unit_type": "排水管理单位", "level": "district",
        "area_code": "330212", "channel": "web", "is_active": "1",
    }  # fmt: skip
    assert send(admin, "/admin/units/new", form).status_code == 303
    assert "鄞州区试验处置站" in admin.get("/admin/units?q=试验处置站").text
    assert "添加单位" in newest_line(admin, "kind=unit.")


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"name": ""}, {"name"}),
        ({"name": "长" * 81}, {"name"}),
        ({"code": "3302-01"}, {"code"}),
        ({"duty_phone": "打不通"}, {"duty_phone"}),
        ({"channel": "pigeon"}, {"channel"}),
        ({"level": "moon"}, {"level"}),
        ({"area_code": "330212008"}, {"area_code"}),
        ({"channel": "telephone", "forget_duty_phone": "1"}, {"duty_phone", "pin"}),
    ],
)
def test_a_wrong_unit_is_refused_beside_its_field(
    admin: Person, city_app: Flask, change: dict[str, str], at: set[str]
) -> None:
    before = unit_row(city_app, 5).version
    answer = send(admin, "/admin/units/5", {**opened(admin, "/admin/units/5"), **change})
    assert answer.status_code == 422
    assert set(faults(answer.text)) == at
    assert unit_row(city_app, 5).version == before


def test_a_unit_changed_meanwhile_is_a_conflict(admin: Person, city_app: Flask) -> None:
    mine = {**opened(admin, "/admin/units/6"), "contact": "我"}
    send(admin, "/admin/units/6", {**mine, "contact": "别人"})
    clash = send(admin, "/admin/units/6", mine)
    assert clash.status_code == 409
    assert re.findall(r'<th scope="row">联系人</th><td>(.*?)</td><td><b>(.*?)</b>', clash.text) == [("别人", "我")]
    assert unit_row(city_app, 6).contact == "别人"


def test_the_last_city_centre_cannot_be_switched_off(admin: Person, city_app: Flask) -> None:
    with city_app.app_context(), work():
        centre = session().scalars(select(Unit.id).where(Unit.unit_type == "市级指挥中心")).one()
    form = opened(admin, f"/admin/units/{centre}")
    form.pop("is_active")
    answer = send(admin, f"/admin/units/{centre}", form)
    assert answer.status_code == 409
    assert "最后一个市级指挥中心" in answer.text
    assert unit_row(city_app, centre).is_active


# --- classes and limits ---


def limit_of(app: Flask, code: str, no: int) -> str:
    with app.app_context(), work():
        return catalogue().condition(code, no).limit.text


def test_a_changed_limit_makes_a_new_version_and_counts_for_new_cases(admin: Person, city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)
    before = file_case(agent)
    form = opened(admin, "/admin/classes/C0103")
    changed = {**form, "value_1": "3", "unit_1": "work_hour", "note": "夜间无人"}
    assert send(admin, "/admin/classes/C0103", changed).status_code == 303
    assert "目录版本 v2 生效" in admin.get("/admin/classes/C0103").text
    assert file_case(agent)["limit_text"] == "3 工作时"
    assert agent.get(f"/api/v1/cases/{before['id']}").json["limit_text"] == "2 紧急工作时"
    line = newest_line(admin, "kind=catalogue.")
    assert re.search(r"C0103 雨水井盖 1：\s*2 紧急工作时\s*→\s*3 工作时", line)


@pytest.mark.parametrize(
    ("change", "at"),
    [({"value_1": value}, "value_1") for value in ("", "0", "-1", "366", "2.5", "二", "²", "9" * 40)]
    + [({"unit_2": "moon"}, "unit_2")],
)
def test_a_limit_that_is_none_is_refused(admin: Person, city_app: Flask, change: dict[str, str], at: str) -> None:
    form = opened(admin, "/admin/classes/C0103") | change
    assert form.pop("safety_critical") == "1"
    answer = send(admin, "/admin/classes/C0103", form)
    assert answer.status_code == 422
    assert list(faults(answer.text)) == [at]
    assert "safety_critical" not in form_on(answer.text), "the box that was unticked is ticked again"
    assert limit_of(city_app, "C0103", 1) == "2 紧急工作时"


def test_nothing_changed_makes_no_version(admin: Person) -> None:
    answer = send(admin, "/admin/classes/C0103", opened(admin, "/admin/classes/C0103"))
    assert answer.status_code == 422
    assert "没有任何改动" in answer.text


def test_limits_changed_meanwhile_are_a_conflict_that_shows_both(admin: Person, city_app: Flask) -> None:
    mine = {**opened(admin, "/admin/classes/C0103"), "value_1": "7"}
    send(admin, "/admin/classes/C0103", {**mine, "value_1": "5"})
    clash = send(admin, "/admin/classes/C0103", mine)
    assert clash.status_code == 409
    assert re.findall(r"<td>(5 紧急工作时)</td><td><b>(7 紧急工作时)</b>", clash.text)
    assert limit_of(city_app, "C0103", 1) == "5 紧急工作时"
    assert send(admin, "/admin/classes/C0103", form_on(clash.text)).status_code == 303
    assert limit_of(city_app, "C0103", 1) == "7 紧急工作时"


def test_all_184_classes_are_listed_and_found(admin: Person) -> None:
    assert "共 184 条" in admin.get("/admin/classes").text
    assert "雨水井盖" in admin.get("/admin/classes?q=雨水井").text
    assert "C0103" in admin.get("/admin/classes?q=c0103").text
    assert ">E" not in admin.get("/admin/classes?kind=component").text.split("<tbody>")[1].split("</tbody>")[0]
    assert admin.get("/admin/classes/X9999", headers=HTML).status_code == 404


# --- rules ---


def test_trying_a_rule_explains_who_would_get_it(admin: Person, city_app: Flask) -> None:
    expected = file_case(somebody(city_app, Role.AGENT))
    page = admin.get("/admin/rules?class=C0103&place=330212008").text
    answer = re.search(r'<div class="answer">.*?</div>', page, re.S)
    assert answer
    assert expected["unit"]["name"] in answer.group()
    assert html.escape(expected["routing"]["explanation"]) in answer.group()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("class=X1&place=330212008", "目录中没有类别"),
        ("class=C0103&place=999999", "地点的区、街道、社区不相符"),
        ("class=C0103&place=abc", "区域不存在"),
    ],
)
def test_trying_nonsense_is_told_in_words(admin: Person, question: str, told: str) -> None:
    page = admin.get(f"/admin/rules?{question}", headers=HTML)
    assert page.status_code == 200
    assert told in page.text


def test_a_new_first_rule_decides_at_once_until_it_is_switched_off(admin: Person, city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)
    before = file_case(agent)["unit"]["id"]
    other = next(number for number in (5, 6) if number != before)
    form = {
        "subject_kind": "class", "subject": "C0103", "area_code": "330212", "unit_id": str(other), "position": "1",
        "note": "试行", "is_active": "1",
    }  # fmt: skip
    assert send(admin, "/admin/rules/new", form).status_code == 303
    moved = file_case(agent)
    assert moved["unit"]["id"] == other
    with city_app.app_context(), work():
        rule = session().scalars(select(RoutingRule).where(RoutingRule.note == "试行")).one()
    switch = {"version": str(rule.version), "to": "off"}
    assert send(admin, f"/admin/rules/{rule.id}/switch", switch).status_code == 303
    assert "规则已停用" in admin.get(f"/admin/rules/{rule.id}").text
    assert file_case(agent)["unit"]["id"] == before
    send(admin, f"/admin/rules/{rule.id}/switch", {**switch, "to": "on"})
    assert STALE in admin.get(f"/admin/rules/{rule.id}").text
    assert not rule_row(city_app, rule.id).is_active
    assert "停用规则" in newest_line(admin, f"subject=rule&id={rule.id}")


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "C9999"}, "subject"),
        ({"subject_kind": "any", "subject": "C0103"}, "subject"),
        ({"subject_kind": "unit_type", "subject": "没有的类型"}, "subject"),
        ({"subject_kind": "moon"}, "subject_kind"),
        ({"unit_id": "999999"}, "unit_id"),
        ({"unit_id": ""}, "unit_id"),
        ({"area_code": "999999"}, "area_code"),
        ({"position": "0"}, "position"),
        ({"position": "erste"}, "position"),
        ({"valid_from": "31.12.2026"}, "valid_from"),
        ({"valid_from": "2026-12-31", "valid_to": "2026-01-01"}, "valid_to"),
        ({"note": "长" * 201}, "note"),
    ],
)
def test_a_wrong_rule_is_refused_beside_its_field(
    admin: Person, city_app: Flask, change: dict[str, str], at: str
) -> None:
    before = rule_row(city_app, 2).version
    answer = send(admin, "/admin/rules/2", {**opened(admin, "/admin/rules/2"), **change})
    assert answer.status_code == 422
    assert list(faults(answer.text)) == [at]
    assert rule_row(city_app, 2).version == before


def test_what_a_choice_no_longer_offers_stays_chosen_until_somebody_chooses_anew(
    admin: Person, city_app: Flask
) -> None:
    with city_app.app_context(), work():
        merged = session().scalars(select(RoutingRule).where(RoutingRule.area_code == "330204")).first()
        article = session().scalars(select(Article).where(Article.unit_id.is_(None))).first()
        assert merged is not None
        assert article is not None
        session().get_one(Unit, merged.unit_id).is_active = False
    rule = opened(admin, f"/admin/rules/{merged.id}")
    assert (rule["area_code"], rule["unit_id"]) == ("330204", str(merged.unit_id))
    assert opened(admin, f"/admin/articles/{article.id}")["unit_id"] == ""


def test_a_rule_changed_meanwhile_is_a_conflict_and_both_are_in_the_audit(admin: Person, city_app: Flask) -> None:
    mine = {**opened(admin, "/admin/rules/2"), "note": "我的"}
    send(admin, "/admin/rules/2", {**mine, "valid_to": "2027-01-01"})
    clash = send(admin, "/admin/rules/2", mine)
    assert clash.status_code == 409
    assert re.findall(r'<th scope="row">失效日期</th><td>(.*?)</td><td><b>(.*?)</b>', clash.text) == [
        ("2027-01-01", "—")
    ]
    assert re.search(r"失效日期：\s*—\s*→\s*2027-01-01", newest_line(admin, "subject=rule&id=2"))


# --- audit ---


def test_the_audit_shows_no_callers_and_no_words_of_theirs(admin: Person, city_app: Flask) -> None:
    case = file_case(somebody(city_app, Role.AGENT), description="李大爷说 13712345678 打不通")
    page = admin.get(f"/admin/audit?subject=case&id={case['id']}").text
    assert case["number"] in page
    for secret in ("李大爷", "13712345678", "周女士", "13800001234"):
        assert secret not in page


def test_the_audit_is_read_page_by_page_without_gap_or_repetition(admin: Person) -> None:
    seen: list[str] = []
    path = "/admin/audit?kind=case."
    for _ in range(3):
        page = admin.get(path).text
        seen += re.findall(r'<td class="num tight">(\d{4}-\d\d-\d\d [\d:]+)</td>', page)
        older = re.search(r'href="([^"]*before=\d+)" rel="next"', page)
        assert older
        path = html.unescape(older.group(1))
        assert "kind=case." in path
    assert len(seen) == 150


def test_the_audit_filters_by_person(admin: Person, city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT, nth=5)
    case = file_case(agent)
    page = admin.get("/admin/audit?person=1006").text
    assert case["number"] in page
    assert set(re.findall(r'<td class="tight">([^<]+)</td>', page)) == {agent.name}
    assert "没有符合条件的记录" in admin.get("/admin/audit?person=没有这个人").text


@pytest.mark.parametrize(
    "query", ["before=abc", f"before={'9' * 40}", "id=-1&subject=case", "kind=%25", "subject=moon"]
)
def test_odd_questions_to_the_audit_get_a_page(admin: Person, query: str) -> None:
    assert admin.get(f"/admin/audit?{query}", headers=HTML).status_code == 200


# --- language ---


def test_the_administration_speaks_english(admin: Person, city_app: Flask) -> None:
    for path in (
        "",
        "/people",
        "/people/1",
        "/units",
        "/units/1",
        "/classes",
        "/classes/C0103",
        "/rules",
        "/rules/1",
        "/audit",
    ):
        page = admin.get(f"/admin{path}?lang=en").text
        assert "Administration" in page
        shown = re.sub(r"<[^>]+>", " ", page)
        assert not re.findall(r"\b(?:admin|app|doors|error)\.[a-z_.]+", shown), path
    file_case(somebody(city_app, Role.AGENT))
    assert "Taken in" in admin.get("/admin/audit?subject=case&lang=en").text
