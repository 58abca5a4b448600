"""Who sees which case: the one place that lists, counts, details, files and socket rooms all ask.

Two trees decide. In the area tree a level sees, and may act on, what lies below it. In the unit tree a unit sees what
the units below it have or help with, and leaves acting to them: `can_see` says what may be looked at, `reaches` what
is the person's own to act on. Its desk and its rooms hold its own work alone, lest a bureau's be full of its stations'.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, any_, false, func, or_, select, true

from app.accounts.roles import Permission, Principal, Role
from app.cases.models import Case, CaseUnit
from app.cases.terms import State, UnitRole
from app.db import session
from app.network.areas import CITY_CODE
from app.network.tree import below

# 受理 is the centre's business: these see a case of their area once it is accepted.
_BY_AREA = frozenset({Role.INSPECTOR, Role.LEADER, Role.DISPATCHER})
_UNIT, _ABOVE = "unit:", "above:"


def sees_everything(principal: Principal) -> bool:
    """The centre and the city's dispatchers; a district's dispatcher commands the district alone."""
    is_citys_dispatcher = Role.DISPATCHER in principal.roles and is_of_city(principal)
    return is_citys_dispatcher or principal.may(Permission.SEE_ALL_CASES)


def is_of_city(principal: Principal) -> bool:
    return len(principal.area_code) <= len(CITY_CODE)


def is_of_one_unit(principal: Principal) -> bool:
    """Whether all that the person sees is the work of one unit."""
    return not (sees_everything(principal) or principal.roles & _BY_AREA or _units_below(principal))


def visible(principal: Principal) -> ColumnElement[bool]:
    """A condition on `Case`; the union of what each role of the person may see."""
    if sees_everything(principal):
        return true()
    grounds: list[ColumnElement[bool]] = []
    if Role.HANDLER in principal.roles and principal.unit_id is not None:
        grounds.append(of_unit(principal.unit_id, *_units_below(principal)))
    if principal.roles & _BY_AREA:
        grounds.append(in_area(principal.area_code) & (Case.state != State.REPORTED))
    return or_(*grounds) if grounds else false()


def of_unit(*unit_ids: int) -> ColumnElement[bool]:
    """What the unit, or any of several, has and what it helps with."""
    return or_(_is_any(Case.unit_id, unit_ids), is_among(_helped(unit_ids)))


def can_see(principal: Principal, case: Case) -> bool:
    """The same rule for a row already loaded."""
    return reaches(principal, case) or not _units_of(case).isdisjoint(_units_below(principal))


def reaches(principal: Principal, case: Case) -> bool:
    """Whether the case is the person's own business, not merely that of a unit below; nothing else may be acted on."""
    if sees_everything(principal) or _is_at(principal, case):
        return True
    return bool(principal.roles & _BY_AREA) and case.state != State.REPORTED and covers(principal, *_codes(case))


def covers(principal: Principal, *codes: str | None) -> bool:
    """Whether a place, told by its codes, lies in the person's area."""
    return is_of_city(principal) or principal.area_code in codes


def may_file_at(principal: Principal, *codes: str | None) -> bool:
    """Whether the person may open a case there: nobody makes a case that would be hidden from its maker."""
    return sees_everything(principal) or covers(principal, *codes)


def sees_place(principal: Principal, area_code: str) -> bool:
    """Whether the person may see what is known of an area as a whole: those who see every case of it."""
    if sees_everything(principal):
        return True
    return bool(principal.roles & _BY_AREA) and covers(principal, *_within(area_code))


def places_of(principal: Principal) -> tuple[str, ...] | None:
    """Beginnings of the areas whose concerns the person may see, for a query; None: all of them."""
    if sees_everything(principal) or (principal.roles & _BY_AREA and is_of_city(principal)):
        return None
    return (principal.area_code,) if principal.roles & _BY_AREA else ()


def rooms_at(area_code: str) -> set[str]:
    """Who is told of what concerns an area as a whole; the other side of `sees_place`."""
    return {
        "agents",
        "supervisors",
        "dispatchers",
        f"area:{CITY_CODE}",
        *(f"area:{code}" for code in _within(area_code)),
    }


def _within(area_code: str) -> tuple[str, ...]:
    """District, street and community that hold the area, itself included."""
    return tuple(area_code[:length] for length in (6, 9, 12) if len(area_code) >= length)


