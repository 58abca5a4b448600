"""`hotline verify-history`: what somebody with the owner's rights did to the tables is found and named."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.db import engine, session, transaction, work
from app.events.models import DaySeal, Event, SealedTail
from app.events.roles import APPEND_ONLY, grant
from app.events.service import chain_hash, record
from app.events.tasks import seal_days
from tests.support.history import tampering

MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def verify(app: Flask, *options: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["hotline", "verify-history", *options])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


@pytest.fixture
def history(sqlite_app: Flask) -> Flask:
    return write_history(sqlite_app)


@pytest.fixture
def either_history(any_app: Flask) -> Flask:
    return write_history(any_app)


def write_history(app: Flask) -> Flask:
    """Three histories of four lines, written on Monday; the day is sealed, and Tuesday has begun."""
    with app.app_context():
        for hour in range(4):
            with clock.standing_at(MONDAY + timedelta(hours=hour)), transaction():
                for subject in (1, 2, 3):
                    card = {"case": {"number": f"GD{subject}", "version": hour}, "text": "井盖"}
                    record("case.x", subject=("case", subject), audience=["a"], payload=card, version=hour, actor_id=7)
        with clock.standing_at(MONDAY + timedelta(days=1)):
            seal_days()
            with transaction():
                record("case.x", subject=("case", 1), audience=["a"], payload={}, version=4)
    return app


def line(db: Session, subject: int, seq: int) -> Event:
    return db.scalars(select(Event).where(Event.subject_id == subject, Event.subject_seq == seq)).one()


def test_a_sound_history_passes_and_says_how_much_was_read(either_history: Flask) -> None:
    code, said = verify(either_history)
    assert code == 0
    assert "13 行，1 个封存" in said
    assert "2026-11-23" in said
    assert verify(either_history, "--day", "2026-11-23")[0] == 0


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("payload", {"case": {"number": "GD2", "version": 1}, "text": "井蓋"}, "payload"),
        ("actor_id", 8, "actor_id"),
        ("version", 9, "version"),
        ("audience", ["b"], "audience"),
        ("kind", "case.y", "kind"),
        ("at", MONDAY + timedelta(hours=3), "at"),
        ("hash", "f" * 64, "hash"),
        ("previous_hash", "f" * 64, "previous_hash"),
    ],
)
def test_one_changed_column_is_named(history: Flask, column: str, value: object, told: str) -> None:
    with tampering(history) as db:
        db.execute(update(Event).where(Event.subject_id == 2, Event.subject_seq == 2).values({column: value}))
    code, said = verify(history)
    assert code == 1
    assert f"案件 GD2 第 2 行：内容被改动（{told}）" in said
    assert verify(history, "--day", "2026-11-23")[0] == 1


def test_a_byte_that_makes_a_value_unreadable_is_a_broken_line_and_no_crash(sqlite_app: Flask) -> None:
    with sqlite_app.app_context(), transaction():
        record("case.x", subject=("case", 2), audience=[], payload={"case": {"number": "GD2"}})
        record("case.x", subject=("case", 2), audience=[], payload={"text": "x"})
    for column, value in (("payload", '{"text": "x]'), ("at", "yesterday"), ("payload", b"\xff\xfe")):
        with tampering(sqlite_app) as db:
            db.execute(text(f'UPDATE event SET "{column}" = :value WHERE id = 2'), {"value": value})
        code, said = verify(sqlite_app)
        assert code == 1
        assert "第 2 行" in said


def take(subject: int, *seqs: int) -> Callable[[Session], object]:
    return lambda db: db.execute(delete(Event).where(Event.subject_id == subject, Event.subject_seq.in_(seqs)))


def renumber(db: Session) -> None:
    db.execute(update(Event).where(Event.subject_id == 2, Event.subject_seq == 4).values(subject_seq=6))


def swap_two(db: Session) -> None:
    second, third = line(db, 2, 2), line(db, 2, 3)
    second.subject_seq = 99
    db.flush()
    third.subject_seq = 2
    db.flush()
    second.subject_seq = 3


def put_in(db: Session) -> None:
    """Well chained, in the gap of an id that was taken out: only the seal knows better."""
    last = line(db, 2, 4)
    db.execute(delete(Event).where(Event.subject_id == 3))
    row = {"kind": "case.x", "subject_type": "case", "subject_id": 2, "subject_seq": 5, "version": 5, "actor_id": 7}
    rest = {"at": last.at, "audience": ["a"], "payload": {"text": "?"}, "previous_hash": last.hash}
    new = chain_hash(last.hash, ("case", 2, 5), "case.x", last.at, 7, {"text": "?"}, (5, ["a"]))
    db.execute(insert(Event).values(id=9, **row, **rest, hash=new))
    db.execute(delete(SealedTail).where(SealedTail.subject_id == 3))


def rewrite(db: Session) -> None:
    """Other content with fitting hashes, to the end of the chain."""
    previous = line(db, 2, 1).hash
    for seq in (2, 3, 4):
        each = line(db, 2, seq)
        each.payload, each.previous_hash = {**each.payload, "text": "没有这回事"}, previous
        shown = (each.version, each.audience)
        place = ("case", 2, seq)
        each.hash = previous = chain_hash(previous, place, each.kind, each.at, each.actor_id, each.payload, shown)


@pytest.mark.parametrize(
    ("crime", "told"),
    [
        (take(2, 1), "GD2 第 1 行：此处的行被删除"),
        (take(2, 2, 3), "GD2 第 2 行：此处的行被删除"),
        (take(2, 4), "案件 2 第 4 行：末尾的行被删除（2026-11-23 的封存）"),
        (take(2, 3, 4), "案件 2 第 3 行：末尾的行被删除"),
        (take(2, 1, 2, 3, 4), "案件 2 第 1 行：末尾的行被删除"),
        (renumber, "GD2 第 4 行：行号被改动（subject_seq）"),
        (swap_two, "GD2 第 2 行：行号被改动"),
        (put_in, "案件 2 第 5 行：封存之后被插入"),
        (rewrite, "案件 2 第 4 行：整段历史被改写并重算了散列"),
        (lambda db: db.execute(update(DaySeal).values(lines=5)), "封存：封存记录本身"),
        (lambda db: db.execute(update(DaySeal).values(previous_digest="1" * 64)), "封存：封存记录本身"),
    ],
)
def test_lines_taken_out_put_in_moved_or_written_anew_are_found(
    history: Flask, crime: Callable[[Session], object], told: str
) -> None:
    with tampering(history) as db:
        crime(db)
    code, said = verify(history)
    assert code == 1
    assert told in said


def test_a_seal_taken_out_of_the_row_is_found(history: Flask) -> None:
    with history.app_context(), clock.standing_at(MONDAY + timedelta(days=3)):
        seal_days()
    assert verify(history)[0] == 0
    with tampering(history) as db:
        db.execute(delete(DaySeal).where(DaySeal.day == (MONDAY + timedelta(days=1)).date()))
    code, said = verify(history)
    assert code == 1
    assert "2026-11-25 的封存" in said


def test_one_command_line_asks_for_one_thing(history: Flask) -> None:
    assert verify(history, "--case", "GD9")[0] == 1
    assert verify(history, "--day", "2020-01-01")[0] == 1
    assert verify(history, "--day", "2026-11-23", "--all")[0] == 2


def sealed(app: Flask) -> list[tuple[str, int, int]]:
    with app.app_context(), work():
        return [
            (made.day.isoformat(), made.lines, made.last_id)
            for made in session().scalars(select(DaySeal).order_by(DaySeal.day))
        ]


def test_after_an_outage_each_missed_day_is_sealed_once(history: Flask) -> None:
    with history.app_context(), clock.standing_at(MONDAY + timedelta(days=4)):
        seal_days()
        seal_days()
    assert sealed(history) == [
        ("2026-11-23", 12, 12),
        ("2026-11-24", 1, 13),
        ("2026-11-25", 0, 13),
        ("2026-11-26", 0, 13),
    ]
    assert verify(history)[0] == 0


def test_a_day_is_not_sealed_before_ten_minutes_after_the_citys_midnight(any_app: Flask) -> None:
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # 2026-11-24 00:00 in the city
    with any_app.app_context():
        with clock.standing_at(midnight - timedelta(minutes=1)), transaction():
            record("case.x", subject=("case", 1), audience=[], payload={})
        with clock.standing_at(midnight + timedelta(minutes=9)):
            seal_days()
        assert [day for day, *_ in sealed(any_app)] == ["2026-11-22"]
        with clock.standing_at(midnight + timedelta(minutes=11)):
            seal_days()
    assert [(day, lines) for day, lines, _ in sealed(any_app)] == [("2026-11-22", 0), ("2026-11-23", 1)]


def test_a_seal_waits_for_whoever_is_still_writing_and_late_lines_fall_into_the_next(
    committing_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.events.seals.PATIENCE_SECONDS", 0.2)
    insert_line = text(
        "INSERT INTO event (kind, subject_type, subject_id, subject_seq, at, audience, payload, previous_hash, hash) "
        "VALUES ('case.x', 'case', 9, 1, '2026-11-23 15:59:59Z', '[]', '{}', '', '')"
    )
    with committing_app.app_context(), clock.standing_at(MONDAY + timedelta(days=1)):
        with engine().connect() as slow:
            slow.execute(insert_line)
            with transaction():
                record("case.x", subject=("case", 1), audience=[], payload={})
            seal_days()
            assert sealed(committing_app) == []
            slow.commit()
        seal_days()
    assert [(day, lines) for day, lines, _ in sealed(committing_app)] == [("2026-11-23", 1)]


CHANGES = [
    f"{verb} {table}" if verb.startswith("DELETE") else f"UPDATE {table} SET {column} = {column}"
    for table, column in zip(APPEND_ONLY, ("kind", "lines", "hash", "what"), strict=True)
    for verb in ("UPDATE", "DELETE FROM")
]
LOOKED = (
    "INSERT INTO access_line (viewer_id, subject_type, subject_id, what, since, at) "
    "VALUES (1, 'case', 1, 'number', '2026-11-23 00:00', '2026-11-23 00:00')"
)


def run(change: str, role: str = "") -> None:
    with transaction():
        if role:
            session().execute(text(f"SET LOCAL ROLE {role}"))
        session().execute(text(change))


def test_the_tables_of_the_history_refuse_to_be_changed(either_history: Flask) -> None:
    with either_history.app_context():
        run(LOOKED)
        for change in CHANGES:
            with pytest.raises(DBAPIError, match="append-only"):
                run(change)


@pytest.mark.parametrize(("crime", "told"), [(2, "GD2 第 2 行：此处的行被删除"), (4, "案件 2 第 4 行：末尾的行被删除")])
def test_on_both_databases_lines_taken_out_are_found(either_history: Flask, crime: int, told: str) -> None:
    with tampering(either_history) as db:
        take(2, crime)(db)
    code, said = verify(either_history)
    assert code == 1
    assert told in said


def test_postgresql_refuses_to_empty_the_history(committing_app: Flask) -> None:
    with committing_app.app_context(), pytest.raises(DBAPIError, match="append-only"):
        run("TRUNCATE event CASCADE")


@pytest.fixture
def role(committing_app: Flask) -> str:
    with committing_app.app_context(), transaction():
        session().execute(text("DROP ROLE IF EXISTS hotline_app"))
        session().execute(text("CREATE ROLE hotline_app"))
    done = committing_app.test_cli_runner().invoke(args=["hotline", "grant-role", "hotline_app"])
    assert done.exit_code == 0, done.output
    return "hotline_app"


def test_the_applications_role_writes_history_and_cannot_change_it(committing_app: Flask, role: str) -> None:
    with committing_app.app_context():
        with transaction():
            session().execute(text(f"SET LOCAL ROLE {role}"))
            record("case.x", subject=("case", 1), audience=[], payload={})
            session().execute(text("UPDATE area SET name = name"))
        owners = ("TRUNCATE event CASCADE", "ALTER TABLE event DISABLE TRIGGER append_only", "DROP TABLE event")
        for change in (*CHANGES, *owners):
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
                run(change, role)


def test_grants_go_to_an_existing_role_only(committing_app: Flask) -> None:
    for name in ("nobody_there", "a; DROP TABLE event", "Robert"):
        done = committing_app.test_cli_runner().invoke(args=["hotline", "grant-role", name])
        assert done.exit_code == 1


def test_sqlite_knows_no_roles(sqlite_app: Flask) -> None:
    with sqlite_app.app_context(), transaction(), pytest.raises(Exception, match="PostgreSQL"):
        grant("hotline_app")
