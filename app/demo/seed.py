"""Fill an empty database with the demonstration city: the same every time for the same day, and only once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from app.accounts.roles import SYSTEM
from app.catalogue.queries import calendar, catalogue
from app.catalogue.service import install
from app.clock import local
from app.db import session
from app.demo.articles import write_articles
from app.demo.calls import other_talks, talks_of_cases, write_calls
from app.demo.cast import Cast
from app.demo.city import build_units
from app.demo.decisions import write_decisions
from app.demo.follow_up import write_follow_up
from app.demo.people import build_people
from app.demo.pictures import Picture, draw_pictures
from app.demo.places import Spots
from app.demo.rhythm import days_before, moments
from app.demo.rules import build_rules
from app.demo.stories import Story, World, read_complaints, tell, tell_draft
from app.demo.writing import place_draft, write_cases
from app.events.service import record
from app.network.importing import install_areas
from app.network.models import Unit
from app.network.queries import areas, count_units, is_empty, rule_index
from app.network.service import AUDIENCE, renew_stamp
from nlp.types import Understanding

Understand = Callable[[str], Understanding]

SEED = 96310
DAYS = 35  # reaches into last month: the ranking compares with it
CASES_A_DAY = 34
BUSY_CASES_A_DAY = 80
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


def seed(
    now: datetime,
    files: SourceFiles,
    understand: Understand | None = None,
    upload_dir: Path | None = None,
    days: int = DAYS,
) -> bool:
    """The city and the last weeks of its life as of `now`; False if there are units already: nothing is touched.

    `understand` is the classifier: with it the waiting SMS carry suggestions, as live ones do. With `upload_dir`
    the units' results come with pictures.
    """
    random = Random(SEED)
    rules = _build_city(files, random)
    if not rules:
        return False
    pictures = draw_pictures(upload_dir) if upload_dir else ()
    write_articles()
    cases = tell_stories(now, random, understand, pictures, days)
    facts = {"by": SYSTEM.name, "units": count_units(), "rules": rules, "cases": cases}
    record("demo.seeded", subject=("demo", 1), audience=AUDIENCE, payload=facts)
    return True


def seed_city(files: SourceFiles) -> bool:
    """Areas, units, rules and people without any case or call."""
    return bool(_build_city(files, Random(SEED)))


def tell_stories(
    now: datetime, random: Random, understand: Understand | None, pictures: tuple[Picture, ...], days: int
) -> int:
    """Weeks of cases and two weeks of calls up to `now`; returns how many cases."""
    cast = Cast(random)
    world = World(catalogue(), calendar(), rule_index(), Spots(areas()), cast, read_complaints(), pictures)
    openings = (at for day in days_before(now, days) for at in moments(day, _cases_a_day(day, now), random))
    stories = [tell(world, at, now, random) for at in openings if at <= now]
    stories += _drafts(world, now, random, understand)
    stories.sort(key=lambda story: story.opened_at)  # case numbers follow the order of time
    ids = write_cases(stories, random)
    write_calls([*talks_of_cases(stories, ids, random), *other_talks(now, cast, random)], random)
    if understand is not None:
        write_decisions(ids, understand, random)
    write_follow_up(now, random)
    return len(ids)


def _cases_a_day(day: date, now: datetime) -> int:
    """The last two days are busier, so that maps and lists of today show something early in the morning too."""
    return BUSY_CASES_A_DAY if (local(now).date() - day).days < 2 else CASES_A_DAY


def _drafts(world: World, now: datetime, random: Random, understand: Understand | None) -> list[Story]:
    drafts = [tell_draft(world, now - timedelta(minutes=minutes), random) for minutes in (14, 6, 2)]
    if understand is not None:
        for draft in drafts:
            place_draft(draft, understand(draft.facts["description"]))
    return drafts


def _build_city(files: SourceFiles, random: Random) -> int:
    """Returns the number of rules, 0 if the database has units already."""
    install_basics(files)
    if not is_empty():
        return 0
    build_units(areas(), random)
    units = list(session().scalars(select(Unit).order_by(Unit.code)))
    rules = build_rules(areas(), units)
    renew_stamp("routing")
    build_people(random, units)
    return rules
