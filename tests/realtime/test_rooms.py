"""Who sits in which room by right."""

import pytest

from app.accounts.roles import Principal, Role
from app.realtime.rooms import may_watch_calls, rooms_for, viewer_in, wall_room


def person(*roles: Role, unit_id: int | None = None, area: str = "3302") -> Principal:
    return Principal(id=7, name="某某", roles=frozenset(roles), unit_id=unit_id, area_code=area)


@pytest.mark.parametrize(
    ("who", "rooms"),
    [
        (person(Role.AGENT), {"account:7", "agents", "seat:7", "wall"}),
        (person(Role.SUPERVISOR), {"account:7", "seat:7", "supervisors", "wall"}),
        (person(Role.DISPATCHER), {"account:7", "dispatchers", "wall"}),
        (person(Role.DISPATCHER, area="330203"), {"account:7", "area:330203", "wall:330203"}),
        (person(Role.HANDLER, unit_id=12), {"account:7", "unit:12"}),
        (person(Role.HANDLER), {"account:7"}),
        (person(Role.INSPECTOR, area="330203"), {"account:7", "area:330203"}),
        (person(Role.LEADER, area="330203008"), {"account:7", "area:330203008", "wall:330203008"}),
        (person(Role.LEADER), {"account:7", "area:3302", "wall:3302"}),
        (person(Role.INSPECTOR, area="330203008001"), {"account:7", "area:330203008001"}),
        (person(Role.ADMINISTRATOR), {"account:7", "administrators", "wall"}),
    ],
)
def test_each_role_sits_in_its_rooms_and_in_no_other(who: Principal, rooms: set[str]) -> None:
    assert rooms_for(who) == rooms


def test_only_those_who_take_or_supervise_calls_may_watch_one() -> None:
    allowed = {role for role in Role if may_watch_calls(person(role))}
    assert allowed == {Role.AGENT, Role.SUPERVISOR}


def test_the_figures_of_a_districts_wall_are_counted_for_a_leader_of_that_district() -> None:
    viewer = viewer_in(wall_room(person(Role.LEADER, area="330203")))
    assert viewer is not None
    assert (viewer.area_code, viewer.roles) == ("330203", {Role.LEADER})
    assert viewer_in("agents") is None
