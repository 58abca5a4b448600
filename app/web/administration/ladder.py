"""定时报警的阶梯: who is told at which share of the limit, and who leads which unit."""

from flask import flash, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts.models import Account
from app.accounts.sessions import principal
from app.catalogue.queries import catalogue
from app.db import session
from app.errors import Invalid
from app.network.queries import areas
from app.supervision import editing
from app.supervision.ladder import DEFAULT_LADDER, Post, Rung
from app.web.administration import choices
from app.web.administration.blueprint import Refusal, attempt, bp, number_from, typed
from app.web.texts import translate

# A rung's recipients to choose from; the stage clocks have theirs fixed.
CHOSEN = (Post.HANDLER, Post.HEAD, Post.LEADER, Post.ORDER)


@bp.get("/ladder")
def show_ladder() -> str:
    return _page(dict.fromkeys(("percent", "recipient", "area_code", "class_code"), ""))


@bp.post("/ladder")
def add_rung() -> Response | tuple[str, int]:
    form = typed("percent", "recipient", "area_code", "class_code")

    def add() -> str:
        recipient = form["recipient"] if form["recipient"] in CHOSEN else Post.DISPATCHER
        rung = Rung(
            number_from(form["percent"]) or 0,
            Post(recipient),
            "" if form["area_code"] == "3302" else form["area_code"],
            form["class_code"].upper()[:5],
            "at_night" in request.form,
        )
        editing.put_up(principal(), rung)
        return translate("admin.ladder.added")

    refusal = attempt(add)
    return redirect("/admin/ladder", 303) if refusal is None else (_page(form, refusal), refusal.status)


@bp.post("/ladder/<int:rung_id>/remove")
def remove_rung(rung_id: int) -> Response:
    def remove() -> str:
        editing.take_down(principal(), rung_id)
        return translate("admin.ladder.removed")

    return _after(attempt(remove))


@bp.post("/ladder/heads")
def name_head() -> Response:
    """By work number; an empty one takes the name away."""
    form = typed("unit_id", "person")

    def name() -> str:
        editing.name_head(principal(), number_from(form["unit_id"]) or 0, _person(form["person"]))
        return translate("admin.ladder.head_named")

    return _after(attempt(name))


def _after(refusal: Refusal | None) -> Response:
    if refusal is not None:
        flash("；".join(refusal.fields.values()) or refusal.message, "bad")
    return redirect("/admin/ladder", 303)


def _person(work_no: str) -> int | None:
    if not work_no:
        return None
    found = session().scalar(select(Account.id).where(Account.work_no == work_no, Account.is_active))
    if found is None:
        raise Invalid("没有这个人员", fields={"person": translate("admin.ladder.nobody")})
    return found


def _page(form: dict[str, str], refusal: Refusal | None = None) -> str:
    rows = editing.rungs()
    return render_template(
        "admin/ladder.html",
        section="ladder",
        rows=rows,
        default=[] if rows else DEFAULT_LADDER,
        heads=editing.heads(),
        form=form,
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        posts=[("", [(post.value, translate(f"admin.ladder.post.{post}")) for post in CHOSEN])],
        areas=choices.area_groups(everywhere=""),
        units=choices.unit_groups(),
        area_name=lambda code: areas().text(code) or translate("admin.whole_city"),
        class_names={entry.code: entry.name for entry in catalogue()}
        | {entry.major: entry.major_name for entry in catalogue()},
    )
