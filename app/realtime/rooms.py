"""Which rooms a person sits in by right, and which they may ask to enter. Pure."""

from app.accounts.roles import Permission, Principal, Role


def rooms_for(principal: Principal) -> frozenset[str]:
    """Joined on connecting. Whoever records an event names rooms; nobody receives anything else."""
    rooms = {f"account:{principal.id}"}
    if principal.may(Permission.CREATE_CASES):
        rooms.add("agents")
    if Role.AGENT in principal.roles:
        rooms.add(f"seat:{principal.id}")
    if Role.SUPERVISOR in principal.roles:
        rooms.add("supervisors")
    if Role.ADMINISTRATOR in principal.roles:
        rooms.add("administrators")
    if Role.HANDLER in principal.roles and principal.unit_id is not None:
        rooms.add(f"unit:{principal.unit_id}")
    if principal.roles & {Role.INSPECTOR, Role.LEADER}:
        rooms.add(f"area:{principal.area_code}")
    if principal.may(Permission.SEE_WALL):
        rooms.add("wall")
    return frozenset(rooms)


def may_watch_calls(principal: Principal) -> bool:
    return principal.may(Permission.TAKE_CALLS) or Role.SUPERVISOR in principal.roles
