"""集中事件规则: how many people in how many minutes make a surge, for each group of classes."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.incidents import settings
from app.incidents.models import IncidentRule
from app.incidents.rules import DEFAULT_RULES, Level, Rule
from app.web.administration.blueprint import attempt, bp, number_from, seen_version, typed
from app.web.texts import translate

FIELDS = ("classes", "level", "people", "minutes", "spoken")


@bp.get("/surges")
def show_surges() -> str:
    return _page()


@bp.post("/surges/<key>")
def change_surge(key: str) -> Response | tuple[str, int]:
    form = typed(*FIELDS)

    def change() -> str:
        settings.change(principal(), _rule(key, form), seen_version())
        return translate("admin.surges.saved")

    refusal = attempt(change)
    if refusal is None:
        return redirect("/admin/surges", 303)
    flash("；".join(refusal.fields.values()) or refusal.message, "bad")
    return _page(key, form), refusal.status


def _rule(key: str, form: dict[str, str]) -> Rule:
    level = next((each for each in Level if each == form["level"]), Level.STREET)
    return Rule(
        key,
        "",
        tuple(form["classes"].upper().split()),
        level,
        number_from(form["people"]) or 0,
        number_from(form["minutes"]) or 0,
        form["spoken"][:30],
        "is_active" in request.form,
    )


def _page(changed: str = "", form: dict[str, str] | None = None) -> str:
    """`form`: what was typed for the rule that was refused."""
    rows = [_shown(row) for row in settings.rows()] or [_default(rule) for rule in DEFAULT_RULES]
    for row in rows:
        if row["key"] == changed and form is not None:
            row.update(form)
    levels = [(level.value, translate(f"admin.surges.level.{level}")) for level in Level]
    return render_template("admin/surges.html", section="surges", rows=rows, groups=[("", levels)])


def _shown(row: IncidentRule) -> dict[str, object]:
    return {
        "key": row.key,
        "name": row.name,
        "classes": " ".join(row.classes),
        "level": row.level,
        "people": row.people,
        "minutes": row.minutes,
        "spoken": row.spoken,
        "is_active": row.is_active,
        "version": row.version,
    }


def _default(rule: Rule) -> dict[str, object]:
    return {
        "key": rule.key,
        "name": rule.name,
        "classes": " ".join(rule.classes),
        "level": rule.level.value,
        "people": rule.people,
        "minutes": rule.minutes,
        "spoken": rule.spoken,
        "is_active": True,
        "version": 1,
    }
