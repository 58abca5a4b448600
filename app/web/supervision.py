"""The supervisors' page: lamps, 督办 and 催办. Server-rendered, works without scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.cases import service as cases
from app.cases.terms import LABELS, Action, State
from app.cases.workflow import offered
from app.catalogue.clocks import Lamp
from app.db import session, transaction
from app.errors import DomainError
from app.network.models import Unit
from app.network.queries import units
from app.supervision import orders, queries
from app.supervision.models import SupervisionOrder
from app.supervision.orders import LEVELS, OrderFields, OrderKind
from app.supervision.queries import LAST_PAGE, PAGE, LampFilter, LampLine
from app.web.administration import choices
from app.web.moments import lasted, local
from app.web.texts import translate
from app.web.views import IMPORT_MAP

bp = APIBlueprint("supervision", __name__, url_prefix="/supervision", enable_openapi=False)
bp.before_request(needs(Permission.SEE_WALL)(lambda: None))

CHOSEN_BY_HAND = (OrderKind.LEADER, OrderKind.IMPORTANT, OrderKind.TIMEOUT)


@bp.get("")
def lamps() -> str:
    """`X-Part`: only what changes while the page is open."""
    viewer, asked, page, orders_page = principal(), _asked(), _page("page"), _page("orders")
    counts, waiting = queries.lamp_counts(viewer, asked), queries.count_unanswered(viewer)
    total = _total(counts, asked)
    return render_template(
        "supervision_lists.html" if "X-Part" in request.headers else "supervision.html",
        import_map=IMPORT_MAP,
        lines=queries.lamp_lines(viewer, asked, page),
        pages=_pages("page", page, total, PAGE),
        total=total,
        counts=counts,
        asked=asked,
        unanswered=queries.unanswered(viewer, orders_page),
        waiting=waiting,
        orders_pages=_pages("orders", orders_page, waiting, queries.ORDERS),
        may=_may,
        open_form=request.args.get("order", ""),
        labels={state.value: label for state, label in LABELS.items()},
        areas=_areas(asked.area),
        unit=_unit_name(request.args.get("unit", "")),
        kinds=CHOSEN_BY_HAND,
        levels=LEVELS,
        whoami=principal,
        now=clock.now(),
        local=local,
        left=_left,
        link=_link,
        here=_link(order=""),
        late=_is_late,
    )


@bp.post("/cases/<int:case_id>/order")
def give_order(case_id: int) -> Response:
    """A requirement put on the case, with its level and whether it must be answered."""
    level, kind = request.form.get("level", "3"), request.form.get("kind", "")
    fields = OrderFields(
        requirement=request.form.get("requirement", ""),
        kind=OrderKind(kind) if kind in CHOSEN_BY_HAND else OrderKind.LEADER,
        level=int(level) if level.isdecimal() and len(level) < 3 else 0,
        needs_reply="needs_reply" in request.form,
    )
    actor = principal()

    def give() -> str:
        made = orders.order(actor, case_id, fields)
        return translate("supervision.ordered", until=local(made.due_at))

    return _do(give)


@bp.post("/cases/<int:case_id>/urge")
def urge(case_id: int) -> Response:
    actor = principal()

    def press() -> str:
        case = cases.locked(actor, case_id)
        cases.urge(actor, case, translate("supervision.urged.text"))
        return translate("supervision.urged", number=case.number, n=case.urges)

    return _do(press)


def _do(change: Callable[[], str]) -> Response:
    """What went wrong is said on the same list; nothing is half done."""
    try:
        with transaction():
            told = change()
        flash(told, "good")
    except DomainError as error:
        faults = error.facts.get("fields", {})
        flash("；".join(faults.values()) or error.message, "bad")
    return redirect(_back(), 303)


def _back() -> str:
    """The same list with the same filters; never another page or site."""
    return "/supervision?" + request.form.get("back", "")[:500].replace("\r", "").replace("\n", "").lstrip("?/")


def _asked() -> LampFilter:
    args = request.args
    return LampFilter(
        lamp=args.get("lamp", ""),
        area=args.get("area", "") if args.get("area", "").isdecimal() else "",
        unit_ids=_unit_ids(args.get("unit", "").strip()),
        class_code=args.get("class", "").strip().upper()[:5],
        unassigned="unassigned" in args,
    )


def _areas(chosen: str) -> list[choices.Group]:
    """The districts, and the streets of the one that was chosen: all at once would be most of the page."""
    groups = choices.area_groups(everywhere="")
    return [(name, [each for each in own if len(each[0]) <= 6 or each[0][:6] == chosen[:6]]) for name, own in groups]


def _unit_ids(text: str) -> tuple[int, ...] | None:
    """By part of a name or by code; a link from elsewhere names the id. None: all units."""
    if not text:
        return None
    if text.isdecimal() and len(text) < 10:
        return (int(text),)
    return tuple(unit.id for unit in units(text=text[:80], active_only=False))


def _unit_name(text: str) -> str:
    found = _unit_ids(text.strip()) if text.strip().isdecimal() else None
    row = session().get(Unit, found[0]) if found else None
    return row.name if row else text


def _total(counts: dict[str, int], asked: LampFilter) -> int:
    if asked.unassigned:
        return counts["unassigned"]
    return counts[asked.lamp] if asked.lamp in set(Lamp) else sum(counts[lamp] for lamp in Lamp)


def _page(name: str) -> int:
    asked = request.args.get(name, "1")
    return max(1, min(int(asked), LAST_PAGE)) if asked.isdecimal() and len(asked) < 5 else 1


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a long list stands. Links are empty where there is no such page."""

    now: int
    last: int
    newer: str = ""
    older: str = ""


def _pages(name: str, now: int, total: int, size: int) -> Pages:
    last = max(1, min(-(-total // size), LAST_PAGE))
    newer = _link(**{name: now - 1 if now > 2 else ""}) if now > 1 else ""
    return Pages(now, last, newer, _link(**{name: now + 1}) if now < last else "")


def _link(**changes: object) -> str:
    """The query of this list with other filters; an empty value drops one."""
    # Another filter begins at its first page; another page of one list leaves the other where it is.
    forgotten = {"lang", "order"} | ({"page"} if changes.keys() - {"orders", "order"} else set())
    kept = {name: value for name, value in request.args.items() if name not in forgotten}
    return urlencode({name: str(value) for name, value in (kept | changes).items() if value != ""})


def _may(line: LampLine) -> set[str]:
    """Which of the buttons this person has for the case: the workflow's table says."""
    mine = {action for action, _ in offered(State(line.case.state), principal().roles)}
    return {action.value for action in (Action.SUPERVISE, Action.URGE) if action in mine}


def _left(line: LampLine) -> str:
    """ "剩 25 分", "超 3 小时"."""
    if line.due_at is None:
        return ""
    span = line.due_at - clock.now()
    name = "supervision.left" if span.total_seconds() > 0 else "supervision.over"
    return translate(name, span=lasted(abs(span)))


def _is_late(order: SupervisionOrder) -> bool:
    return order.state == "open" and order.due_at <= clock.now()
