"""Working calendars: periods, holidays and make-up days of an area. Before a change is saved, whose deadlines move."""

from collections.abc import Callable, Sequence
from datetime import date

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.accounts.sessions import principal
from app.cases.models import DeadlineMove
from app.cases.recalculation import Moved, move_deadlines, move_of, moved_deadlines
from app.cases.tasks import hand_over_move
from app.catalogue import calendar_changes, queries
from app.catalogue.calendar_sheets import HOUR_COLUMNS, blocks_of, hour_rows, read_calendar_day, read_hours
from app.catalogue.calendars import DayKind, Special, WorkCalendar, WorkingHours
from app.catalogue.queries import CITY_AREA
from app.db import after_commit, session
from app.errors import Conflict, DomainError, Invalid
from app.network import queries as network
from app.network.areas import Level
from app.web.administration.blueprint import Refusal, attempt, bp, number_from, refuse, seen_version, typed
from app.web.texts import translate

SPARE_PERIODS = 2
MOST_SHOWN = 200
HOUR_FIELDS = tuple(each.name for each in HOUR_COLUMNS if each.name != "area_code")
Apply = Callable[[], None]


@bp.get("/calendars")
def show_calendars() -> str:
    return _page(_area())


@bp.post("/calendars/<area_code>")
def change_calendar(area_code: str) -> Response | str | tuple[str, int]:
    """`do`: day, remove or hours. First the effect is shown; `confirmed` saves it."""
    version = seen_version()
    try:
        after, apply = _change(area_code)
        if "confirmed" not in request.form:
            return _page(area_code, moved=moved_deadlines(area_code, queries.calendar(area_code), after))
    except DomainError as error:
        refusal = Refusal(error.status, error.message, error.facts.get("fields", {}))
        return _page(area_code, refusal), error.status
    refusal_now = attempt(lambda: save(area_code, version, apply))
    if refusal_now is None:
        return redirect(f"/admin/calendars?area={area_code}&year={_year()}", 303)
    return _page(area_code, refusal_now), refusal_now.status


@bp.post("/calendars")
def add_calendar() -> Response | tuple[str, int]:
    area_code = request.form.get("area", "")

    def add() -> str:
        area = network.areas().area(area_code)
        calendar_changes.copy_calendar(principal(), area.code, translate("admin.calendars.of", name=area.name))
        return translate("admin.calendars.added", name=area.name)

    refusal = attempt(add)
    if refusal is None:
        return redirect(f"/admin/calendars?area={area_code}", 303)
    return _page(CITY_AREA, refusal), refusal.status


def save(area_code: str, version: int, apply: Apply) -> str:
    """Change the calendar and, if the administrator says so, the deadlines of open cases with it."""
    row = queries.calendar_row(area_code)
    if row.version != version:
        raise Conflict(translate("admin.stale"), version=row.version)
    before = queries.calendar(area_code)
    apply()
    session().flush()
    if "recalculate" not in request.form:
        return translate("admin.calendars.saved")
    return say_moved([move_deadlines(principal(), area_code, before, queries.calendar(area_code))])


def say_moved(moves: Sequence[DeadlineMove]) -> str:
    """How many deadlines were moved; thousands are left to the background."""
    if all(move.done_at for move in moves):
        return translate("admin.calendars.saved_moved", n=sum(move.moved for move in moves))
    after_commit(hand_over_move)
    return translate("admin.calendars.saved_moving", n=sum(move.total for move in moves))


@bp.get("/calendars/<area_code>/move")
def show_move(area_code: str) -> str:
    """The part of the page that changes while deadlines are counted anew."""
    return render_template("admin/_move.html", move=move_of(area_code))


