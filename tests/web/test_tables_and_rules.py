"""Catalogue, calendars, rules and units as administrators edit them: preview first, all or nothing."""

import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.accounts.models import Account
from app.accounts.roles import Role
from app.cases.models import Case
from app.catalogue.queries import catalogue
from app.db import session, transaction, work
from app.network.models import NetworkStamp, RoutingRule, Unit
from app.network.service import knows_pin, renew_stamp
from app.web.administration.blueprint import attempt
from tests.support.people import Person, file_case, somebody
from tests.web.test_administration import HTML, faults, newest_line, opened, send


@pytest.fixture
def admin(city_app: Flask) -> Person:
    return somebody(city_app, Role.ADMINISTRATOR)


def export(admin: Person, kind: str, form: str = "csv") -> Any:
    answer = admin.get(f"/admin/{kind}/export.{form}")
    assert answer.status_code == 200
    return answer.data.decode("utf-8-sig") if form == "csv" else answer.data


def upload(admin: Person, kind: str, text: str | bytes, name: str = "table.csv") -> Any:
    data = text.encode() if isinstance(text, str) else text
    form = {"file": FileStorage(io.BytesIO(data), name), "csrf_token": admin.csrf}
    # Encoded here: the test client would leave a temporary file open for anything large.
    boundary, body = encode_multipart(form)
    kind_of_body = f'multipart/form-data; boundary="{boundary}"'
    return admin.client.post(f"/admin/{kind}/import", data=body, content_type=kind_of_body, headers=HTML)


def confirm(admin: Person, kind: str, preview: Any, **more: str) -> Any:
    sealed = re.search(r'name="sealed" value="([^"]+)"', preview.text)
    assert sealed, "nothing to confirm"
    return send(admin, f"/admin/{kind}/import/confirm", {"sealed": html.unescape(sealed.group(1)), **more})


def counts(preview: Any) -> list[int]:
    """Added, changed, removed."""
    return [int(each) for each in re.findall(r'class="tag \w+ num">\D*(\d+)', preview.text)][:3]


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def ask(app: Flask, query: Any) -> Any:
    with app.app_context(), work():
        return session().scalar(query)


# --- the catalogue ---


