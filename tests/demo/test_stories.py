"""The past that the demonstration invents must be as true as a real one: chains, clocks, rules, figures."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.accounts.models import Account
from app.accounts.roles import SYSTEM, Role
from app.calls.models import Call
from app.cases import workflow
from app.cases.deadlines import deadline_of
from app.cases.models import Case
from app.cases.numbers import next_number
from app.cases.photos import path_of
from app.cases.workflow import State
from app.catalogue.clocks import Clock, Limit
from app.catalogue.queries import calendar, catalogue
from app.demo.seed import seed
from app.desk.models import WaitingEntry
from app.events.models import Event
from app.events.queries import history
from app.events.verification import first_broken_line
from app.followup.models import CallBack
from app.followup.sweep import call_back_for_missed_promises
from app.messages.thread import unanswered
from app.network import queries
from app.network.models import Unit
from app.reports.wall import wall_figures
from telephony.numbers import is_mobile
from tests.demo.conftest import FILES, NOW

pytestmark = pytest.mark.usefixtures("told")
MOVES_NOTHING = ("case.opened", "case.photographed", "case.messaged", "case.written_to")


def cases() -> list[Case]:
    return list(db.session().scalars(select(Case).order_by(Case.id)))


def test_histories_are_sound_chains() -> None:
    """Each is written the same way, and checking all of them takes long: every seventh."""
    assert [case.number for case in cases()[::7] if first_broken_line("case", case.id) is not None] == []


def test_every_history_is_a_walk_through_the_workflow_table() -> None:
    allowed = {(state, step.event): step.target for (state, _), step in workflow.TABLE.items()}
    for case in cases():
        state, last = State.REPORTED, None
        for event in history("case", case.id):
            if event.kind not in MOVES_NOTHING:
                assert (state, event.kind) in allowed, (case.number, state, event.kind)
                state = allowed[state, event.kind]
            assert last is None or last <= event.at <= NOW
            last = event.at
        assert state == case.state
        newest = history("case", case.id, newest=1)[0]
        assert newest.version == case.version
        assert newest.payload["case"]["state"] == case.state


def test_only_those_who_may_have_acted() -> None:
    roles = {account.id: (set(account.roles), account) for account in db.session().scalars(select(Account))}
    needed = {"case.accepted": Role.HANDLER, "case.fed_back": Role.HANDLER, "case.closed": Role.INSPECTOR}
    by_id = {case.id: case for case in cases()}
    for event in db.session().scalars(select(Event).where(Event.kind.in_(needed))):
        held, account = roles[event.actor_id or 0]
        case = by_id[event.subject_id]
        assert needed[event.kind] in held
        assert account.name == event.payload["by"]
        if Role.HANDLER in held:
            assert account.unit_id == case.unit_id
        else:
            assert account.area_code == case.district_code


def test_deadlines_follow_from_the_condition_and_the_calendar() -> None:
    for case in cases():
        if case.dispatched_at is None:
            continue
        condition = catalogue(case.catalogue_version).condition(case.class_code or "", case.condition_no or 0)
        assert condition.limit == Limit(case.limit_value or 0, Clock(case.limit_unit or ""))
        found = deadline_of(case.dispatched_at, condition.limit, calendar())
        assert (case.due_at, case.yellow_at, tuple(case.deadline_steps)) == (found.due_at, found.yellow_at, found.steps)


def test_every_result_has_a_picture_of_its_round_that_can_be_opened(upload_dir: Path) -> None:
    for case in cases():
        pictures = case.attachments
        assert case.photos == len(pictures)
        if case.state in (State.CHECKING, State.CLOSED):
            assert [picture.round for picture in pictures] == list(range(case.reworks + 1)), case.number
        for picture in pictures:
            assert path_of(picture, upload_dir).stat().st_size == picture.size


def test_numbers_count_the_days_in_the_order_of_time_and_the_next_one_follows() -> None:
    found = cases()
    assert [case.number for case in found] == sorted(case.number for case in found)
    per_day = Counter(case.number[:8] for case in found)
    for case in found:
        assert case.number[2:8] == f"{clock.local(case.opened_at):%y%m%d}"
    with db.transaction() as looked_ahead:
        following = next_number()
        looked_ahead.rollback()
    assert following == f"NB261124-{per_day['NB261124'] + 1:05d}"


def test_places_lie_in_their_community_and_units_follow_the_rules() -> None:
    tree = queries.areas()
    units = {unit.id: unit for unit in db.session().scalars(select(Unit))}
    for case in cases():
        if case.source == "sms" and case.state == State.REPORTED:
            continue
        assert tree.holds(case.district_code, case.street_code, case.community_code)
        middle = tree.area(case.community_code or case.street_code or "")
        assert abs((case.lng or 0) - (middle.lng or 0)) < 0.01
        assert abs((case.lat or 0) - (middle.lat or 0)) < 0.01
        if case.unit_id is not None:
            assert units[case.unit_id].name == case.unit_name
            assert (case.routing or {})["explanation"]


def test_complaints_read_like_sentences_without_blanks_left() -> None:
    texts = [case.description for case in cases()]
    assert all(12 <= len(text) <= 120 for text in texts)
    assert not any("{" in text or "None" in text for text in texts)
    assert len(set(texts)) > len(texts) * 0.9


def test_no_telephone_of_the_demonstration_reaches_a_person() -> None:
    numbers = {case.reporter_phone for case in cases()} | set(db.session().scalars(select(Call.caller_number)))
    assert all(number is not None and number.startswith("+86164") and is_mobile(number) for number in numbers)


def test_no_event_tells_a_telephone_or_a_caller() -> None:
    names = {case.reporter_name for case in cases() if case.reporter_name}
    accounts = set(db.session().scalars(select(Account.name)))
    for event in db.session().scalars(select(Event)):
        text = str(event.payload)
        assert "164057" not in text
        assert event.payload.get("by") not in names - accounts


def test_calls_and_cases_know_each_other() -> None:
    calls = {call.id: call for call in db.session().scalars(select(Call))}
    from_calls = [case for case in cases() if case.source == "call"]
    assert len(from_calls) > 500
    for case in from_calls:
        call = calls[case.call_id or 0]
        assert call.case_id == case.id
        assert call.caller_hash == case.reporter_hash
        assert call.agent_id == case.agent_id
        assert call.disposition == "case"
        assert (call.answered_at or NOW) < case.opened_at


def test_every_call_is_over_and_its_times_are_in_order() -> None:
    for call, entry in db.session().execute(
        select(Call, WaitingEntry).join(WaitingEntry, WaitingEntry.call_id == Call.id)
    ):
        assert call.state == "ended"
        assert call.started_at <= (call.queued_at or NOW) <= (call.ended_at or NOW) <= NOW
        assert entry.left_at is not None
        assert (call.answered_at is None) == (entry.outcome == "abandoned")


def test_the_wallboard_has_something_to_show() -> None:
    wall = wall_figures(SYSTEM)
    tiles = wall.tiles
    assert tiles.calls_today > 100
    assert tiles.calls_last_week_same_day > 100
    assert tiles.cases_today > 20
    assert tiles.open_cases > 30
    assert tiles.overdue >= 3
    assert 0.9 < (tiles.connection_rate or 0) <= 1
    assert 0.75 < (tiles.service_level or 0) < 1
    assert 0.85 < (tiles.satisfaction or 0) < 1
    assert len(wall.seats) == 24
    assert len(wall.top_classes) == 6
    assert wall.top_classes[0].count > wall.top_classes[-1].count
    assert len(wall.hotspots) >= 5
    assert len(wall.ranking) == 6
    assert all(line.score is not None and line.change is not None for line in wall.ranking)
    assert sum(wall.call_curve.last_week) > 100


def test_waiting_sms_carry_what_the_classifier_said() -> None:
    drafts = [case for case in cases() if case.state == State.REPORTED]
    assert [case.source for case in drafts] == ["sms"] * 3
    for case in drafts:
        assert (case.suggestion or {})["candidates"][0]["code"] == "E0102"
        assert case.street_code == "330212008"
        assert case.unit_id is None


def test_telling_it_again_changes_nothing() -> None:
    count = db.session().scalar(select(func.count()).select_from(Event))
    with db.transaction():
        assert not seed(NOW + timedelta(days=1), FILES)
    assert db.session().scalar(select(func.count()).select_from(Event)) == count


def test_some_citizens_wait_for_a_call_and_one_for_an_answer() -> None:
    waiting = list(db.session().scalars(select(CallBack).where(CallBack.state == "open")))
    assert 3 <= sum(task.kind == "survey" for task in waiting) <= 10
    assert 1 <= sum(task.kind == "promise" for task in waiting) <= 5
    (thread,) = unanswered()
    assert thread.count == 2
    with db.transaction():
        assert call_back_for_missed_promises() == 0  # the sweep of the first minute finds all done
