"""Which rooms a person sits in by right, and which they may ask to enter. Pure."""

from collections.abc import Iterable

from app.accounts.roles import SYSTEM, Permission, Principal, Role
from app.cases.visibility import lookouts_on, rooms_of, sees_everything


def rooms_for(principal: Principal) -> frozenset[str]:
    """Joined on connecting. Whoever records an event names rooms; nobody receives anything else."""
    rooms = rooms_of(principal) | {f"account:{principal.id}"}
    if principal.may(Permission.TAKE_CALLS):
        rooms.add(f"seat:{principal.id}")
    if Role.ADMINISTRATOR in principal.roles:
        rooms.add("administrators")
    if principal.may(Permission.SEE_WALL):
        rooms.add(wall_room(principal))
    return frozenset(rooms)


def wall_room(principal: Principal) -> str:
    """Every figure of a wall counts what its viewer may see: a leader of a district gets those of the district."""
    return "wall" if sees_everything(principal) else f"wall:{principal.area_code}"


def may_still_watch(sits_in: Iterable[str], audience: Iterable[str], watched: str) -> bool:
    """Whoever watches a case knows it by another room too; administrators and the units above see cases and hear
    of none unasked."""
    audience = set(audience)
    return not (audience | lookouts_on(audience) | {"administrators"}).isdisjoint(set(sits_in) - {watched})


def viewer_in(room: str) -> Principal | None:
    """On whose behalf the figures of a wall's room are counted; None for any other room."""
    if room == "wall":
        return SYSTEM
    kind, _, area_code = room.partition(":")
    if kind != "wall":
        return None
    return Principal(id=0, name="", roles=frozenset({Role.LEADER}), area_code=area_code)


def may_watch_calls(principal: Principal) -> bool:
    return principal.may(Permission.TAKE_CALLS) or Role.SUPERVISOR in principal.roles