@pytest.mark.parametrize("kind", ["classes", "units", "rules", "holidays", "hours"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_taken_out_changes_nothing_when_it_is_brought_in(admin: Person, kind: str, form: str) -> None:
    preview = upload(admin, kind, export(admin, kind, form), f"table.{form}")
    assert preview.status_code == 200
    assert counts(preview) == [0, 0, 0]
    assert 'name="sealed"' not in preview.text


def test_an_import_shows_what_changes_and_then_is_a_new_version(admin: Person, city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)
    before = file_case(agent)
    text = export(admin, "classes")
    line = next(each for each in text.splitlines() if each.startswith("C0103,") and ",1,盖板" in each)
    changed = text.replace(line, line.replace(",2,紧急工作时,,,,", ",5,工作时,7,工作日,,"))
    preview = upload(admin, "classes", changed)
    assert counts(preview) == [0, 1, 0]
    assert re.search(r"C0103 1 时限 2 → 5 .*时限单位 紧急工作时 → 工作时 .*B类区域时限 7", words(preview.text))
    with city_app.app_context(), work():
        assert catalogue().number == 1
    answer = confirm(admin, "classes", preview, note="年度修订")
    assert (answer.status_code, answer.location) == (303, "/admin/classes")
    assert file_case(agent)["limit_text"] == "5 工作时"
    assert agent.get(f"/api/v1/cases/{before['id']}").json["limit_text"] == "2 紧急工作时"
    versions = words(admin.get("/admin/classes/versions").text)
    assert re.search(r"v2 现行 .*年度修订 184 与 v1 比较", versions)
    assert "2 紧急工作时" in words(admin.get("/admin/classes/versions/1?q=C0103").text)
    difference = words(admin.get("/admin/classes/versions/compare?from=1&to=2").text)
    assert "C0103 1 时限 2 → 5" in difference


def test_the_limit_of_a_b_area_holds_for_cases_filed_there(admin: Person, city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)
    case = file_case(agent)
    entry = opened(admin, f"/admin/classes/{case['class_code']}")
    no = case["condition_no"]
    entry |= {f"value_b_{no}": "9", f"unit_b_{no}": "work_day", "safety_critical": "1"}
    assert send(admin, f"/admin/classes/{case['class_code']}", entry).status_code == 303
    assert file_case(agent)["limit_text"] == case["limit_text"]
    place = case["district"]["code"]
    assert send(admin, "/admin/areas", {"district": place, f"category_{place}": "B"}).status_code == 303
    assert file_case(agent)["limit_text"] == "9 工作日"
    assert "修改区域类别" in newest_line(admin, "kind=area.")


def test_one_bad_row_stops_the_whole_import_and_is_named(admin: Person, city_app: Flask) -> None:
    text = export(admin, "classes").replace(",紧急工作时,", ",光年,", 2)
    refused = upload(admin, "classes", text)
    assert refused.status_code == 422
    told = words(refused.text)
    assert "导入被拒绝：2 处有误，未写入任何数据" in told
    assert re.search(r"第 \d+ 行：“时限单位”只能是 紧急工作时、工作时、工作日、自然日，而不是“光年”", told)
    assert 'name="sealed"' not in refused.text
    with city_app.app_context(), work():
        assert catalogue().number == 1


@pytest.mark.parametrize(
    ("data", "status", "told"),
    [
        (b"", 422, "文件是空的"),
        (b"\x89PNG\x00\xff", 415, "不是 CSV 或 XLSX 文件"),
        (b"PK\x03\x04 no zip", 415, "可能已损坏"),
        ("编码\n1\n".encode(), 422, "文件缺少列"),
        (b"x" * 4_000_001, 413, "文件超过 4 MB"),
    ],
)
def test_what_is_no_table_is_refused_in_words(admin: Person, data: bytes, status: int, told: str) -> None:
    refused = upload(admin, "classes", data)
    assert refused.status_code == status
    assert told in refused.text


def test_a_forged_an_old_and_a_strangers_preview_are_refused(admin: Person, city_app: Flask) -> None:
    forged = send(admin, "/admin/classes/import/confirm", {"sealed": "eyJyb3dzIjpbXX0.x.y"})
    assert (forged.status_code, "预览已过期" in forged.text) == (422, True)
    preview = upload(admin, "classes", export(admin, "classes").replace("雨水井盖", "雨水井的盖"))
    changed = {**opened(admin, "/admin/classes/C0103"), "value_1": "9"}
    assert send(admin, "/admin/classes/C0103", {**changed, "safety_critical": "1"}).status_code == 303
    late = confirm(admin, "classes", preview)
    assert (late.status_code, "已被他人修改" in late.text) == (409, True)
    other = somebody(city_app, Role.ADMINISTRATOR)
    assert (
        confirm(
            other, "units", upload(admin, "classes", export(admin, "classes").replace("井盖", "井口盖"))
        ).status_code
        == 422
    )


def test_exported_texts_are_no_formulas(admin: Person) -> None:
    form = {**opened(admin, "/admin/classes/C0103"), "name": "=HYPERLINK(1)", "safety_critical": "1"}
    assert send(admin, "/admin/classes/C0103", form).status_code == 303
    assert ",'=HYPERLINK(1)," in export(admin, "classes")
    sheet = load_workbook(io.BytesIO(export(admin, "classes", "xlsx"))).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert counts(upload(admin, "classes", export(admin, "classes"))) == [0, 0, 0]


def test_a_condition_is_added_and_another_removed(admin: Person, city_app: Flask) -> None:
    form = opened(admin, "/admin/classes/C0103") | {"safety_critical": "1", "remove_4": "1"}
    form |= {"text_5": "盖上有异响", "closing_5": "无异响", "value_5": "3", "unit_5": "work_day"}
    assert send(admin, "/admin/classes/C0103", form).status_code == 303
    with city_app.app_context(), work():
        assert [each.no for each in catalogue().class_of("C0103").conditions] == [1, 2, 3, 5]
    assert "盖上有异响" in newest_line(admin, "kind=catalogue.")


# --- calendars ---


def calendar_form(admin: Person, **change: str) -> dict[str, str]:
    page = admin.get("/admin/calendars", headers=HTML)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version
    return {"version": version.group(1), "do": "day", **change}


def open_working_case(app: Flask) -> Case | None:
    query = select(Case).where(Case.state.in_(["dispatched", "handling"]), Case.limit_unit == "work_day")
    found: Case | None = ask(app, query.order_by(Case.due_at.desc()).limit(1))
    return found


def test_a_new_holiday_shows_whose_deadline_moves_and_moves_it_only_on_request(admin: Person, city_app: Flask) -> None:
    case = open_working_case(city_app)
    assert case is not None
    assert case.due_at is not None
    day = f"{case.due_at:%Y-%m-%d}"
    form = calendar_form(admin, day=day, kind="holiday", name="台风停工")
    effect = send(admin, "/admin/calendars/3302", form)
    assert effect.status_code == 200
    assert re.search(r"[1-9]\d* 件未结案件的到期时间会变化", words(effect.text))
    assert case.number in effect.text
    saved = send(admin, "/admin/calendars/3302", {**form, "confirmed": "1"})
    assert saved.status_code == 303
    kept = ask(city_app, select(Case.due_at).where(Case.id == case.id))
    assert kept == case.due_at
    undo = calendar_form(admin, do="remove", day=day)
    assert send(admin, "/admin/calendars/3302", {**undo, "confirmed": "1"}).status_code == 303
    again = {**calendar_form(admin, day=day, kind="holiday", name="台风停工"), "confirmed": "1", "recalculate": "1"}
    assert send(admin, "/admin/calendars/3302", again).status_code == 303
    moved = ask(city_app, select(Case).where(Case.id == case.id))
    assert moved.due_at > case.due_at
    assert moved.version > case.version
    assert "工作日历调整" in "".join(moved.deadline_steps)
    assert "日历" in newest_line(admin, f"subject=case&id={case.id}")


def test_a_calendar_changed_meanwhile_is_a_conflict(admin: Person) -> None:
    form = {**calendar_form(admin, day="2027-03-08", kind="holiday", name="停工"), "confirmed": "1"}
    assert send(admin, "/admin/calendars/3302", form).status_code == 303
    assert send(admin, "/admin/calendars/3302", form).status_code == 409


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"day": "moon"}, "不是日期"),
        ({"day": "2026-11-25", "kind": "make_up"}, "本来就是工作日"),
        ({"name": ""}, "最多"),
        ({"do": "remove", "day": "2026-11-25"}, "不是特殊日"),
    ],
)
def test_a_senseless_day_is_refused(admin: Person, change: dict[str, str], told: str) -> None:
    form = calendar_form(admin, day="2027-03-08", kind="holiday", name="停工", confirmed="1")
    refused = send(admin, "/admin/calendars/3302", {**form, **change})
    assert refused.status_code in (404, 422)
    assert told in refused.text


