"""The doors of the demonstration: each leads one click deep into somebody's working day."""

from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Role
from app.config import Settings
from app.db import session
from app.errors import NotFound
from app.network.areas import Level
from app.network.models import Unit
from app.network.queries import areas


@dataclass(frozen=True, slots=True)
class Door:
    """`page` is where it leads; a door without people is an address of its own."""

    name: str
    icon: str
    page: str
    role: Role | None


DOORS = (
    Door("agent", "headphones", "/agent", Role.AGENT),
    Door("wall", "monitor", "/wall", Role.SUPERVISOR),
    Door("desk", "inbox", "/desk", Role.HANDLER),
    Door("inspect", "search-check", "/inspect", Role.INSPECTOR),
    Door("admin", "settings", "/admin", Role.ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class Person:
    """`group` heads a part of a long choice: handlers by the district of their unit."""

    login: str
    name: str
    about: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class OpenDoor:
    door: Door
    people: list[Person]


def all_doors(settings: Settings) -> tuple[str, list[OpenDoor]]:
    """The web phone's address, and the other doors with a few people to be."""
    phone = f"{settings.twilio_api_base_url}/phone?number={quote('+8613800000001')}"
    return phone, [OpenDoor(door, people_behind(door)) for door in DOORS]


def people_behind(door: Door, limit: int = 500) -> list[Person]:
    accounts = session().scalars(select(Account).where(Account.is_active).order_by(Account.work_no))
    holders = [account for account in accounts if door.role in account.roles][:limit]
    if door.role is Role.HANDLER:
        return _by_district(holders)
    return [Person(each.login, each.name, _about(each)) for each in holders]


def _about(account: Account) -> str:
    area = areas().text(account.area_code)
    return f"{account.work_no} · {area}" if area else account.work_no


def _by_district(handlers: list[Account]) -> list[Person]:
    """The city's own units last: the tour's complaint lies in a district."""
    units = {unit.id: unit for unit in session().scalars(select(Unit))}
    of_units = [(each, units[each.unit_id]) for each in handlers if each.unit_id in units]
    districts = {area.code: area.name for area in areas().at_level(Level.DISTRICT)}
    people = [
        Person(each.login, each.name, unit.name, districts.get(unit.area_code[:6], "全市")) for each, unit in of_units
    ]
    return sorted(people, key=lambda person: person.group == "全市")


def open_door(name: str, login: str = "") -> tuple[Account, str]:
    """The person behind the door and the page they work on."""
    door = next((each for each in DOORS if each.name == name), None)
    if door is None:
        raise NotFound("没有这扇门")
    accounts = session().scalars(select(Account).where(Account.is_active).order_by(Account.work_no))
    holders = [account for account in accounts if door.role in account.roles]
    chosen = next((each for each in holders if each.login == login), holders[0] if holders and not login else None)
    if chosen is None:
        raise NotFound("演示数据中没有这个人")
    return chosen, door.page
