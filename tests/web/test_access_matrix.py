"""Every role at every route with a case that is none of its business: refused, unchanged, and not a word of it shown.

The rule itself is in app/cases/visibility.py; here it is tried from outside, over all routes that exist.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from app import clock
from app.accounts.models import Account
from app.accounts.roles import Role
from app.calls.models import Call, CallState
from app.cases.models import VoiceNote
from app.cases.terms import Action
from app.db import session, transaction, work
from app.followup.models import CallBack, Kind, Reason
from app.incidents.models import Incident
from app.incidents.models import State as IncidentState
from app.supervision import queries as supervision
from app.supervision.models import SupervisionOrder
from app.supervision.queries import LampFilter
from tests.support.people import Person, bystander, file_case, picture, somebody, stored, unit_above

STREET, ELSEWHERE, OTHER_STREET = "330212008", "330203", "330212001"
CALLER, PHONE = "周小满", "13987654321"
SECRETS = ("澄浪潭东弄", "独门独井", CALLER, PHONE)
HTML = {"Accept": "text/html"}
# Doors without a person behind them, the machines' entrance, and pages tried in test_every_route.
# Entered without a session, tried by pages of their own, or, like the knowledge base, about no case.
NOT_HERE = (
    "/socket.io",
    "/telephony",
    "/static",
    "/c/",
    "/t/",
    "/demo",
    "/admin",
    "/logout",
    "/login",
    "/api/v1/articles",
)
# What a route needs to look at the object at all, instead of at what was sent.
BODIES: dict[str, dict[str, Any]] = {
    "calls.mute": {"on": True},
    "calls.hold": {"on": True},
    "calls.transfer": {"number": "120"},
    "cases.hide_photo": {"reason": "试一试"},
    "calls.dispose": {"kind": "urged"},
    "calls.save_draft": {"form": {}},
    "cases.edit_case": {"description": "改一改试试"},
    "followup.promise": {"until": "2027-01-31T00:00:00Z"},
    "followup.complete_call_back": {"contacted": False},
    "threads.write_message": {"text": "您好"},
    "incidents.confirm_incident": {"announcement": "目前停水，正在抢修。"},
    "incidents.change_incident": {"announcement": "目前停水，正在抢修。"},
    "incidents.dismiss_incident": {"reason": "试一试"},
    "incidents.end_incident": {"fixed": True, "reason": "试一试"},
    "incidents.attach_cases": {"case_ids": [1]},
    "incidents.join_draft": {"case_id": 1},
}
FACTS = {"reason": "试一试", "result": "试一试", "crew": "一班", "until": "2027-01-31T00:00:00Z"}


@dataclass(frozen=True)
class Foreign:
    """A case with everything that hangs on it, by the names of the routes' arguments."""

    case: dict[str, Any]
    values: dict[str, Any]

    @property
    def id(self) -> int:
        return int(self.case["id"])


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def foreign(city_app: Flask, agent: Person) -> Foreign:
    """A confidential caller's case in 鄞州, with a photograph, a call and an order, which its first unit gave back."""
    filed = file_case(
        agent,
        address="澄浪潭东弄 8 号",
        description=f"独门独井的盖子没了。我是{CALLER}，电话{PHONE}",
        reporter_name=CALLER,
        reporter_phone=PHONE,
        confidential=True,
        street=STREET,
    )
    path = f"/api/v1/cases/{filed['id']}"
    photo = agent.upload(f"{path}/attachments", picture(), "report").json["attachment"]["id"]
    chief = somebody(city_app, Role.SUPERVISOR)
    chief.post(f"{path}/actions/supervise", {"reason": f"请速办，{CALLER} {PHONE}"}, version=_version(city_app, filed))
    given = hand_over(city_app, filed, _another(city_app, filed["unit"]["id"]))
    with city_app.app_context(), transaction():
        order = session().scalars(select(SupervisionOrder.id).where(SupervisionOrder.case_id == filed["id"])).one()
        call, note = _call(filed["id"]), _voice_note(filed["id"], given["unit"]["id"])
        task, incident = _call_back(filed["id"]), _incident(filed["id"])
    values = {
        "case_id": filed["id"],
        "number": filed["number"],
        "attachment_id": photo,
        "order_id": order,
        "call_id": call,
        "task_id": task,
        "note_id": note,
        "draft_id": filed["id"],
        "incident_id": incident,
        "action": "urge",
        "outcome_id": 1,
        "article_id": 1,
        "proposal_id": 1,
    }
    return Foreign({**given, "former_unit": filed["unit"]["id"]}, values)


