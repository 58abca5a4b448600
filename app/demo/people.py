"""The people of the demonstration city. None has a password: demonstration mode lets them in through a door."""

from collections.abc import Iterator
from random import Random
from typing import Any

from sqlalchemy import insert, select

from app import clock
from app.accounts.models import Account
from app.accounts.roles import Role
from app.db import session
from app.demo.city import DISTRICTS
from app.demo.names import person_name
from app.desk.models import Seat, Status
from app.network.areas import CITY_CODE
from app.network.models import Unit

# fmt: off
AGENTS = (
    "陈晓雨", "王丽", "徐佳", "周敏", "林涛", "何静", "沈洁", "郑凯",
    "潘琳", "董浩", "叶青", "俞婷", "蒋萍", "金鑫", "毛宁", "胡杰",
    "方圆", "任远", "邵华", "余波", "童欣", "戴莹", "史磊", "竺芳",
)
# fmt: on
SUPERVISORS = ("楼建国", "应晓峰", "虞海燕")
INSPECTORS_PER_DISTRICT = 2
# Streets whose leaders have an entry: one in each district.
_LED_STREETS = ("330203002", "330205001", "330206002", "330211001", "330212008", "330213001")

Row = dict[str, Any]


def build_people(random: Random, units: list[Unit]) -> dict[str, int]:
    """Returns account ids by login. Logins and work numbers that exist already are left alone."""
    taken = {value for row in session().execute(select(Account.login, Account.work_no)) for value in row}
    rows = [*_centre(random), *_leaders(random), *_handlers(random, units)]
    session().execute(insert(Account), [row for row in rows if not taken & {row["login"], row["work_no"]}])
    ids = {row.login: row.id for row in session().execute(select(Account.login, Account.id))}
    _place_seats([ids[row["login"]] for row in rows if Role.AGENT in row["roles"] and row["login"] in ids])
    return ids


def _place_seats(agents: list[int]) -> None:
    """A seat for each agent, still empty: the wallboard shows the whole room from the first day."""
    known = set(session().scalars(select(Seat.account_id)))
    now = clock.now()
    rows = [
        {"account_id": agent, "status": Status.OFFLINE, "since": now, "idle_since": now, "version": 1}
        for agent in agents
        if agent not in known
    ]
    if rows:
        session().execute(insert(Seat), rows)


def _centre(random: Random) -> Iterator[Row]:
    for number, name in enumerate(AGENTS, start=1001):
        yield _row(f"agent{number}", name, str(number), Role.AGENT)
    for number, name in enumerate(SUPERVISORS, start=2001):
        yield _row(f"supervisor{number}", name, str(number), Role.SUPERVISOR)
    for number, area_code in enumerate((CITY_CODE, CITY_CODE, *DISTRICTS), start=3001):
        yield _row(f"dispatcher{number}", person_name(random), str(number), Role.DISPATCHER, area_code)
    posts = [area_code for area_code in DISTRICTS for _ in range(INSPECTORS_PER_DISTRICT)]
    for number, area_code in enumerate(posts, start=4001):
        yield _row(f"inspector{number}", person_name(random), str(number), Role.INSPECTOR, area_code)
    yield _row("admin", "系统管理员", "9001", Role.ADMINISTRATOR)


def _leaders(random: Random) -> Iterator[Row]:
    for number, area_code in enumerate((CITY_CODE, *DISTRICTS, *_LED_STREETS), start=6001):
        yield _row(f"leader{number}", person_name(random), str(number), Role.LEADER, area_code)


def _handlers(random: Random, units: list[Unit]) -> Iterator[Row]:
    for number, unit in enumerate(units, start=50001):
        row = _row(f"unit-{unit.code}", person_name(random), str(number), Role.HANDLER, unit.area_code)
        yield row | {"unit_id": unit.id}


def _row(login: str, name: str, work_no: str, role: Role, area_code: str = CITY_CODE) -> Row:
    return {
        "login": login,
        "name": name,
        "work_no": work_no,
        "roles": [role.value],
        "area_code": area_code,
        "unit_id": None,
        "phone": None,
        "password_hash": None,
        "session_epoch": 0,
        "is_active": True,
        "version": 1,
    }
