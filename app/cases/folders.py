"""What stands on a console, folder by folder: how much there is, and pages in the order in which people work.

A console opens with all it has if that is little, else with the first page of its first folder; everything else is
read when somebody looks. The figures are counted in the database, whatever a page shows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, case, func, or_, select

from app import clock
from app.accounts.roles import Permission, Principal
from app.cases.cursors import cursor_after, read_cursor
from app.cases.deadlines import VERIFICATION
from app.cases.models import Case
from app.cases.queries import AT_A_GLANCE, has_lamp, waiting_for
from app.cases.schemas import FolderQuery
from app.cases.search import matching
from app.cases.terms import AT_THE_UNIT, ENDED, FED_BACK, OPEN, State, Verification
from app.cases.visibility import in_area, is_among, of_unit, visible
from app.catalogue.clocks import WARN_AT, Lamp
from app.db import session
from app.errors import Forbidden, Invalid

# So many cases a console gets at once; they cost about what the page around them does.
WHOLE = 100

HasLamp = Callable[[str, datetime], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Order:
    """Without a moment comes last; the id decides between equal ones."""

    column: SQLColumnExpression[Any]
    newest_first: bool = False

    def by(self) -> tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]]:
        if self.newest_first:
            return self.column.desc(), Case.id.desc()
        return self.column.nulls_last(), Case.id.asc()

    def after(self, cursor: str) -> ColumnElement[bool]:
        moment, last_id = read_cursor(cursor)
        if moment is None:
            return self.column.is_(None) & (Case.id > last_id)
        if self.newest_first:
            # Said twice: an index is entered at a bound, not at an OR.
            return (self.column <= moment) & or_(self.column < moment, Case.id < last_id)
        same = and_(self.column == moment, Case.id > last_id)
        return or_(self.column > moment, same, self.column.is_(None))


BY_DEADLINE = Order(Case.due_at)
NEWEST = Order(Case.opened_at, newest_first=True)
LATELY = Order(Case.closed_at, newest_first=True)


@dataclass(frozen=True, slots=True)
class Count:
    all: int = 0
    red: int = 0
    yellow: int = 0
    green: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Folder:
    """`holds`: a further condition that states and lamp cannot tell; such a folder is counted apart. `within`: in place
    of what the console sees, a part of it."""

    states: frozenset[State]
    reworked: bool = False
    is_late: bool = False
    holds: Callable[[], ColumnElement[bool]] | None = None
    order: Order = BY_DEADLINE
    has_lamp: HasLamp = has_lamp
    is_counted: bool = True
    within: Callable[[], ColumnElement[bool]] | None = None

    def conditions(self, now: datetime) -> Iterable[ColumnElement[bool]]:
        yield Case.state.in_(self.states)
        if self.reworked:
            yield Case.reworks > 0
        if self.is_late:
            yield self.has_lamp(Lamp.RED, now)
        if self.holds is not None:
            yield self.holds()

    def count(self, row: Row[Any]) -> Count:
        """What a line of the tally adds to it."""
        if row.state not in self.states or (self.reworked and not row.is_reworked):
            return Count()
        # Whoever has fed back is late for ever or not at all.
        red = row.fed_back_late if row.state in FED_BACK else row.late
        if self.is_late:
            return Count(red, red)
        yellow, timed = (0, red) if row.state in FED_BACK else (row.soon, row.timed)
        return Count(row.n, red, yellow, timed - red - yellow)


@dataclass(frozen=True, slots=True)
class Console:
    """`whole`: folders that together hold all that is open; `seen`: which cases may stand in any."""

    viewer: Principal
    folders: Mapping[str, Folder]
    whole: tuple[str, ...]
    seen: Callable[[], ColumnElement[bool]] = field(repr=False)

    def first(self) -> str:
        return next(iter(self.folders))


@dataclass(frozen=True, slots=True)
class Opening:
    """`pages`: where each folder goes on that has been read; None: it has been read to its end."""

    counts: dict[str, Count]
    cases: Sequence[Case]
    pages: dict[str, str | None]


def unit_desk(viewer: Principal) -> Console:
    if viewer.unit_id is None or not viewer.may(Permission.WORK_UNIT_DESK):
        raise Forbidden("您不属于任何处置单位")
    unit_id = viewer.unit_id
    # What it only helped with is left out here: the unit's own stands in its order in an index.
    closed = Folder(frozenset({State.CLOSED}), within=lambda: _was_closed(unit_id), order=LATELY, is_counted=False)
    all_folders = {**_AT_UNIT, "closed": closed}
    return Console(viewer, all_folders, ("todo", "suspended", "checking"), lambda: of_unit(unit_id))


def command(viewer: Principal) -> Console:
    if not viewer.may(Permission.COMMAND_CASES):
        raise Forbidden("您的角色不能派遣")
    return Console(viewer, _AT_COMMAND, ("decide", "open"), lambda: visible(viewer) & in_area(viewer.area_code))


def inspection(viewer: Principal) -> Console:
    if not viewer.may(Permission.CHECK_CASES):
        raise Forbidden("您的角色不能核查")
    return Console(viewer, _AT_INSPECTION, ("tasks",), lambda: visible(viewer) & in_area(viewer.area_code))


def opening(console: Console) -> Opening:
    counts = counted(console)
    if sum(counts[name].all for name in console.whole) <= WHOLE:
        now = clock.now()
        held = or_(*(and_(*console.folders[name].conditions(now)) for name in console.whole))
        cases = session().scalars(_read(select(Case).where(console.seen(), held), BY_DEADLINE, 2 * WHOLE)).all()
        return Opening(counts, cases, dict.fromkeys(counts))
    first = console.first()
    cases, cursor = page(console, FolderQuery(folder=first))
    return Opening(counts, cases, {first: cursor})


def page(console: Console, asked: FolderQuery) -> tuple[Sequence[Case], str | None]:
    """In the folder's order; what is searched comes newest first."""
    folder, now = console.folders.get(asked.folder or console.first()), clock.now()
    if folder is None:
        raise Invalid("没有这个文件夹", fields={"folder": "没有这个文件夹"})
    query = select(Case).where((folder.within or console.seen)(), *folder.conditions(now))
    if asked.lamp:
        query = query.where(folder.has_lamp(asked.lamp, now))
    order, before = NEWEST if asked.q else folder.order, None
    if asked.cursor:
        query, (before, _) = query.where(order.after(asked.cursor)), read_cursor(asked.cursor)
    if asked.q:
        query = matching(query, console.viewer, asked.q, before=before, limit=asked.limit + 1)
    placed = _read(query, order, asked.limit + 1).add_columns(order.column)
    rows = session().execute(placed).all()
    cases = [each for each, _ in rows[: asked.limit]]
    return cases, cursor_after(rows[asked.limit - 1][1], cases[-1].id) if len(rows) > asked.limit else None


