"""Writing: only inside a transaction, and new rows past the unit of work."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text, update

from app import clock
from app.calls.models import Call, Utterance
from app.cases.models import Case, CaseUnit
from app.cases.terms import State, UnitState
from app.db import StrayWriteError, session, transaction, work
from app.inserts import insert_now, insert_once
from app.messages.models import OptOut
from app.network.queries import units


def opt_out(number_hash: str) -> OptOut:
    return OptOut(number_hash=number_hash, at=clock.now())


def new_case(**fields: Any) -> Case:
    number = f"T{clock.now().timestamp():.0f}"[:16]
    return Case(number=number, source="web", opened_at=clock.now(), description="路灯不亮", link_token=number, **fields)


def test_a_flush_outside_a_transaction_is_refused_on_both_databases(any_app: Flask) -> None:
    with any_app.app_context(), work():
        session().add(opt_out("a" * 64))
        with pytest.raises(StrayWriteError):
            session().flush()
        session().rollback()
        assert session().get(OptOut, "a" * 64) is None


@pytest.mark.parametrize("statement", ["DELETE FROM opt_out", " update opt_out SET number_hash = ''"])
def test_a_bare_statement_that_writes_is_refused_too(app: Flask, statement: str) -> None:
    with app.app_context(), work(), pytest.raises(StrayWriteError):
        session().execute(text(statement))


def test_writing_within_and_reading_without_are_allowed(any_app: Flask) -> None:
    with any_app.app_context(), work():
        with transaction():
            session().execute(insert(OptOut).values(number_hash="b" * 64, at=clock.now()))
        assert session().scalars(select(OptOut)).one().number_hash == "b" * 64


def test_a_transaction_of_a_single_statement_keeps_one_and_refuses_a_second(any_app: Flask) -> None:
    with any_app.app_context(), work():
        with transaction(single=True):
            session().execute(insert(OptOut).values(number_hash="c" * 64, at=clock.now()))
        with transaction(single=True):
            session().execute(update(OptOut).values(at=clock.now()))
            with pytest.raises(StrayWriteError):
                session().execute(insert(OptOut).values(number_hash="d" * 64, at=clock.now()))
        assert session().scalars(select(OptOut.number_hash)).all() == ["c" * 64]


def test_a_row_with_known_unique_facts_is_not_written_again(any_app: Flask) -> None:
    with any_app.app_context(), work():
        with transaction():
            call = Call(sid="CA1", called="96310", started_at=clock.now(), last_contact_at=clock.now())
            insert_now(call)
            first, again = (
                Utterance(
                    call_id=call.id, transcription_sid="GT1", sequence=1, track="caller", text=text, at=call.started_at
                )
                for text in ("井盖", "路灯")
            )
            assert (insert_once(first), insert_once(again)) == (True, False)
        assert session().scalars(select(Utterance)).one().text == "井盖"


def test_a_row_written_at_once_is_the_sessions_like_any_other(any_app: Flask) -> None:
    with any_app.app_context(), work():
        with transaction():
            case = new_case(state=State.REPORTED)
            insert_now(case)
            assert case in session()
            case.address = "百丈路"
        made = case.id
    with any_app.app_context(), work():
        found = session().get_one(Case, made)
        assert (found.address, found.version, found.urges, found.returned_by) == ("百丈路", 2, 0, [])
        assert found.closed_at is None
        assert found.suggestion is None


def test_what_nobody_has_set_is_not_asked_for(any_app: Flask) -> None:
    with any_app.app_context(), work(), transaction():
        case = new_case()
        insert_now(case)
        held = vars(case)
        assert not [column.name for column in Case.__table__.columns if column.name not in held]


def test_rows_that_hang_on_it_are_written_with_its_number(city_app: Flask) -> None:
    with city_app.app_context(), work():
        unit = units(limit=1)[0]
        with transaction():
            part = CaseUnit(unit_id=unit.id, unit_name=unit.name, state=UnitState.DISPATCHED)
            case = new_case(units=[part])
            insert_now(case)
        session().expire_all()
        assert [each.case_id for each in session().get_one(Case, case.id).units] == [case.id]