def _change(area_code: str) -> tuple[WorkCalendar, Apply]:
    """What the calendar would be, and how to make it so."""
    now = queries.calendar(area_code)
    match request.form.get("do", ""):
        case "hours":
            hours = _typed_hours(area_code)
            return WorkCalendar(hours, now.special.values()), lambda: calendar_changes.set_working_hours(
                principal(), hours, area_code
            )
        case "remove":
            day = _typed_day("day")
            rest = [each for each in now.special.values() if each.day != day]
            return WorkCalendar(now.hours, rest), lambda: calendar_changes.remove_special_day(
                principal(), day, area_code
            )
        case _:
            special = _typed_special()
            rest = [each for each in now.special.values() if each.day != special.day]

            def put() -> None:
                calendar_changes.set_special_day(principal(), special, area_code)

            return WorkCalendar(now.hours, [*rest, special]), put


def _typed_special() -> Special:
    form = typed("kind", "name")
    faults = {}
    if form["kind"] not in set(DayKind):
        faults["kind"] = translate("admin.choose")
    if not form["name"] or len(form["name"]) > 40:
        faults["name"] = translate("admin.too_long", n=40)
    refuse(faults)
    day = _typed_day("day")
    if form["kind"] == DayKind.MAKE_UP and day.weekday() < 5:
        raise Invalid(translate("admin.calendars.usual"), fields={"day": translate("admin.calendars.usual")})
    return Special(day, DayKind(form["kind"]), form["name"], "provisional" in request.form)


def _typed_day(name: str) -> date:
    try:
        return read_calendar_day(request.form.get(name, ""), translate("admin.calendars.day"))
    except ValueError as error:
        raise Invalid(str(error), fields={name: str(error)}) from None


def _typed_hours(area_code: str) -> list[WorkingHours]:
    columns = [request.form.getlist(name) for name in HOUR_FIELDS]
    rows = []
    for line, values in enumerate(zip(*columns, strict=False), start=1):
        row = dict(zip(HOUR_FIELDS, (value.strip() for value in values), strict=True))
        if row["weekdays"] or row["starts"] or row["ends"]:
            rows.append((line, {**row, "area_code": area_code}))
    try:
        return read_hours(rows, {area_code})[area_code]
    except Invalid as error:
        raise Invalid("；".join(error.facts.get("rows", [error.message]))) from None


def _area() -> str:
    asked = request.args.get("area", "")
    return asked if asked in queries.calendar_areas() else CITY_AREA


def _year() -> int:
    asked = number_from(request.values.get("year", "") or request.values.get("day", "")[:4])
    return asked if asked and 2020 <= asked <= 2060 else clock.local(clock.now()).year


def _page(area_code: str, refusal: Refusal | None = None, moved: list[Moved] | None = None) -> str:
    row, calendar, year = queries.calendar_row(area_code), queries.calendar(area_code), _year()
    areas = network.areas()
    own = queries.calendar_areas()
    special = [each for each in calendar.special.values() if each.day.year == year]
    hours = list(hour_rows(area_code, calendar.hours).values())
    blank = dict.fromkeys(HOUR_FIELDS, "")
    return render_template(
        "admin/calendars.html",
        section="calendars",
        row=row,
        year=year,
        years=sorted({each.day.year for each in calendar.special.values()} | {year}),
        blocks=blocks_of(area_code, special),
        hours=_hours_typed() if request.form.get("do") == "hours" else [*hours, *[blank] * SPARE_PERIODS],
        areas=[(code, areas.text(code) or translate("admin.whole_city")) for code in own],
        others=[(each.code, each.name) for each in areas.at_level(Level.DISTRICT) if each.code not in own],
        form={**dict.fromkeys(("day", "kind", "name"), ""), **request.form.to_dict()},
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        moved=moved,
        move=move_of(area_code),
        most=MOST_SHOWN,
        kinds=list(DayKind),
        sent=[(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"],
    )


def _hours_typed() -> list[dict[str, str]]:
    columns = [request.form.getlist(name) for name in HOUR_FIELDS]
    return [dict(zip(HOUR_FIELDS, values, strict=True)) for values in zip(*columns, strict=False)]
