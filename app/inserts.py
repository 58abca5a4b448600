"""New rows without the ORM's unit of work, for what every request writes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Column, Table, insert, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.sql.dml import ReturningInsert

from app.db import Base, session


def insert_now(row: Base) -> None:
    """A new row, written at once and past the unit of work, which takes three times as long; then it is the session's
    like any other. For what every request writes."""
    plan = _plan_of(type(row))
    made: int | None = session().scalar(plan.insert, _values(row, plan))
    _adopt(row, plan, made)


def insert_once(row: Base) -> bool:
    """As `insert_now`, but False and nothing written if a row with the same unique facts is there already. The table's
    key must be one that the database numbers."""
    plan = _plan_of(type(row))
    made: int | None = session().scalar(plan.insert_once[session().get_bind().dialect.name], _values(row, plan))
    if made is None:
        return False
    _adopt(row, plan, made)
    return True


def _values(row: Base, plan: "_InsertPlan") -> dict[str, Any]:
    known = vars(row)
    for key, default in plan.defaults.items():
        if known.get(key) is None:
            setattr(row, key, default())
    return {key: known[key] for key in plan.columns if known.get(key) is not None}


def _adopt(row: Base, plan: "_InsertPlan", made: int | None) -> None:
    known = vars(row)
    if plan.number is not None:
        setattr(row, plan.number, made)
    for key in plan.columns:
        known.setdefault(key, None)  # a column nobody has set is known to be empty: it must not be asked for
    for key, column, foreign in plan.children:
        for child in known.get(key, ()):
            setattr(child, foreign, known[column])
    make_transient_to_detached(row)
    session().add(row)


@dataclass(frozen=True, slots=True)
class _InsertPlan:
    """`number`: the attribute that the database numbers; `children`: (list, own column, the column naming it)."""

    insert: ReturningInsert[*tuple[Any, ...]]
    insert_once: dict[str, ReturningInsert[*tuple[Any, ...]]]
    columns: tuple[str, ...]
    defaults: dict[str, Callable[[], Any]]
    number: str | None
    children: tuple[tuple[str, str, str], ...]


@cache
def _plan_of(model: type[Base]) -> _InsertPlan:
    mapper = inspect(model)
    table = cast("Table", mapper.local_table)
    columns = tuple(column.name for column in table.columns)
    if columns != tuple(mapper.column_attrs.keys()):
        raise TypeError(f"{model.__name__}: attributes and columns have different names")
    defaults: dict[str, Callable[[], Any]] = {
        column.name: _default_of(column) for column in table.columns if column.default is not None
    }
    if mapper.version_id_col is not None:
        defaults[mapper.version_id_col.name] = lambda: 1
    (first, *_) = table.primary_key.columns
    children = tuple(
        (relation.key, own.name, foreign.name)
        for relation in mapper.relationships
        for own, foreign in relation.local_remote_pairs or ()
    )
    number = first.name if first is table.autoincrement_column else None
    once = {
        name: dialect.insert(table).on_conflict_do_nothing().returning(first)
        for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
    }
    return _InsertPlan(insert(table).returning(first), once, columns, defaults, number, children)


def _default_of(column: Column[Any]) -> Callable[[], Any]:
    default = cast("Any", column.default)
    return (lambda: default.arg(None)) if default.is_callable else lambda: default.arg
