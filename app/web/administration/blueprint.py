"""The blueprint, its guard, and what every page of the administration shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import flash, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.db import transaction
from app.errors import Conflict, Invalid
from app.web.texts import translate

T = TypeVar("T")

# An APIBlueprint only because APIFlask cannot describe an application in which a plain one has a guard.
bp = APIBlueprint("administration", __name__, url_prefix="/admin", enable_openapi=False)
# On the blueprint, so that no page can forget it.
bp.before_request(needs(Permission.ADMINISTER)(lambda: None))

PAGE_ROWS = 50
SECTIONS = (
    ("home", "/admin", "house"),
    ("people", "/admin/people", "users"),
    ("units", "/admin/units", "building-2"),
    ("classes", "/admin/classes", "timer"),
    ("calendars", "/admin/calendars", "calendar-clock"),
    ("areas", "/admin/areas", "map"),
    ("rules", "/admin/rules", "route"),
    ("ladder", "/admin/ladder", "bell"),
    ("surges", "/admin/surges", "siren"),
    ("articles", "/admin/articles", "book-open"),
    ("audit", "/admin/audit", "history"),
)
# What the machine learns; supervisors look after a part of it, too.
LEARNING = (
    ("try", "/admin/try", "sparkles"),
    ("models", "/admin/models", "graduation-cap"),
    ("words", "/admin/words", "book-open"),
    ("places", "/admin/places", "map-pin"),
    ("review", "/review", "list-checks"),
    ("drift", "/admin/drift", "chart-column"),
    ("autofiling", "/admin/autofiling", "zap"),
)
REVIEWING = tuple(section for section in LEARNING if section[0] == "review")


@bp.context_processor
def surroundings() -> dict[str, object]:
    # Functions, called by the layout: an error page must not ask the database who is looking.
    return {"nav_groups": _nav_groups, "whoami": principal, "page_link": page_link, "local": local_time}


def local_time(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def _nav_groups() -> list[tuple[str, tuple[tuple[str, str, str], ...]]]:
    if principal().may(Permission.ADMINISTER):
        return [("", SECTIONS), ("learning", LEARNING)]
    return [("learning", REVIEWING)]


def page_link(**changes: object) -> str:
    """This list with the same filters on another page."""
    asked = {name: value for name, value in request.args.items() if name != "lang"}
    return f"{request.path}?{urlencode(asked | {name: str(value) for name, value in changes.items()})}"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page of a list; pages count from 1."""

    rows: Sequence[T]
    number: int
    pages: int
    total: int


def page_number(total: int) -> tuple[int, int]:
    """The page asked for, within what there is, and how many there are."""
    pages = max(1, -(-total // PAGE_ROWS))
    asked = request.args.get("page", "1")
    return min(max(1, int(asked) if asked.isdecimal() and len(asked) < 7 else 1), pages), pages


def cut(rows: Sequence[T]) -> Page[T]:
    number, pages = page_number(len(rows))
    return Page(rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS], number, pages, len(rows))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not taken; `fields` are the messages beside its fields."""

    status: int
    message: str
    fields: dict[str, str] = field(default_factory=dict)
    is_conflict: bool = False


def attempt(change: Callable[[], str]) -> Refusal | None:
    """Run the change in a transaction; None when it went through, and its words are shown on the next page.

    What a person can mend comes back as a refusal.
    """
    try:
        with transaction():
            done = change()
    except Invalid as error:
        return Refusal(error.status, error.message, error.facts.get("fields", {}))
    except Conflict as error:
        return Refusal(error.status, error.message, is_conflict=True)
    # Of two who add the same number at once the database takes one.
    except (StaleDataError, IntegrityError):
        return Refusal(409, translate("admin.stale"), is_conflict=True)
    flash(done, "good")
    return None


def refuse(faults: dict[str, str]) -> None:
    if faults:
        raise Invalid(translate("admin.check_fields"), fields=faults)


def typed(*names: str) -> dict[str, str]:
    """What was typed into the named fields, trimmed."""
    return {name: request.form.get(name, "").strip() for name in names}


def number_from(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def seen_version() -> int:
    """0 fits no row: a form without its version is as good as an old one."""
    return number_from(request.form.get("version", "")) or 0
