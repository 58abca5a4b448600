"""Changing the catalogue and the calendar. A change of the catalogue is a new version; nothing is edited in place."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import insert, select

from app import clock
from app.accounts.roles import SYSTEM, Principal
from app.catalogue import queries
from app.catalogue.calendar_changes import (
    AUDIENCE,
    add_calendar,
    must_administer,
)
from app.catalogue.clocks import Limit
from app.catalogue.entries import Certainty, ClassEntry, Condition
from app.catalogue.importing import SHIPPED_HOLIDAYS, read_catalogue, read_special_days
from app.catalogue.models import Calendar, CaseClass, CatalogueVersion, FilingCondition
from app.catalogue.sheets import COLUMNS, rows_of
from app.db import session
from app.errors import Conflict, Invalid
from app.events.service import record
from app.tables import Comparison, compare

_LONGEST_LIMIT = 365
_OF_THE_LIMIT = ("limit_value", "limit_unit", "limit_certainty")
_TOLD_WITH_THE_LIMIT = {each.heading for each in COLUMNS if each.name in _OF_THE_LIMIT}


@dataclass(frozen=True)
class LimitChange:
    """The new limit of one filing condition."""

    class_code: str
    condition_no: int
    limit: Limit


def add_version(actor: Principal, name: str, entries: Sequence[ClassEntry], note: str = "") -> CatalogueVersion:
    """Put a whole catalogue in force. Cases filed before keep theirs."""
    must_administer(actor)
    if not entries:
        raise Invalid("目录不能为空")
    newest = queries.newest_version()
    version = CatalogueVersion(
        number=newest.number + 1 if newest else 1,
        name=name,
        note=note,
        stamp=secrets.token_hex(16),
        created_at=clock.now(),
        created_by=actor.id,
    )
    session().add(version)
    session().flush()
    _write(version.id, entries)
    queries.forget()
    return version


def import_version(actor: Principal, name: str, entries: Sequence[ClassEntry], note: str = "") -> CatalogueVersion:
    version = add_version(actor, name, entries, note)
    payload = {"by": actor.name, "number": version.number, "name": name, "classes": len(entries)}
    _record(actor, "catalogue.imported", version, payload)
    return version


def change_class(actor: Principal, entry: ClassEntry, *, based_on: int, note: str = "") -> CatalogueVersion:
    """A class with its conditions as it is to be from now on; the others go into the new version as they are."""
    must_administer(actor)
    current = queries.catalogue()
    if current.number != based_on:
        raise Conflict("目录已被他人更新，请刷新后再改", number=current.number)
    before = current.class_of(entry.code)
    changes = compare(rows_of([before]), rows_of([entry]), COLUMNS)
    if not changes:
        raise Invalid("没有任何改动")
    entries = {**current.classes, entry.code: entry}
    newest = queries.newest_version()
    version = add_version(actor, newest.name if newest else "", list(entries.values()), note)
    lines = [*_limit_lines(before, entry), *_cell_lines(entry, changes)]
    payload = {"by": actor.name, "number": version.number, "note": note, "changes": lines}
    _record(actor, "catalogue.class_changed", version, payload)
    return version


def change_limits(
    actor: Principal, changes: Sequence[LimitChange], *, based_on: int, note: str = ""
) -> CatalogueVersion:
    """`based_on` is the version number the person was looking at: a newer one in between is a conflict."""
    must_administer(actor)
    current = queries.catalogue()
    if current.number != based_on:
        raise Conflict("目录已被他人更新，请刷新后再改", number=current.number)
    entries = dict(current.classes)
    lines = []
    for change in changes:
        entry = current.class_of(change.class_code)
        before = entry.condition(change.condition_no)
        _check(change.limit)
        if before.limit != change.limit:
            entries[entry.code] = _with_limit(entries[entry.code], change)
            lines.append(_line(entry, before, change.limit))
    if not lines:
        raise Invalid("没有任何改动")
    newest = queries.newest_version()
    version = add_version(actor, newest.name if newest else "", list(entries.values()), note)
    payload = {"by": actor.name, "number": version.number, "note": note, "changes": lines}
    _record(actor, "catalogue.limits_changed", version, payload)
    return version


def install(classes_csv: Path, conditions_csv: Path, name: str) -> bool:
    """The shipped catalogue and calendar, on an empty database only; says whether anything was written."""
    fresh = queries.newest_version() is None
    if fresh:
        import_version(SYSTEM, name, read_catalogue(classes_csv, conditions_csv))
    if session().scalar(select(Calendar.id).limit(1)) is None:
        add_calendar("宁波市工作日历", read_special_days(SHIPPED_HOLIDAYS))
        fresh = True
    return fresh


def _with_limit(entry: ClassEntry, change: LimitChange) -> ClassEntry:
    # Whatever a standard said, the number is now this city's own judgement.
    conditions = tuple(
        replace(each, limit=change.limit, certainty=Certainty.JUDGED) if each.no == change.condition_no else each
        for each in entry.conditions
    )
    return replace(entry, conditions=conditions)


def _limit_lines(before: ClassEntry, after: ClassEntry) -> Iterator[dict[str, str | int]]:
    now = {each.no: each for each in after.conditions}
    for each in before.conditions:
        if each.no in now and now[each.no].limit != each.limit:
            yield _line(before, each, now[each.no].limit)


def _cell_lines(entry: ClassEntry, changes: Comparison) -> Iterator[dict[str, str | int]]:
    """Every other cell that changed, under the heading of its column; a limit is told as a whole."""
    for row in changes.rows:
        for heading, old, new in row.cells:
            if row.kind != "changed" or heading not in _TOLD_WITH_THE_LIMIT:
                no = row.key.split(" ")[-1]
                yield {"code": entry.code, "name": heading, "condition_no": no, "before": old, "after": new}


def _line(entry: ClassEntry, before: Condition, after: Limit) -> dict[str, str | int]:
    return {
        "code": entry.code,
        "name": entry.name,
        "condition_no": before.no,
        "before": before.limit.text,
        "after": after.text,
    }


def _write(version_id: int, entries: Iterable[ClassEntry]) -> None:
    classes, conditions = [], []
    for entry in entries:
        classes.append(_class_row(version_id, entry))
        conditions += [_condition_row(version_id, entry.code, each) for each in entry.conditions]
    session().execute(insert(CaseClass), classes)
    session().execute(insert(FilingCondition), conditions)


def _class_row(version_id: int, entry: ClassEntry) -> dict[str, object]:
    return {
        "version_id": version_id,
        "code": entry.code,
        "kind": entry.kind.value,
        "major_code": entry.major_code,
        "major_name": entry.major_name,
        "display_major": entry.display_major,
        "minor_code": entry.minor_code,
        "name": entry.name,
        "name_en": entry.name_en,
        "national_code": entry.national_code,
        "primary_unit_type": entry.primary_unit_type,
        "secondary_unit_type": entry.secondary_unit_type,
        "urgency": entry.urgency.value,
        "safety_critical": entry.safety_critical,
        "frequency": entry.frequency.value,
        "standard": entry.standard,
        "certainty": entry.certainty.value,
    }


def _condition_row(version_id: int, code: str, condition: Condition) -> dict[str, object]:
    return {
        "version_id": version_id,
        "class_code": code,
        "no": condition.no,
        "text": condition.text,
        "limit_value": condition.limit.value,
        "limit_unit": condition.limit.clock.value,
        "limit_value_b": condition.limit_b.value if condition.limit_b else None,
        "limit_unit_b": condition.limit_b.clock.value if condition.limit_b else None,
        "limit_value_c": condition.limit_c.value if condition.limit_c else None,
        "limit_unit_c": condition.limit_c.clock.value if condition.limit_c else None,
        "closing": condition.closing,
        "certainty": condition.certainty.value,
    }


def _check(limit: Limit) -> None:
    if limit.value > _LONGEST_LIMIT:
        raise Invalid(f"时限不能超过 {_LONGEST_LIMIT}", fields={"value": f"不能超过 {_LONGEST_LIMIT}"})


def _record(actor: Principal, kind: str, version: CatalogueVersion, payload: dict[str, object]) -> None:
    record(kind, subject=("catalogue", version.id), audience=AUDIENCE, payload=payload, actor_id=actor.id)