def in_area(code: str) -> ColumnElement[bool]:
    """A condition on `Case`: whether it lies in the area."""
    if len(code) <= len(CITY_CODE):
        return true()
    column = {6: Case.district_code, 9: Case.street_code}.get(len(code), Case.community_code)
    return column == code


def can_see_reporter(principal: Principal, case: Case) -> bool:
    """Units never learn who called when the caller asked for confidence; inspectors, leaders and the units above never
    need it."""
    if _is_at(principal, case):
        return not case.confidential
    return principal.may(Permission.SEE_REPORTERS) and reaches(principal, case)


def rooms(case: Case) -> set[str]:
    """Who is told of a change. The unit's room only once the case is at that unit."""
    audience = {"agents", "supervisors", "dispatchers", f"case:{case.id}"}
    if case.state != State.REPORTED:
        audience |= {f"area:{code}" for code in (*_codes(case), CITY_CODE) if code}
    if case.unit_id is not None and case.dispatched_at is not None:
        audience.add(f"{_UNIT}{case.unit_id}")
    # Before its first flush a row has no list yet.
    audience |= {f"{_UNIT}{unit_id}" for unit_id in case.co_unit_ids or ()}
    return audience


def rooms_of(principal: Principal) -> set[str]:
    """The other side of `rooms`: where a person hears of the cases that `visible` shows."""
    found = {f"{role}s" for role in (Role.AGENT, Role.SUPERVISOR) if role in principal.roles}
    if Role.DISPATCHER in principal.roles and is_of_city(principal):
        found.add("dispatchers")
    if Role.HANDLER in principal.roles and principal.unit_id is not None:
        found.add(f"{_UNIT}{principal.unit_id}")
    if principal.roles & _BY_AREA and not sees_everything(principal):
        found.add(f"area:{CITY_CODE if is_of_city(principal) else principal.area_code}")
    return found


def lookouts(principal: Principal) -> set[str]:
    """Where the people of the units above sit beside `rooms_of`. Nothing is sent there, which keeps their desk their
    own; whoever sits there may go on watching one case of a unit below, once it is open before them."""
    return {f"{_ABOVE}{unit_id}" for unit_id in _units_below(principal)}


def lookouts_on(audience: Iterable[str]) -> set[str]:
    """The other side of `lookouts`: from where these rooms are looked down upon."""
    return {f"{_ABOVE}{room.removeprefix(_UNIT)}" for room in audience if room.startswith(_UNIT)}


def _codes(case: Case) -> tuple[str | None, ...]:
    return case.district_code, case.street_code, case.community_code


def _is_at(principal: Principal, case: Case) -> bool:
    """At the main unit or at one of the co-units."""
    if Role.HANDLER not in principal.roles or principal.unit_id is None:
        return False
    return principal.unit_id in _units_of(case)


def _units_of(case: Case) -> set[int | None]:
    return {case.unit_id, *(case.co_unit_ids or ())}


def _units_below(principal: Principal) -> tuple[int, ...]:
    """Of people alone. The hand without an account is the unit itself at its telephone, and has its own tickets."""
    if Role.HANDLER not in principal.roles or principal.unit_id is None or principal.id is None:
        return ()
    return below(principal.unit_id)


def _is_any(column: SQLColumnExpression[Any], unit_ids: tuple[int, ...]) -> ColumnElement[bool]:
    """One unit is what nearly everybody has: an index is entered at it, and read in its order."""
    return column == unit_ids[0] if len(unit_ids) == 1 else column.in_(unit_ids)


def _helped(unit_ids: tuple[int, ...]) -> Select[int]:
    """Cases in which one of the units has a part of the work beside the main unit."""
    return select(CaseUnit.case_id).where(
        _is_any(CaseUnit.unit_id, unit_ids), CaseUnit.role == UnitRole.CO, CaseUnit.left_at.is_(None)
    )


def is_among(ids: Select[int]) -> ColumnElement[bool]:
    """A condition on `Case` that PostgreSQL asks of the index beside an OR too: there it would try a subquery row by
    row, while an array is made from it once."""
    if session().get_bind().dialect.name == "postgresql":
        return Case.id == any_(func.array(ids.scalar_subquery()))
    return Case.id.in_(ids)
