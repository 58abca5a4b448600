"""Who plays in the stories: the people of the demonstration city by their parts, and the citizens who call."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import select

from app import clock
from app.accounts.models import Account
from app.accounts.roles import CITIZEN, Role
from app.db import session
from app.demo.names import person_name

CITIZENS = 700
_DAY = range(7, 20)


@dataclass(frozen=True, slots=True)
class Actor:
    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    phone: str
    name: str | None


CITIZEN_ACTOR = Actor(CITIZEN.id, CITIZEN.name)


class Cast:
    def __init__(self, random: Random) -> None:
        self._by_role: dict[str, list[Account]] = defaultdict(list)
        for account in session().scalars(select(Account).order_by(Account.work_no)):
            for role in account.roles:
                self._by_role[role].append(account)
        self._handlers = {each.unit_id: each for each in self._by_role[Role.HANDLER]}
        self._citizens = [_citizen(number, random) for number in range(CITIZENS)]

    def agents(self, moment: datetime) -> list[Account]:
        """Two thirds of the agents work by day, the others at night."""
        everyone = self._by_role[Role.AGENT]
        by_day = max(1, len(everyone) * 2 // 3)
        return everyone[:by_day] if clock.local(moment).hour in _DAY else everyone[by_day:] or everyone

    def agent(self, moment: datetime, random: Random) -> Actor:
        return _actor(random.choice(self.agents(moment)))

    def handler(self, unit_id: int) -> Actor:
        return _actor(self._handlers[unit_id])

    def inspector(self, district_code: str, random: Random) -> Actor:
        return _actor(
            random.choice([each for each in self._by_role[Role.INSPECTOR] if each.area_code == district_code])
        )

    def caller(self, random: Random) -> Caller:
        # Squared: a few citizens call again and again, most once.
        return self._citizens[int(random.random() ** 2 * len(self._citizens))]


def _citizen(number: int, random: Random) -> Caller:
    # The prefix 164 is given to no network: no message of a demonstration can reach a person.
    phone = f"+861640574{number:04d}"
    return Caller(phone, person_name(random) if random.random() < 0.6 else None)


def _actor(account: Account) -> Actor:
    return Actor(account.id, account.name)
