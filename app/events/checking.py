"""The whole check: the chains line by line, then the seals over them.

A quick look passes over what is sound; only the histories it doubts are looked at exactly.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, text

from app.db import session
from app.errors import NotFound
from app.events import seals
from app.events.models import DaySeal, Event
from app.events.quick_look import RawLine, doubtful, raw_lines
from app.events.verification import Fault, Subject, first_broken_line


@dataclass
class Report:
    """`fault` is the first one found, None for a sound history."""

    lines: int = 0
    seals: int = 0
    last_seal: str = ""
    fault: Fault | None = None


def check_all() -> Report:
    take_your_time()
    report = _check_chains(None)
    return report if report.fault else _check_seals(report, seals.seals())


def check_day(day: date) -> Report:
    """The histories that grew on that day, from their beginnings, and the day's seal."""
    take_your_time()
    made = seals.seals(day)
    if not made:
        raise NotFound(f"{day.isoformat()} 没有封存")
    report = _check_seals(Report(), made)
    return report if report.fault else _check_chains(seals.covered(made[0]), report)


def check_history(subject: Subject) -> Report:
    report = _check_chains((Event.subject_type == subject[0]) & (Event.subject_id == subject[1]))
    report.fault = report.fault or seals.cut_tail(subject=subject)
    return report


def take_your_time() -> None:
    """A million lines take longer than any request may."""
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SET LOCAL statement_timeout = '30min'"))


def _check_chains(wanted: ColumnElement[bool] | None, report: Report | None = None) -> Report:
    report = report or Report()
    with _few_collections():
        found = (first_broken_line(*subject) for subject in doubtful(_counted(raw_lines(wanted), report)))
        report.fault = next((fault for fault in found if fault is not None), None)
    return report


@contextmanager
def _few_collections() -> Iterator[None]:
    """A batch's many small objects die without the collector's help; its rounds took a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(500_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _check_seals(report: Report, made: list[DaySeal]) -> Report:
    report.seals = len(made)
    report.last_seal = f"{made[-1].day.isoformat()} {made[-1].digest}" if made else ""
    report.fault = next(seals.faults(made), None)
    return report


def _counted(rows: Iterable[RawLine], report: Report) -> Iterator[RawLine]:
    for line in rows:
        report.lines += 1
        yield line