def _call_back(case_id: int) -> int:
    now = clock.now()
    task = CallBack(case_id=case_id, kind=Kind.PROMISE, round=0, reason=Reason.MISSED, created_at=now, next_at=now,
                    due_at=now, remark=f"{CALLER} {PHONE}")  # fmt: skip
    session().add(task)
    session().flush()
    return task.id


def hand_over(app: Flask, case: dict[str, Any], unit_id: int) -> dict[str, Any]:
    path, facts = f"/api/v1/cases/{case['id']}/actions/reassign", {"unit_id": unit_id, "reason": "片区调整"}
    answer = somebody(app, Role.SUPERVISOR).post(path, facts, version=_version(app, case))
    assert answer.status_code == 200, answer.json
    given: dict[str, Any] = answer.json
    return given


def _version(app: Flask, case: dict[str, Any]) -> int:
    return stored(app, case["id"]).version


def _another(app: Flask, unit_id: int) -> int:
    return bystander(app, unit_id, area="330212").unit_id or 0


def _call(case_id: int) -> int:
    now = clock.now()
    facts = {"caller_number": f"+86{PHONE}", "called": "96310", "case_id": case_id, "heard": "独门独井"}
    call = Call(sid="CA-foreign", state=CallState.ENDED, started_at=now, last_contact_at=now, **facts)
    session().add(call)
    session().flush()
    return call.id


def _voice_note(case_id: int, unit_id: int) -> int:
    facts = {"purpose": "result", "round": 0, "recording_sid": "RE-foreign", "recording_url": "https://carrier/RE"}
    note = VoiceNote(case_id=case_id, unit_id=unit_id, at=clock.now(), **facts)
    session().add(note)
    session().flush()
    return note.id


def _incident(case_id: int) -> int:
    """Of the case's street, with the case as the one that is worked on."""
    now = clock.now()
    row = Incident(
        state=IncidentState.CONFIRMED,
        matter="other:C0103",
        area_code=STREET,
        class_code="C0103",
        class_name="雨水井盖",
        title="澄浪潭东弄一带井盖",
        classes=["C0103"],
        spoken="井盖丢失",
        people_needed=6,
        minutes=60,
        case_ids=[case_id],
        announcement="澄浪潭东弄一带井盖正在更换。",
        main_case_id=case_id,
        opened_at=now,
        decided_at=now,
        first_at=now,
        last_at=now,
    )
    session().add(row)
    session().flush()
    return row.id


def strangers(app: Flask, foreign: Foreign) -> Iterator[tuple[str, Person]]:
    """Whoever must not know the case, each for a reason of their own."""
    for role in (Role.INSPECTOR, Role.LEADER, Role.DISPATCHER):
        yield f"{role} of another district", somebody(app, role, area=ELSEWHERE)
    yield "leader of another street", moved(app, somebody(app, Role.LEADER, area=STREET), OTHER_STREET)
    yield "leader of another community", moved(app, somebody(app, Role.LEADER, area=ELSEWHERE), f"{STREET}999")
    yield "unit that had it before", somebody(app, Role.HANDLER, unit_id=foreign.case["former_unit"])
    known = (foreign.case["former_unit"], foreign.case["unit"]["id"])
    yield "unit beside it that never had it", bystander(app, *known, area="330212")
    yield "unit above others", unit_above(app, bystander(app, *known, area=ELSEWHERE).unit_id or 0)


def units_above(app: Flask, foreign: Foreign) -> Iterator[tuple[str, Person]]:
    """They look down upon it, and that is all."""
    near = unit_above(app, foreign.case["unit"]["id"])
    yield "unit above", near
    yield "unit above that", unit_above(app, near.unit_id or 0)


def moved(app: Flask, person: Person, area: str) -> Person:
    """The same person, with another area from now on."""
    with app.app_context(), transaction():
        session().get_one(Account, person.account_id).area_code = area
    return person


