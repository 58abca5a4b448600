"""Holidays and working periods of all calendars, in and out as tables."""

from collections import defaultdict
from typing import Any

from flask import request

from app.accounts.sessions import principal
from app.cases.recalculation import Moved, move_deadlines, moved_deadlines
from app.catalogue import calendar_changes, queries
from app.catalogue.calendar_sheets import (
    DAY_COLUMNS,
    HOUR_COLUMNS,
    Block,
    block_rows,
    blocks_of,
    hour_rows,
    read_blocks,
    read_hours,
)
from app.catalogue.calendars import WorkCalendar
from app.tables import Row
from app.web.administration.calendars import say_moved
from app.web.administration.imports import Lines, Table, offer
from app.web.texts import translate


def _days() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for code in queries.calendar_areas():
        rows |= block_rows(blocks_of(code, queries.calendar(code).special.values()))
    return rows


def _blocks(lines: Lines) -> dict[str, list[Block]]:
    by_area: dict[str, list[Block]] = defaultdict(list)
    for each in read_blocks(lines, queries.calendar_areas()):
        by_area[each.area_code].append(each)
    return by_area


def _days_after(lines: Lines) -> dict[str, Row]:
    """Whole years are replaced; years and areas that the file does not name stay."""
    wanted = _blocks(lines)
    replaced = {(code, str(each.start.year)) for code, blocks in wanted.items() for each in blocks}
    kept = {key: row for key, row in _days().items() if (row["area_code"], row["start"][:4]) not in replaced}
    return {**kept, **block_rows(each for blocks in wanted.values() for each in blocks)}


def _bring_days(lines: Lines, note: str) -> str:
    befores = {code: queries.calendar(code) for code in queries.calendar_areas()}
    wanted = _blocks(lines)
    for code, blocks in wanted.items():
        calendar_changes.replace_years(principal(), code, blocks, note)
    return _done({code: befores[code] for code in wanted})


def _days_effect(lines: Lines) -> dict[str, Any]:
    afters = {}
    for code, blocks in _blocks(lines).items():
        now = queries.calendar(code)
        years = {each.start.year for each in blocks}
        kept = [each for each in now.special.values() if each.day.year not in years]
        afters[code] = WorkCalendar(now.hours, [*kept, *(day for each in blocks for day in each.days)])
    return _effect(afters)


def _hours() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for code in queries.calendar_areas():
        rows |= hour_rows(code, queries.calendar(code).hours)
    return rows


def _hours_after(lines: Lines) -> dict[str, Row]:
    wanted = read_hours(lines, queries.calendar_areas())
    kept = {key: row for key, row in _hours().items() if row["area_code"] not in wanted}
    for code, hours in wanted.items():
        kept |= hour_rows(code, hours)
    return kept


def _bring_hours(lines: Lines, _note: str) -> str:
    wanted = read_hours(lines, queries.calendar_areas())
    befores = {code: queries.calendar(code) for code in wanted}
    for code, hours in wanted.items():
        calendar_changes.set_working_hours(principal(), hours, code)
    return _done(befores)


def _hours_effect(lines: Lines) -> dict[str, Any]:
    wanted = read_hours(lines, queries.calendar_areas())
    return _effect(
        {code: WorkCalendar(hours, queries.calendar(code).special.values()) for code, hours in wanted.items()}
    )


def _effect(afters: dict[str, WorkCalendar]) -> dict[str, Any]:
    moved: list[Moved] = []
    for code, after in afters.items():
        moved += moved_deadlines(code, queries.calendar(code), after)
    choice = translate("admin.calendars.recalculate", n=len(moved)) if moved else ""
    return {"template": "admin/import_calendar.html", "moved": moved, "choice": choice}


def _done(befores: dict[str, WorkCalendar]) -> str:
    if "recalculate" not in request.form:
        return translate("admin.calendars.saved")
    return say_moved(
        [move_deadlines(principal(), code, before, queries.calendar(code)) for code, before in befores.items()]
    )


def _stamp() -> str:
    return ",".join(str(queries.calendar_row(code).version) for code in queries.calendar_areas())


offer(
    Table(
        kind="holidays",
        keeps_note=True,
        section="calendars",
        columns=DAY_COLUMNS,
        current=_days,
        after=_days_after,
        apply=_bring_days,
        stamp=_stamp,
        effect=_days_effect,
        back="calendars",
    )
)
offer(
    Table(
        kind="hours",
        section="calendars",
        columns=HOUR_COLUMNS,
        current=_hours,
        after=_hours_after,
        apply=_bring_hours,
        stamp=_stamp,
        effect=_hours_effect,
        back="calendars",
    )
)
