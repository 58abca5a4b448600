"""The doors of the demonstration: each leads one click deep into somebody's working day."""

from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Role
from app.config import Settings
from app.db import session
from app.errors import NotFound
from app.network.models import Unit


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
    login: str
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class OpenDoor:
    door: Door
    people: list[Person]


def all_doors(settings: Settings) -> tuple[str, list[OpenDoor]]:
    """The web phone's address, and the other doors with a few people to be."""
    phone = f"{settings.twilio_api_base_url}/phone?number={quote('+8613800000001')}"
    return phone, [OpenDoor(door, people_behind(door)) for door in DOORS]


def people_behind(door: Door, limit: int = 300) -> list[Person]:
    units = {unit.id: unit.name for unit in session().scalars(select(Unit))} if door.role is Role.HANDLER else {}
    accounts = session().scalars(select(Account).where(Account.is_active).order_by(Account.work_no))
    holders = [account for account in accounts if door.role in account.roles][:limit]
    return [
        Person(each.login, each.name, units.get(each.unit_id or 0, "") or f"工号 {each.work_no}") for each in holders
    ]


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
