"""The doors of the demonstration: each leads one click deep into somebody's working day."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Account
from app.accounts.roles import Role
from app.cases.models import Case
from app.cases.workflow import AT_THE_UNIT, State
from app.config import Settings
from app.db import session
from app.errors import NotFound
from app.network.areas import Level
from app.network.models import Unit
from app.network.queries import areas
from app.network.unit_types import Channel


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
    Door("command", "route", "/command", Role.DISPATCHER),
    Door("supervise", "siren", "/supervision", Role.SUPERVISOR),
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
    return _web_phone(settings, "+8613800000001"), [OpenDoor(door, people_behind(door)) for door in DOORS]


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """The web phone of a unit that answers by telephone, ready to ring, or by text message."""

    unit: str
    address: str
    cases: int
    by_sms: bool


def duty_phones(settings: Settings, limit: int = 40) -> list[DutyPhone]:
    """Those with most at hand first: their telephones have something to tell."""
    at_hand = _count(Case.unit_id, AT_THE_UNIT)
    rings = (Unit.channel == Channel.TELEPHONE) & Unit.pin_hash.is_not(None)
    query = select(Unit).where(Unit.is_active, rings | (Unit.channel == Channel.SMS))
    units = sorted(session().scalars(query), key=lambda unit: (-at_hand.get(unit.id, 0), unit.code))
    return [
        DutyPhone(
            unit.name, _web_phone(settings, unit.duty_phone), at_hand.get(unit.id, 0), unit.channel == Channel.SMS
        )
        for unit in units[:limit]
        if unit.duty_phone
    ]


def _web_phone(settings: Settings, number: str) -> str:
    return f"{settings.twilio_api_base_url}/phone?number={quote(number)}"


def people_behind(door: Door, limit: int = 500) -> list[Person]:
    """Who may be entered as; whoever has most to do comes first and is the one behind the single click."""
    accounts = session().scalars(select(Account).where(Account.is_active).order_by(Account.work_no))
    holders = [account for account in accounts if door.role in account.roles][:limit]
    people = _by_district(holders) if door.role is Role.HANDLER else [_introduce(each) for each in holders]
    work = _work_of(holders, door.role)
    busiest = max(people, key=lambda person: work.get(person.login, 0), default=None)
    return sorted(people, key=lambda person: person is not busiest)


def _introduce(account: Account) -> Person:
    area = areas().text(account.area_code)
    return Person(account.login, account.name, f"{account.work_no} · {area}" if area else account.work_no)


def _work_of(holders: list[Account], role: Role | None) -> dict[str, int]:
    """Cases on each one's desk, by login; nobody but units and inspectors has a desk of their own."""
    if role is Role.HANDLER:
        at_units = _count(Case.unit_id, AT_THE_UNIT)
        return {each.login: at_units.get(each.unit_id, 0) for each in holders}
    if role is Role.INSPECTOR:
        in_districts = _count(Case.district_code, {State.CHECKING})
        return {each.login: in_districts.get(each.area_code, 0) for each in holders}
    return {}


def _count(by: InstrumentedAttribute[Any], states: Collection[State]) -> dict[Any, int]:
    query = select(by, func.count()).where(Case.state.in_(states)).group_by(by)
    return {key: count for key, count in session().execute(query)}


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
    people = people_behind(door)
    chosen = next((each for each in people if not login or each.login == login), None)
    account = session().scalar(select(Account).where(Account.login == chosen.login)) if chosen else None
    if account is None:
        raise NotFound("演示数据中没有这个人")
    return account, door.page
