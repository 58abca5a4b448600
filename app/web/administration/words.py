"""Word lists: a city's own words per class, with their effect on the gold set shown before they are saved."""

from dataclasses import dataclass

from flask import current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.catalogue.entries import ClassEntry
from app.catalogue.queries import catalogue
from app.config import Settings
from app.errors import Invalid
from app.learning import queries, registry, tasks, words
from app.learning.words import Effect
from app.waiting import off_the_hub
from app.web.administration.blueprint import Refusal, attempt, bp, cut
from app.web.texts import translate


@dataclass(frozen=True, slots=True)
class ListLine:
    code: str
    name: str
    shipped: int
    own: list[str]
    proposed: int


@bp.get("/words")
def list_words() -> str:
    shipped, own = tasks.workshop().shipped_words(), queries.words()
    proposed: dict[str, int] = {}
    for row in queries.proposals(limit=1000):
        proposed[row.class_code] = proposed.get(row.class_code, 0) + 1
    text = request.args.get("q", "").strip()
    entries = catalogue().search(text, limit=len(catalogue())) if text else list(catalogue())
    lines = [
        ListLine(e.code, e.name, len(shipped.get(e.code, ())), list(own.get(e.code, ())), proposed.get(e.code, 0))
        for e in entries
        if "own" not in request.args or own.get(e.code)
    ]
    return render_template("admin/words.html", section="words", page=cut(lines))


@bp.get("/words/<code>")
def show_words(code: str) -> str:
    entry = catalogue().class_of(code)
    own = words.of_class(entry.code)
    return _form(entry, "\n".join(own), own)


@bp.post("/words/<code>")
def change_words(code: str) -> Response | tuple[str, int] | str:
    """First the effect is shown; a second click saves."""
    entry = catalogue().class_of(code)
    typed = request.form.get("words", "")[:5000]
    based_on = [word for word in request.form.get("based_on", "").split("\n") if word]
    if request.form.get("do") == "save":
        return _save(entry, typed, based_on)
    try:
        effect = _effect(entry.code, words.read_list(typed))
    except Invalid as error:
        refusal = Refusal(error.status, error.message, error.facts.get("fields", {}))
        return _form(entry, typed, based_on, refusal), error.status
    return _form(entry, typed, based_on, effect=effect)


def _save(entry: ClassEntry, typed: str, based_on: list[str]) -> Response | tuple[str, int]:
    def save() -> str:
        words.replace(principal(), entry.code, words.read_list(typed), based_on=based_on)
        return translate("admin.words.saved", name=entry.name)

    refusal = attempt(save)
    if refusal is None:
        return redirect(f"/admin/words/{entry.code}", 303)
    return _form(entry, typed, words.of_class(entry.code) if refusal.is_conflict else based_on, refusal), refusal.status


def _effect(code: str, typed: list[str]) -> Effect:
    settings: Settings = current_app.extensions["settings"]
    workshop, before, places = tasks.workshop(), queries.words(), queries.gazetteer()
    model = words.model_path(queries.active_model(), registry.folder_of(settings.data_dir))
    return off_the_hub(lambda: words.effect(workshop, model, places, before, {**before, code: typed}))


def _form(
    entry: ClassEntry,
    typed: str,
    based_on: list[str],
    refusal: Refusal | None = None,
    effect: Effect | None = None,
) -> str:
    known = catalogue()
    return render_template(
        "admin/word_list.html",
        section="words",
        entry=entry,
        typed=typed,
        based_on="\n".join(based_on),
        shipped=tasks.workshop().shipped_words().get(entry.code, ()),
        proposals=queries.proposals(entry.code),
        effect=effect,
        name_of=lambda code: known.class_of(code).name if code in known else code or "—",
        refusal=refusal,
        errors=refusal.fields if refusal else {},
    )