def test_working_periods_that_overlap_are_refused_and_shown_again(admin: Person) -> None:
    form: dict[str, Any] = calendar_form(admin, do="hours")
    form |= {"weekdays": ["12345", "12345"], "starts": ["08:00", "11:00"], "ends": ["12:00", "13:00"]}
    form |= {"valid_from": ["", ""], "valid_to": ["", ""]}
    refused = send(admin, "/admin/calendars/3302", form)
    assert (refused.status_code, "与第 1 行重叠" in refused.text) == (422, True)
    assert 'value="13:00"' in refused.text
    form |= {"starts": ["08:00", "13:00"], "ends": ["12:00", "17:00"], "confirmed": "1"}
    assert send(admin, "/admin/calendars/3302", form).status_code == 303
    assert "13:00,17:00" in export(admin, "hours")


def test_a_holiday_file_with_a_gap_is_refused_with_its_row(admin: Person) -> None:
    text = export(admin, "holidays")
    assert "3302,2026-10-01,2026-10-07,放假,国庆节," in text
    split = "3302,2026-10-01,2026-10-02,放假,国庆节,\r\n3302,2026-10-05,2026-10-07,放假,国庆节,"
    refused = upload(admin, "holidays", text.replace("3302,2026-10-01,2026-10-07,放假,国庆节,", split))
    assert refused.status_code == 422
    assert re.search(r"第 \d+ 行：国庆节与第 \d+ 行之间缺 2026-10-03，假期必须连续", refused.text)


def test_a_district_gets_a_calendar_of_its_own(admin: Person) -> None:
    assert send(admin, "/admin/calendars", {"area": "330206"}).status_code == 303
    assert "330206,2026-10-01,2026-10-07" in export(admin, "holidays")
    assert send(admin, "/admin/calendars", {"area": "330206"}).status_code == 409


# --- rules ---


def other_unit(app: Flask, rule: RoutingRule) -> int:
    found: int = ask(app, select(Unit.id).where(Unit.id != rule.unit_id, Unit.is_active).limit(1))
    return found


