"""The quick look over a million lines finds what the exact look finds, and passes over what is sound."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db import transaction, work
from app.events.checking import check_all
from app.events.quick_look import RawLine, doubtful, raw_lines
from app.events.service import FIRST, chain_hash, record
from app.events.verification import Line, faults

BEGIN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
# Also what orjson writes otherwise than the canonical form, or cannot read.
NUMBERS = st.sampled_from([0, -1, 1.5, 121.5674, 1e16, 1e-7, -0.0, 2**53 + 1, 2**63, 2**70, None, True])
VALUES = st.one_of(NUMBERS, st.text(max_size=4), st.lists(NUMBERS, max_size=2))
PAYLOADS = st.dictionaries(st.sampled_from(["case", "text", "井盖", "é", "\U0001f600", "Z", "a"]), VALUES, max_size=4)


@st.composite
def histories(draw: st.DrawFn) -> list[Line]:
    """One to three chains, some written by the first release, which did not hash version and audience."""
    return [line for subject in range(draw(st.integers(1, 3))) for line in chain(draw, subject)]


def chain(draw: st.DrawFn, subject: int) -> Iterator[Line]:
    previous = FIRST
    for seq in range(1, draw(st.integers(1, 4)) + 1):
        at = BEGIN + timedelta(microseconds=draw(st.integers(0, 10**9)))
        payload, is_old = draw(PAYLOADS), draw(st.booleans())
        shown = None if is_old else (seq, ["agents"])
        place = ("case", subject, seq)
        made = chain_hash(previous, place, "case.x", at, 7, payload, shown)
        yield Line(*place, "case.x", at, 7, payload, seq, ["agents"], previous, made)
        previous = made


def raw(line: Line) -> RawLine:
    """As PostgreSQL gives it: other spaces, another order of keys."""
    values = dict(reversed(line.payload.items()))
    stamp = f"{line.at:%Y-%m-%dT%H:%M:%S}.{line.at.microsecond:06d}Z"
    texts: dict[str, Any] = {
        "payload": json.dumps(values, ensure_ascii=False),
        "audience": json.dumps(line.audience),
        "stamp": stamp,
    }
    kept = {name: getattr(line, name) for name in RawLine._fields if name not in texts}
    return RawLine(**kept, **texts)


CHANGES: dict[str, Any] = {
    "kind": "case.y",
    "at": BEGIN - timedelta(seconds=1),
    "actor_id": 8,
    "payload": {"text": "没有这回事"},
    "version": 99,
    "audience": ["unit:1"],
    "previous": "f" * 64,
    "hash": "e" * 64,
    "seq": 50,
}


@settings(deadline=None)  # a busy machine is no fault
@given(histories(), st.sampled_from(["", "gone", *CHANGES]), st.data())
def test_the_first_broken_line_is_the_same_one(lines: list[Line], crime: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    if crime == "gone":
        del lines[at]
    elif crime:
        lines[at] = lines[at]._replace(**{crime: CHANGES[crime]})
    by_subject = {subject: list(own) for subject, own in groupby(lines, key=lambda line: line.subject)}
    doubted = doubtful(raw(line) for line in lines)
    found = (next(faults(by_subject[subject]), None) for subject in doubted)
    assert next((fault for fault in found if fault), None) == next(faults(lines), None)


def test_on_both_databases_nothing_sound_is_doubted(any_app: Flask) -> None:
    with any_app.app_context():
        for subject in (1, 2):
            for _ in range(3):
                with transaction():
                    card = {"number": "GD1", "lng": 121.5674, "b": None, "a": [1, "井盖\n\"'\\"]}
                    record("case.x", subject=("case", subject), audience=["a", "b"], payload={"case": card}, version=1)
        with work():
            assert list(doubtful(raw_lines())) == []


def test_what_the_quick_look_cannot_judge_the_exact_one_does(any_app: Flask) -> None:
    with any_app.app_context():
        with transaction():
            record("case.x", subject=("case", 1), audience=[], payload={"n": 2**70, "lone": 1.5e-7})
            record("case.x", subject=("case", 2), audience=[], payload={})
        with work():
            assert list(doubtful(raw_lines())) == [("case", 1)]
            report = check_all()
            assert (report.lines, report.fault) == (2, None)