def rules(app: Flask, *, with_object: bool) -> list[tuple[Rule, str]]:
    found = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(NOT_HERE)]
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"} if with_object else {"GET"}
    return [
        (rule, method)
        for rule in found
        if bool(rule.arguments) == with_object
        for method in sorted((rule.methods or set()) & methods)
    ]


def address(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    unknown = rule.arguments - set(values)
    assert not unknown, f"{rule.rule}: say in this test what {unknown} stands for"
    with app.test_request_context():
        return str(rule.build({name: values[name] for name in rule.arguments})[1])  # type: ignore[index]


def send(person: Person, rule: Rule, method: str, path: str, version: int) -> Any:
    headers = {"X-CSRF-Token": person.csrf, "If-Match": f'"{version}"'}
    if rule.endpoint == "cases.add_attachment":
        form = {"file": (io.BytesIO(picture()), "photo.png"), "purpose": "result"}
        return person.client.post(path, data=form, headers=headers)
    options: dict[str, Any] = {} if method == "GET" else {"json": BODIES.get(rule.endpoint, {})}
    return person.client.open(path, method=method, headers=headers, **options)


def leaked(answer: Any) -> list[str]:
    text = answer.get_data().decode("utf-8", "replace")
    answer.close()
    return [secret for secret in SECRETS if secret in text]


def is_refused(rule: Rule, answer: Any) -> bool:
    """The supervisors' forms come back to their list and say there why not."""
    back = rule.rule.startswith("/supervision") and answer.status_code == 303
    return back or answer.status_code in (403, 404)


def test_no_route_shows_or_changes_a_case_of_somebody_elses(city_app: Flask, foreign: Foreign) -> None:
    before = _version(city_app, foreign.case)
    for who, person in strangers(city_app, foreign):
        for rule, method in rules(city_app, with_object=True):
            answer = send(person, rule, method, address(city_app, rule, foreign.values), before)
            assert is_refused(rule, answer), f"{who}: {method} {rule.rule}: {answer.status_code}"
            assert leaked(answer) == [], f"{who}: {method} {rule.rule}"
        assert leaked(person.get("/supervision", headers=HTML)) == [], f"{who} is told afterwards"
    assert _version(city_app, foreign.case) == before


def test_no_action_of_the_workflow_is_open_to_them(city_app: Flask, foreign: Foreign) -> None:
    before = _version(city_app, foreign.case)
    for who, person in strangers(city_app, foreign):
        for action in Action:
            answer = person.post(f"/api/v1/cases/{foreign.id}/actions/{action}", FACTS, version=before)
            assert answer.status_code == 404, f"{who}: {action}: {answer.status_code}"
    assert _version(city_app, foreign.case) == before


def test_no_list_search_or_page_holds_a_foreign_case(city_app: Flask, foreign: Foreign) -> None:
    unit = foreign.case["unit"]["id"]
    queries = {
        "/api/v1/cases": (
            "",
            "?q=澄浪潭",
            f"?q={PHONE}",
            f"?q={foreign.case['number']}",
            f"?unit={unit}",
            "?state=open",
        ),
        "/supervision": ("", f"?area={STREET}", f"?unit={unit}", "?lamp=green"),
        "/api/v1/cases/nearby": (f"?class_code=C0103&district=330212&street={STREET}&address=澄浪潭东弄",),
    }
    for who, person in strangers(city_app, foreign):
        for rule, _ in rules(city_app, with_object=False):
            for query in queries.get(rule.rule, ("",)):
                answer = person.get(rule.rule + query)
                text = answer.get_data(as_text=True)
                assert leaked(answer) == [], f"{who}: {rule.rule}{query}"
                assert foreign.case["number"] not in text.replace(query, ""), f"{who}: {rule.rule}{query}"


def test_a_foreign_case_is_in_no_count(city_app: Flask, agent: Person, foreign: Foreign) -> None:
    people = list(strangers(city_app, foreign))
    own = somebody(city_app, Role.LEADER, area="330212")
    before, mine = [counted(city_app, person) for _, person in people], counted(city_app, own)
    more = file_case(agent, address="澄浪潭东弄 9 号", street=STREET)
    hand_over(city_app, more, foreign.case["unit"]["id"])
    for (who, person), known in zip(people, before, strict=True):
        assert counted(city_app, person) == known, who
    assert counted(city_app, own) != mine


def test_the_units_above_look_at_it_and_neither_act_nor_learn_who_called(city_app: Flask, foreign: Foreign) -> None:
    before = _version(city_app, foreign.case)
    caller = {CALLER, PHONE}
    for who, person in units_above(city_app, foreign):
        for rule, method in rules(city_app, with_object=True):
            answer = send(person, rule, method, address(city_app, rule, foreign.values), before)
            assert is_refused(rule, answer) or method == "GET", f"{who}: {method} {rule.rule}: {answer.status_code}"
            assert caller.isdisjoint(leaked(answer)), f"{who}: {method} {rule.rule}"
        for action in Action:
            answer = person.post(f"/api/v1/cases/{foreign.id}/actions/{action}", FACTS, version=before)
            assert answer.status_code in (403, 404), f"{who}: {action}: {answer.status_code}"
        seen = person.get(f"/api/v1/cases/{foreign.id}").json
        assert (seen["reporter"], seen["actions"]) == (None, []), who
        assert person.get(f"/api/v1/cases?q={PHONE}").json["items"] == [], who
        assert not leaked(person.get("/api/v1/desk/snapshot")), f"{who}: it lies on the desk"
        assert not leaked(person.get("/api/v1/desk/cases?folder=todo&q=澄浪潭")), f"{who}: it lies on the desk"
    assert _version(city_app, foreign.case) == before


def counted(app: Flask, person: Person) -> list[Any]:
    """All the figures about cases that the person is shown."""
    with app.app_context(), work():
        viewer = session().get_one(Account, person.account_id).as_principal()
        found: list[Any] = [supervision.lamp_counts(viewer, LampFilter())]
    if person.unit_id is not None:
        found.append(person.get("/api/v1/desk/snapshot").json["counts"])
    wall = person.get("/api/v1/wall/snapshot")
    if wall.status_code == 200:
        found += [wall.json[part] for part in ("tiles", "districts", "hotspots", "top_classes")]
        found += [{line["code"]: line["open"] for line in wall.json["ranking"]}]
        found += [{line["id"] for line in wall.json["overdue"]}]
    return found


def test_whoever_it_concerns_finds_it_at_all_these_places(city_app: Flask, foreign: Foreign) -> None:
    """Else the tests above would pass with an empty city."""
    community = moved(city_app, somebody(city_app, Role.LEADER, area="330205"), STREET)
    own = {
        "agent": somebody(city_app, Role.AGENT),
        "city's dispatcher": somebody(city_app, Role.DISPATCHER, area="3302"),
        "district's dispatcher": somebody(city_app, Role.DISPATCHER, area="330212"),
        "inspector": somebody(city_app, Role.INSPECTOR, area="330212"),
        "leader of the city": somebody(city_app, Role.LEADER, area="3302"),
        "leader of the district": somebody(city_app, Role.LEADER, area="330212"),
        "leader of the street": community,
        "unit": somebody(city_app, Role.HANDLER, unit_id=foreign.case["unit"]["id"]),
        "administrator": somebody(city_app, Role.ADMINISTRATOR),
        **dict(units_above(city_app, foreign)),
    }
    for who, person in own.items():
        for path in (
            "/api/v1/cases/{case_id}",
            "/api/v1/attachments/{attachment_id}",
            "/cases/{number}/accountability",
        ):
            answer = person.get(path.format(**foreign.values), headers=HTML)
            assert answer.status_code == 200, f"{who}: {path}"
            answer.close()
        assert [each["id"] for each in person.get("/api/v1/cases?q=澄浪潭").json["items"]] == [foreign.id], who


def test_a_districts_dispatcher_files_and_previews_in_the_district_only(city_app: Flask) -> None:
    dispatcher = somebody(city_app, Role.DISPATCHER, area=ELSEWHERE)
    place = {"class_code": "C0103", "condition_no": 1, "district": "330212", "street": STREET}
    assert dispatcher.post("/api/v1/routing/preview", place).status_code == 403
    new = {**place, "description": "井盖不见了", "address": "百丈路"}
    assert dispatcher.post("/api/v1/cases", new).status_code == 403
    at_home = {"district": ELSEWHERE, "street": f"{ELSEWHERE}008"}
    assert dispatcher.post("/api/v1/routing/preview", {**place, **at_home}).status_code == 200
    assert dispatcher.post("/api/v1/cases", {**new, **at_home}).status_code == 201