def busy_rule(app: Flask) -> RoutingRule:
    """The rule that decides most of the demonstration's cases."""
    rule_id = Case.routing["rule_id"].as_integer()
    query = select(rule_id).where(rule_id.is_not(None)).group_by(rule_id).order_by(func.count().desc()).limit(1)
    found: RoutingRule = ask(app, select(RoutingRule).where(RoutingRule.id == ask(app, query)))
    return found


def test_a_dry_run_names_the_cases_that_would_go_elsewhere_and_saves_nothing(admin: Person, city_app: Flask) -> None:
    rule = busy_rule(city_app)
    form = {**opened(admin, f"/admin/rules/{rule.id}"), "unit_id": str(other_unit(city_app, rule))}
    form |= {"is_active": "1", "dry_run": "1", "samples": "200"}
    page = send(admin, f"/admin/rules/{rule.id}", form)
    assert page.status_code == 200
    moved = re.search(r"最近 \d+ 件案件中，(\d+) 件将改派", page.text)
    assert moved
    assert int(moved.group(1)) > 0
    assert ask(city_app, select(RoutingRule.version).where(RoutingRule.id == rule.id)) == rule.version
    switched_off = {name: value for name, value in form.items() if name != "is_active"}
    assert re.search(r"[1-9]\d* 件将改派", send(admin, f"/admin/rules/{rule.id}", switched_off).text)
    assert "0 件将改派" in send(admin, f"/admin/rules/{rule.id}", {**form, "unit_id": str(rule.unit_id)}).text


def test_a_rule_gives_co_units_and_crew_and_the_case_keeps_why(admin: Person, city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)
    first = file_case(agent)
    units = [each.id for each in _units(city_app, 3)]
    names = [each.name for each in _units(city_app, 3)]
    form = opened(admin, "/admin/rules/new") | {"subject_kind": "class", "subject": first["class_code"]}
    form |= {"unit_id": str(units[0]), "position": "1", "co_units": f"{names[1]}、{names[2]}", "crew": "夜班"}
    form |= {
        "is_active": "1",
        "time_from": "00:00",
        "time_to": "23:59",
        "most_load": "999",
        "duty_phone": "057455512345",
    }
    form |= {"season_from": "01-01", "season_to": "12-31", "condition_no": str(first["condition_no"])}
    answer = send(admin, "/admin/rules/new", form)
    assert answer.status_code == 303, faults(answer.text)
    case = ask(city_app, select(Case).where(Case.id == file_case(agent)["id"]))
    assert (case.unit_id, case.co_unit_ids, case.crew) == (units[0], units[1:], "夜班")
    assert case.routing["inputs"]["class_code"] == first["class_code"]
    assert case.routing["inputs"]["load"] >= 0
    assert case.routing["runner_up_id"] == first["unit"]["id"]
    assert "55512345" not in str(case.routing)
    listed = words(admin.get(f"/admin/rules?q={first['class_code']}").text)
    assert "2 个协办 夜班" in listed
    assert "在办少于 999 件时" in listed


def _units(app: Flask, count: int) -> list[Unit]:
    with app.app_context(), work():
        return list(session().scalars(select(Unit).where(Unit.level == "city").order_by(Unit.id).limit(count)))


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"time_from": "08:00"}, "time_to"),
        ({"season_from": "13-01", "season_to": "02-01"}, "season_to"),
        ({"most_load": "0"}, "most_load"),
        ({"condition_no": "x"}, "condition_no"),
        ({"co_units": "没有的单位"}, "co_units"),
        ({"duty_phone": "12"}, "duty_phone"),
    ],
)
def test_a_senseless_condition_of_a_rule_is_refused_beside_its_field(
    admin: Person, change: dict[str, str], at: str
) -> None:
    answer = send(admin, "/admin/rules/20", {**opened(admin, "/admin/rules/20"), "is_active": "1", **change})
    assert answer.status_code == 422
    assert at in faults(answer.text)


def test_a_rule_moves_past_its_neighbour(admin: Person, city_app: Flask) -> None:
    first, second = (ask(city_app, select(RoutingRule).where(RoutingRule.position == at)) for at in (20, 30))
    form = {"version": str(second.version), "to": "up", "page": "1"}
    assert send(admin, f"/admin/rules/{second.id}/move", form).status_code == 303
    assert ask(city_app, select(RoutingRule.position).where(RoutingRule.id == second.id)) == first.position
    assert ask(city_app, select(RoutingRule.position).where(RoutingRule.id == first.id)) == second.position
    send(admin, f"/admin/rules/{second.id}/move", form)
    assert "请刷新后再改" in admin.get("/admin/rules").text


