"""Drift: four small charts by week, drawn as SVG on the server."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from app.catalogue.queries import catalogue
from app.learning import queries
from app.learning.drift import OTHERS, Drift, Week, drift
from app.web.administration.blueprint import bp
from app.web.texts import translate

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 360, 140, 34, 20, 8


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines`: stretches without a gap, as SVG points; `ticks`: (y, label); `days`: (x, label)."""

    name: str
    lines: list[str]
    dots: list[Dot]
    ticks: list[tuple[float, str]]
    days: list[tuple[float, str]]
    newest: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    colour: int
    said: str


@bp.get("/drift")
def show_drift() -> str:
    found = drift()
    names = {code: _name(code) for code in (*found.classes, OTHERS)}
    return render_template(
        "admin/drift.html",
        section="drift",
        found=found,
        charts=[
            _chart("overridden", found.weeks, [week.overridden for week in found.weeks]),
            _chart("confidence", found.weeks, [week.confidence for week in found.weeks]),
            _chart("unknown", found.weeks, [week.unknown for week in found.weeks]),
        ],
        bars=_bars(found, names),
        days=_days(found.weeks),
        names=names,
        known={each.version for each in queries.models(limit=500)},
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
    )


def _chart(name: str, weeks: Sequence[Week], values: Sequence[float | None]) -> Chart:
    most = _round_up(max((value for value in values if value is not None), default=0.0))
    places = [None if v is None else (_x(n, len(weeks)), _y(v / most)) for n, v in enumerate(values)]
    dots = [
        Dot(*place, f"{week.monday:%m-%d} {value:.1%}")
        for place, week, value in zip(places, weeks, values, strict=True)
        if place is not None
    ]
    known = [value for value in values if value is not None]
    ticks = [(_y(share), f"{most * share:.0%}") for share in (0.0, 0.5, 1.0)]
    return Chart(name, _stretches(places), dots, ticks, _days(weeks), f"{known[-1]:.1%}" if known else "—")


def _round_up(most: float) -> float:
    return next(limit for limit in (0.1, 0.2, 0.5, 1.0) if most <= limit)


def _stretches(places: Sequence[tuple[float, float] | None]) -> list[str]:
    """A week without decisions breaks the line instead of drawing it to zero."""
    found: list[list[str]] = [[]]
    for place in places:
        if place is None:
            found.append([])
        else:
            found[-1].append(f"{place[0]:.1f},{place[1]:.1f}")
    return [" ".join(points) for points in found if len(points) > 1]


def _bars(found: Drift, names: dict[str, str]) -> list[Bar]:
    """One stacked bar a week, the common classes from the bottom up."""
    bars = []
    width = (WIDTH - LEFT) / max(1, len(found.weeks)) * 0.7
    for number, week in enumerate(found.weeks):
        top = 0.0
        for colour, code in enumerate((*found.classes, OTHERS)):
            share = week.mix.get(code, 0.0)
            if share:
                x, y = _x(number, len(found.weeks)) - width / 2, _y(top + share)
                bars.append(Bar(x, y, width, _y(top) - y, colour, f"{week.monday:%m-%d} {names[code]} {share:.0%}"))
                top += share
    return bars


def _days(weeks: Sequence[Week]) -> list[tuple[float, str]]:
    return [(_x(n, len(weeks)), f"{week.monday:%m-%d}") for n, week in enumerate(weeks) if n % 3 == 0]


def _x(number: int, weeks: int) -> float:
    return LEFT + (number + 0.5) * (WIDTH - LEFT) / max(1, weeks)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def _name(code: str) -> str:
    if code == OTHERS:
        return translate("admin.drift.others")
    known = catalogue()
    return known.class_of(code).name if code in known else code