def counted(console: Console) -> dict[str, Count]:
    """Of every folder but what has ended, of which nobody needs to know how much there is."""
    now = clock.now()
    rows = session().execute(_tally(console, now)).all()
    counts = {}
    for name, folder in console.folders.items():
        if folder.is_counted and folder.holds is not None:
            counts[name] = _by_lamp(console, folder, now)
        elif folder.is_counted:
            counts[name] = sum(map(folder.count, rows), start=Count())
    return counts


def _tally(console: Console, now: datetime) -> Select[*tuple[Any, ...]]:
    """Once through what is open, for all folders together; answered from `ix_case_open_counted`."""
    parts = Case.state, (Case.reworks > 0).label("is_reworked")
    figures = (
        func.count().label("n"),
        func.count(Case.due_at).label("timed"),
        func.count().filter(Case.due_at <= now).label("late"),
        func.count().filter(Case.due_at > now, Case.yellow_at <= now).label("soon"),
        func.count().filter(Case.due_at < Case.fed_back_at).label("fed_back_late"),
    )
    return select(*parts, *figures).where(console.seen(), Case.state.notin_(ENDED)).group_by(*parts)


def _by_lamp(console: Console, folder: Folder, now: datetime) -> Count:
    lamps = [func.count().filter(folder.has_lamp(colour, now)) for colour in (Lamp.RED, Lamp.YELLOW, Lamp.GREEN)]
    query = select(func.count(), *lamps).select_from(Case).where(console.seen(), *folder.conditions(now))
    row = session().execute(query).one()
    return Count(row[0], row[1], row[2], row[3])


def _read(query: Select[Case], order: Order, limit: int) -> Select[Case]:
    return query.options(*AT_A_GLANCE).order_by(*order.by()).limit(limit)


def _was_closed(unit_id: int) -> ColumnElement[bool]:
    return (Case.unit_id == unit_id) & Case.closed_at.is_not(None)


def _is_asked() -> ColumnElement[bool]:
    return is_among(waiting_for("any"))


def _is_task() -> ColumnElement[bool]:
    """核查 or 核实; a case may wait for both."""
    return or_(Case.state == State.CHECKING, Case.verification == Verification.ASKED)


# A check asked for before there was its clock is due since then.
_CHECK_DUE = func.coalesce(Case.check_due_at, Case.fed_back_at)
_TASK_DUE = case((Case.state == State.CHECKING, _CHECK_DUE), else_=Case.verify_due_at)


def _task_has_lamp(colour: str, now: datetime) -> ColumnElement[bool]:
    """Of the half hour that either task may take."""
    warned = now + VERIFICATION * (1 - WARN_AT)
    if colour == Lamp.RED:
        return now >= _TASK_DUE
    return _TASK_DUE.between(now, warned) if colour == Lamp.YELLOW else warned < _TASK_DUE


_AT_UNIT = {
    "todo": Folder(AT_THE_UNIT),
    "to_accept": Folder(frozenset({State.DISPATCHED})),
    "handling": Folder(frozenset({State.HANDLING})),
    "returned": Folder(AT_THE_UNIT, reworked=True),
    "suspended": Folder(frozenset({State.SUSPENDED})),
    "checking": Folder(frozenset({State.CHECKING, State.CONFIRMING})),
}
_AT_COMMAND = {
    "dispatch": Folder(frozenset({State.FILED}), order=Order(Case.filed_at)),
    "decide": Folder(frozenset(State), holds=_is_asked),
    "confirm": Folder(frozenset({State.REJECTING, State.CONFIRMING})),
    "overdue": Folder(OPEN, is_late=True),
    "suspended": Folder(frozenset({State.SUSPENDED})),
    "open": Folder(OPEN - {State.REPORTED}),
}
_AT_INSPECTION = {"tasks": Folder(OPEN, holds=_is_task, order=Order(_TASK_DUE), has_lamp=_task_has_lamp)}