def test_dead_and_shadowed_rules_and_holes_are_listed(admin: Person) -> None:
    everything = opened(admin, "/admin/rules/new") | {
        "subject_kind": "any",
        "subject": "*",
        "unit_id": "1",
        "position": "1",
    }
    assert send(admin, "/admin/rules/new", {**everything, "is_active": "1"}).status_code == 303
    assert "请注意：接下全市全部案件" in admin.get("/admin/rules").text
    behind = {**everything, "subject_kind": "class", "subject": "C0103", "position": "500", "is_active": "1"}
    assert send(admin, "/admin/rules/new", behind).status_code == 303
    assert "请注意：总被前面的规则抢先" in admin.get("/admin/rules").text
    page = words(admin.get("/admin/rules/faults").text)
    assert "接下全市全部案件，后面的规则失去作用" in page
    assert "总被前面的规则抢先： 规则 1" in page
    assert "已失效" in page
    assert "每个类别在每个地点都有规则" in page


def test_a_rule_file_is_tried_before_it_replaces_the_rules(admin: Person, city_app: Flask) -> None:
    rule = busy_rule(city_app)
    lines = export(admin, "rules").splitlines()
    kept = [line for line in lines if not line.startswith(f"{rule.id},")]
    new = f",5,,全部,*,{_units(city_app, 1)[0].code},,,,,08:00,18:00,,,,,,,试行,启用"
    preview = upload(admin, "rules", "\r\n".join([*kept, new]))
    assert counts(preview) == [1, 1, 0]
    assert re.search(r"最近 \d+ 件案件中，[1-9]\d* 件将改派", preview.text)
    assert confirm(admin, "rules", preview).status_code == 303
    assert ask(city_app, select(RoutingRule.is_active).where(RoutingRule.id == rule.id)) is False
    assert ask(city_app, select(RoutingRule.position).where(RoutingRule.note == "试行")) == 5
    assert "导入规则" in newest_line(admin, "kind=rule.")
    unit = _units(city_app, 1)[0].code
    bad = [
        ",5,,小类,X99,没有,,,,,,,,,,,,,,",
        f",5,,全部,*,{unit},,,,,08:00+08:00,18:00,,,,,,,,启用",
        f",5,,全部,*,{unit},,{'长' * 81},,,,,12345678,,,,,,,停用",
    ]
    refused = upload(admin, "rules", "\r\n".join([*lines, *bad]))
    assert refused.status_code == 422
    assert [f"第 {len(lines) + nth} 行" in refused.text for nth in (1, 2, 3)] == [True] * 3


def test_rules_that_are_off_with_their_unit_come_back_as_they_left(admin: Person, city_app: Flask) -> None:
    unit_id = busy_rule(city_app).unit_id
    with city_app.app_context(), transaction():
        session().execute(update(RoutingRule).where(RoutingRule.unit_id == unit_id).values(is_active=False))
        session().execute(update(Unit).where(Unit.id == unit_id).values(is_active=False))
        renew_stamp("routing")
    preview = upload(admin, "rules", export(admin, "rules"))
    assert (preview.status_code, counts(preview)) == (200, [0, 0, 0])


def test_units_that_return_to_each_other_are_listed(admin: Person, city_app: Flask) -> None:
    case = file_case(somebody(city_app, Role.AGENT))
    dispatcher, manager = somebody(city_app, Role.DISPATCHER, area="3302"), somebody(city_app, Role.SUPERVISOR)
    first, names = case["unit"], [case["unit"]["name"]]
    other = ask(city_app, select(Account.unit_id).where(Account.unit_id != first["id"]).limit(1))
    for unit_id, following, decider in ((first["id"], other, dispatcher), (other, first["id"], manager)):
        handler = somebody(city_app, Role.HANDLER, unit_id=unit_id)
        act(city_app, handler, case["id"], "return", {"reason": "不属本单位管辖"})
        act(city_app, decider, case["id"], "dispatch", {"unit_id": following, "reason": "请核实职责"})
    names.append(ask(city_app, select(Unit.name).where(Unit.id == other)))
    row = next(each for each in words(admin.get("/admin/rules/returns").text).split("主要类别") if names[1] in each)
    one, two = sorted(names)
    assert f"{one} {two} 1 1 {case['class_name']} 2" in row


