"""Fill an empty database with the demonstration city: the same every time for the same day, and only once."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import SYSTEM
from app.catalogue.service import install
from app.db import session
from app.demo.city import build_units
from app.demo.people import build_people
from app.demo.rules import build_rules
from app.events.service import record
from app.network.importing import install_areas
from app.network.models import Unit
from app.network.queries import areas, is_empty
from app.network.service import AUDIENCE, renew_stamp

SEED = 96310
CATALOGUE_NAME = "宁波市城市管理部件和事件分类目录（184 类）"


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The shipped data that come from outside the application."""

    classes: Path
    conditions: Path
    places: Path


def install_basics(files: SourceFiles) -> bool:
    """Catalogue, calendar and areas: what a real city needs too. Says whether anything was written."""
    catalogue = install(files.classes, files.conditions, CATALOGUE_NAME)
    places = install_areas(files.places)
    return catalogue or places


def seed(now: datetime, files: SourceFiles) -> bool:
    """The whole demonstration city as of `now`; False if units exist already, which are never touched."""
    install_basics(files)
    if not is_empty():
        return False
    random = Random(SEED)
    build_units(areas(), random)
    units = list(session().scalars(select(Unit).order_by(Unit.code)))
    rules = build_rules(areas(), units)
    renew_stamp("routing")
    if session().scalar(select(Account.id).limit(1)) is None:
        build_people(random, units)
    facts = {"by": SYSTEM.name, "units": len(units), "rules": rules}
    record("demo.seeded", subject=("demo", 1), audience=AUDIENCE, payload=facts)
    return True
