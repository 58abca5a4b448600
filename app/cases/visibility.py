"""Who sees which case: the one place that lists, counts, details, files and socket rooms all ask."""

from sqlalchemy import ColumnElement, false, or_, true

from app.accounts.roles import Permission, Principal, Role
from app.cases.models import Case
from app.cases.workflow import State


def visible(principal: Principal) -> ColumnElement[bool]:
    """A condition on `Case`; the union of what each role of the person may see."""
    if principal.may(Permission.SEE_ALL_CASES):
        return true()
    grounds: list[ColumnElement[bool]] = []
    if Role.HANDLER in principal.roles and principal.unit_id is not None:
        grounds.append(Case.unit_id == principal.unit_id)
    if principal.roles & {Role.INSPECTOR, Role.LEADER}:
        grounds.append(_in_area(principal.area_code) & (Case.state != State.REPORTED))
    return or_(*grounds) if grounds else false()


def can_see(principal: Principal, case: Case) -> bool:
    """The same rule for a row already loaded."""
    if principal.may(Permission.SEE_ALL_CASES):
        return True
    if Role.HANDLER in principal.roles and principal.unit_id is not None and case.unit_id == principal.unit_id:
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
    return principal.may(Permission.SEE_REPORTERS) or (
        Role.HANDLER in principal.roles and principal.unit_id == case.unit_id and not case.confidential
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
    return audience