def act(app: Flask, person: Person, case_id: int, action: str, facts: dict[str, Any]) -> None:
    version = ask(app, select(Case.version).where(Case.id == case_id))
    answer = person.post(f"/api/v1/cases/{case_id}/actions/{action}", facts, version=version)
    assert answer.status_code == 200, answer.json


# --- units ---


def test_a_units_pin_and_people_are_kept_and_never_shown(admin: Person, city_app: Flask) -> None:
    form = opened(admin, "/admin/units/5") | {"is_active": "1", "pin": "482913", "short_code": "7788"}
    form |= {"head_name": "赵主任", "head_phone": "13800002233", "leader_phone": "13800004455"}
    assert send(admin, "/admin/units/5", form).status_code == 303
    page = admin.get("/admin/units/5").text
    assert "482913" not in page
    assert "13800002233" not in page
    with city_app.app_context(), work():
        unit = session().get_one(Unit, 5)
        assert (unit.head_phone, unit.short_code) == ("+8613800002233", "7788")
        assert knows_pin(unit, "482913")
        assert not knows_pin(unit, "482914")
    line = newest_line(admin, "subject=unit&id=5")
    assert "PIN" in line
    assert "13800002233" not in line
    taken = opened(admin, "/admin/units/6") | {"is_active": "1", "short_code": "7788", "pin": "1111"}
    assert set(faults(send(admin, "/admin/units/6", taken).text)) == {"short_code", "pin"}


def test_units_come_in_as_a_table_parents_first_and_telephones_stay(admin: Person, city_app: Flask) -> None:
    lines = export(admin, "units").splitlines()
    phone = ask(city_app, select(Unit.duty_phone).where(Unit.id == 5))
    assert phone[-8:] not in "".join(lines)
    below = "9901-2,井盖抢修二班,市政设施管养单位,区级,330212,9901-1,电话,,0574-55512345,,,,,,,"
    above = "9901-1,井盖抢修大队,市政设施管养单位,区级,330212,,网页,,,,,,,,,"
    preview = upload(admin, "units", "\r\n".join([*lines, below, above]))
    assert counts(preview) == [2, 0, 0]
    assert confirm(admin, "units", preview).status_code == 303
    listed = words(admin.get("/admin/units?q=井盖抢修二班").text)
    assert "1 个电话接单单位还没有 PIN，请逐个设置：井盖抢修二班" in listed
    assert "未设 PIN" in listed
    parent = ask(city_app, select(Unit.parent_id).where(Unit.code == "9901-2"))
    assert parent == ask(city_app, select(Unit.id).where(Unit.code == "9901-1"))
    assert ask(city_app, select(Unit.duty_phone).where(Unit.id == 5)) == phone
    assert "井盖抢修二班" in admin.get("/admin/units/tree").text


def test_units_that_cannot_be_reached_stop_the_whole_file_and_are_all_named(admin: Person, city_app: Flask) -> None:
    header = export(admin, "units").splitlines()[0]
    rows = [
        "9901-1,井盖抢修大队,市政设施管养单位,区级,330212,,网页,,,,,,,,,",
        "9901-3,无电话队,市政,区级,330212,,短信,,,,,,,,,",
        "9901-4,座机队,市政,区级,330212,,短信,,0574-55512345,,,,,,,",
    ]
    refused = upload(admin, "units", "\r\n".join([header, *rows]))
    assert refused.status_code == 422
    assert "第 3 行：通过短信或电话接单的单位必须有值班电话" in refused.text
    assert "第 4 行：通过短信接单的单位，值班电话须是手机号码" in refused.text
    assert ask(city_app, select(Unit.id).where(Unit.code == "9901-1")) is None


def test_of_two_who_add_the_same_at_once_the_second_is_told_and_nothing_breaks(city_app: Flask) -> None:
    def add() -> str:
        session().add(NetworkStamp(name="routing", stamp="of a second writer"))
        session().flush()
        return ""

    with city_app.test_request_context():
        refusal = attempt(add)
    assert refusal is not None
    assert (refusal.status, refusal.is_conflict) == (409, True)


def test_the_new_pages_speak_english(admin: Person) -> None:
    for path in ("classes/versions", "calendars", "areas", "rules/faults", "units/tree", "rules/import"):
        page = words(admin.get(f"/admin/{path}?lang=en", headers=HTML).text)
        assert "admin." not in page, path
