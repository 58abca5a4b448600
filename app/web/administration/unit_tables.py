"""Units in and out as a table, and as a tree."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from flask import render_template

from app.accounts.sessions import principal
from app.errors import Invalid
from app.network import queries, service
from app.network.models import Unit
from app.network.unit_changes import cannot_answer, check_unit
from app.network.unit_sheets import COLUMNS, WantedUnit, read_units, rows_of, rows_of_wanted
from app.tables import BadRow, Row, refuse
from app.web.administration.blueprint import bp
from app.web.administration.imports import Lines, Table, offer
from app.web.texts import translate


@dataclass(slots=True)
class Branch:
    unit: Unit
    below: list["Branch"] = field(default_factory=list)


@bp.get("/units/tree")
def show_tree() -> str:
    return render_template("admin/unit_tree.html", section="units", roots=_roots(_all()), tree=queries.areas())


def _roots(units: list[Unit]) -> list[Branch]:
    branches = {each.id: Branch(each) for each in units}
    children: dict[int | None, list[Branch]] = defaultdict(list)
    for branch in branches.values():
        above = branch.unit.parent_id if branch.unit.parent_id in branches else None
        children[above].append(branch)
    for unit_id, branch in branches.items():
        branch.below = children[unit_id]
    return children[None]


def _all() -> list[Unit]:
    return list(queries.units(active_only=False, limit=queries.EVERY_UNIT))


def _current() -> dict[str, Row]:
    return rows_of(_all())


def _after(lines: Lines) -> dict[str, Row]:
    wanted = _changed(lines)
    _collect(wanted, _check)
    return {**_current(), **rows_of_wanted(wanted)}


def _bring_in(lines: Lines, _note: str) -> str:
    """One row after the other, parents first; one that the database refuses undoes all of them."""
    wanted = _changed(lines)
    _collect(wanted, _write)
    done = translate("admin.units.imported", n=len(wanted))
    silent = [each.name for each in queries.units(limit=queries.EVERY_UNIT) if cannot_answer(each)]
    return (
        done + translate("admin.units.imported.no_pin", n=len(silent), names="、".join(silent[:5])) if silent else done
    )


def _changed(lines: Lines) -> list[WantedUnit]:
    current = _current()
    return [
        each
        for each in read_units(lines, _all())
        if rows_of_wanted([each])[each.fields.code] != current.get(each.fields.code)
    ]


def _collect(wanted: list[WantedUnit], do: Callable[[WantedUnit], object]) -> None:
    """Every row that is refused is named."""
    faults = []
    for each in wanted:
        try:
            do(each)
        except Invalid as error:
            faults.append(BadRow(each.line, "；".join(error.facts.get("fields", {}).values()) or error.message))
    refuse(faults)


def _check(wanted: WantedUnit) -> None:
    check_unit(wanted.fields, queries.unit_by_code(wanted.fields.code), pin_follows=True)


def _write(wanted: WantedUnit) -> None:
    parent = queries.unit_by_code(wanted.parent) if wanted.parent else None
    fields = replace(wanted.fields, parent_id=parent.id if parent else None)
    old = queries.unit_by_code(fields.code)
    if old is None:
        service.add_unit(principal(), fields, pin_follows=True)
    else:
        service.change_unit(principal(), old.id, old.version, fields, pin_follows=True)


offer(
    Table(
        kind="units",
        section="units",
        columns=COLUMNS,
        current=_current,
        after=_after,
        apply=_bring_in,
        stamp=queries.routing_stamp,
    )
)
