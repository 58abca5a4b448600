"""Who sees which case: the one place that lists, counts, details, files and socket rooms all ask."""

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from app.accounts.roles import Permission, Principal, Role
from app.cases.models import Case, CaseUnit
from app.cases.terms import State, UnitRole, UnitState


def visible(principal: Principal) -> ColumnElement[bool]:
    """A condition on `Case`; the union of what each role of the person may see."""
    if principal.may(Permission.SEE_ALL_CASES):
        return true()
    grounds: list[ColumnElement[bool]] = []
    if Role.HANDLER in principal.roles and principal.unit_id is not None:
        grounds.append(Case.unit_id == principal.unit_id)
        grounds.append(Case.id.in_(_helped(principal.unit_id)))
    if principal.roles & {Role.INSPECTOR, Role.LEADER}:
        grounds.append(_in_area(principal.area_code) & (Case.state != State.REPORTED))
    return or_(*grounds) if grounds else false()


def can_see(principal: Principal, case: Case) -> bool:
    """The same rule for a row already loaded."""
    if principal.may(Permission.SEE_ALL_CASES):
        return True
    if _is_at(principal, case):
        return True
    in_area = any(principal.covers(code) for code in (case.community_code, case.street_code, case.district_code))
    whole_city = len(principal.area_code) <= 4
    return (
        bool(principal.roles & {Role.INSPECTOR, Role.LEADER})
        and (in_area or whole_city)
        and case.state != State.REPORTED
    )


def can_see_reporter(principal: Principal, case: Case) -> bool:
    """Units never learn who called when the caller asked for confidence; inspectors and leaders never need it."""
    return principal.may(Permission.SEE_REPORTERS) or (_is_at(principal, case) and not case.confidential)


def _is_at(principal: Principal, case: Case) -> bool:
    """At the main unit or at one of the co-units."""
    if Role.HANDLER not in principal.roles or principal.unit_id is None:
        return False
    return principal.unit_id == case.unit_id or principal.unit_id in (case.co_unit_ids or ())


def _helped(unit_id: int) -> Select[int]:
    """Cases in which the unit has or had a part of the work beside the main unit."""
    return select(CaseUnit.case_id).where(
        CaseUnit.unit_id == unit_id, CaseUnit.role == UnitRole.CO, CaseUnit.state != UnitState.REASSIGNED
    )


def _in_area(code: str) -> ColumnElement[bool]:
    if len(code) <= 4:
        return true()
    column = {6: Case.district_code, 9: Case.street_code}.get(len(code), Case.community_code)
    return column == code


def rooms(case: Case) -> set[str]:
    """Who is told of a change. The unit's room only once the case is at that unit."""
    audience = {"agents", "supervisors", f"case:{case.id}"}
    if case.state != State.REPORTED:
        audience |= {f"area:{code}" for code in (case.district_code, case.street_code) if code} | {"area:3302"}
    if case.unit_id is not None and case.dispatched_at is not None:
        audience.add(f"unit:{case.unit_id}")
    # Before its first flush a row has no list yet.
    audience |= {f"unit:{unit_id}" for unit_id in case.co_unit_ids or ()}
    return audience
