"""Known cases that may be the matter a caller tells of: a bounded block by place, class and date, then scored.

Read anew for every question: an index kept in a process would not know what the others filed a second ago. Never a
decision: the agent attaches the call or does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from app import clock
from app.accounts.roles import Principal
from app.cases.models import Case
from app.cases.schemas import NearbyQuery
from app.cases.visibility import visible
from app.cases.workflow import State
from app.db import session
from app.network.areas import AreaTree
from app.network.queries import areas
from nlp.duplicates import WINDOW_DAYS, Likeness, Report, family, landmarks, rank

MOST_SHOWN = 5
SHOWN_FROM = 0.25
# The newest of a block: a street has a few hundred cases of a family in a month at the very most.
BLOCK = 200
# Characters of a description: what it is about is said at the beginning, and time must be bounded.
READ = 400

# Calls lie above this package, so the application hands in how to look up the fingerprint of who called.
CallerOfCall = Callable[[int], str | None]


@dataclass(frozen=True, slots=True)
class Twin:
    case: Case
    likeness: Likeness
    is_same_caller: bool


def nearby(viewer: Principal, asked: NearbyQuery, caller_of_call: CallerOfCall) -> list[Twin]:
    """The caller's own first, then the likest."""
    caller = _caller(viewer, asked, caller_of_call)
    rows = session().execute(_block(asked).where(visible(viewer))).all()
    tree = areas() if asked.lng is not None else None  # without a pin no distance is asked for
    ranked = rank(_asked(asked, caller, tree), _known(rows, tree), MOST_SHOWN)
    likely = {rows[place].id: like for place, like in ranked if like.score >= SHOWN_FROM}
    cases = session().scalars(select(Case).where(Case.id.in_(likely))).all()
    twins = [Twin(case, likely[case.id], bool(caller) and case.reporter_hash == caller) for case in cases]
    return sorted(twins, key=lambda twin: (twin.is_same_caller, twin.likeness.score, twin.case.id), reverse=True)


_Rows = Sequence[Row[*tuple[Any, ...]]]


def _block(asked: NearbyQuery) -> Select[*tuple[Any, ...]]:
    columns = (
        Case.id,
        Case.class_code,
        Case.district_code,
        Case.street_code,
        Case.community_code,
        Case.address,
        func.substr(Case.description, 1, READ).label("description"),
        Case.lng,
        Case.lat,
        Case.reporter_hash,
    )
    query = select(*columns).where(
        Case.class_code.in_(family(asked.class_code)),
        Case.opened_at >= clock.now() - timedelta(days=WINDOW_DAYS),
        Case.state != State.VOID,
        Case.id != (asked.draft_id or 0),
        *_place(asked),
    )
    return query.order_by(Case.opened_at.desc()).limit(BLOCK)


def _place(asked: NearbyQuery) -> list[ColumnElement[bool]]:
    """In the street; where that is not known, in the district at the roads and landmarks that were named."""
    if asked.street:
        return [Case.street_code == asked.street]
    named = landmarks(f"{asked.address} {asked.text}")
    at = [Case.address.contains(name, autoescape=True) for name in named]
    return [Case.district_code == asked.district, *([or_(*at)] if at else [])]


def _asked(asked: NearbyQuery, caller: str | None, tree: AreaTree | None) -> Report:
    spot = _spot(asked.lng, asked.lat, (asked.community, asked.street, asked.district), tree)
    text = f"{asked.address} {asked.text}"
    return Report(text, asked.class_code, asked.community or "", spot, caller or "")


def _known(rows: _Rows, tree: AreaTree | None) -> list[Report]:
    return [
        Report(
            f"{row.address} {row.description}",
            row.class_code or "",
            row.community_code or "",
            _spot(row.lng, row.lat, (row.community_code, row.street_code, row.district_code), tree),
            row.reporter_hash or "",
        )
        for row in rows
    ]


def _spot(
    lng: float | None, lat: float | None, codes: tuple[str | None, ...], tree: AreaTree | None
) -> tuple[float, float] | None:
    """Where somebody set the pin. The middle of an area, which a case without a pin is given, says nothing."""
    if lng is None or lat is None or tree is None:
        return None
    middles = [(area.lng, area.lat) for area in map(tree.find, codes) if area]
    return None if (lng, lat) in middles else (lng, lat)


def _caller(viewer: Principal, asked: NearbyQuery, caller_of_call: CallerOfCall) -> str | None:
    if asked.draft_id:
        return session().scalar(select(Case.reporter_hash).where(Case.id == asked.draft_id, visible(viewer)))
    return caller_of_call(asked.call_id) if asked.call_id else None
