"""Models: which one serves, training a new one and watching it, the way back, and each one's card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, jsonify, redirect, render_template
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.accounts.sessions import principal
from app.catalogue.queries import catalogue
from app.config import Settings
from app.db import after_commit
from app.learning import queries, registry, runs, tasks, training
from app.learning.models import ModelVersion
from app.learning.terms import ModelState
from app.web.administration.blueprint import Refusal, attempt, bp
from app.web.texts import translate


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One figure of a trial, before and after; `is_worse` by any amount."""

    label: str
    old: str
    new: str
    is_worse: bool


@bp.get("/models")
def list_models() -> str:
    return _page()


@bp.get("/models/progress")
def show_progress() -> str:
    """The part of the page that is asked for again while a training runs."""
    return render_template("admin/_progress.html", run=queries.last_run(), names=_names([]))


@bp.post("/models/train")
def start_training() -> Response | tuple[str, int]:
    def start() -> str:
        run = runs.start(principal())
        after_commit(lambda: tasks.hand_over(run.id))
        return translate("admin.models.started")

    return _done(attempt(start))


@bp.post("/models/runs/<int:run_id>/stop")
def stop_training(run_id: int) -> Response | tuple[str, int]:
    def stop() -> str:
        runs.abandon(principal(), run_id)
        return translate("admin.models.stopped")

    return _done(attempt(stop))


@bp.post("/models/back")
def roll_back() -> Response | tuple[str, int]:
    def back() -> str:
        version = registry.roll_back(principal())
        return translate("admin.models.rolled_back", name=version or translate("admin.models.shipped"))

    return _done(attempt(back))


@bp.post("/models/<int:model_id>/activate")
def activate_model(model_id: int) -> Response | tuple[str, int]:
    def activate() -> str:
        return translate("admin.models.activated", name=registry.activate(principal(), model_id).version)

    return _done(attempt(activate))


@bp.get("/models/<int:model_id>")
def show_model(model_id: int) -> str:
    model = queries.model(model_id)
    return render_template(
        "admin/model.html",
        section="models",
        model=model,
        names=_names([model]),
        size=_size(model),
        trials=[(_trial_name(one), _lines(one), one["new"]["texts"]) for one in model.figures.get("trials", [])],
        moved=_moved_classes(model),
    )


@bp.get("/models/<int:model_id>/card.json")
def download_card(model_id: int) -> FlaskResponse:
    return jsonify(queries.model(model_id).figures)


def _page(refusal: Refusal | None = None) -> str:
    rows, active = queries.models(), queries.active_model()
    return render_template(
        "admin/models.html",
        section="models",
        rows=rows,
        active=active,
        broken=_broken(rows, active),
        run=queries.last_run(),
        names=_names(rows),
        waiting=queries.count_new(last.started_at if (last := queries.last_run()) else None),
        gold=_gold,
        refusal=refusal,
    )


def _done(refusal: Refusal | None) -> Response | tuple[str, int]:
    return redirect("/admin/models", 303) if refusal is None else (_page(refusal), refusal.status)


def _broken(rows: Sequence[ModelVersion], active: ModelVersion | None) -> ModelVersion | None:
    """The newest model that served until its file was found broken, unless a newer one has taken over."""
    found = next((row for row in rows if row.state == ModelState.REFUSED and row.active_since is not None), None)
    return None if found is None or (active is not None and active.id > found.id) else found


def _gold(model: ModelVersion) -> str:
    trials = model.figures.get("trials", [])
    return f"{trials[0]['new']['top1']:.1%} / {trials[0]['new']['top3']:.1%}" if trials else "—"


def _lines(trial: dict[str, dict[str, float | None]]) -> list[TrialLine]:
    keys = ("top1", "top3", "coverage_at_90", "auc", "ece")
    return [_line(key, trial["old"].get(key), trial["new"].get(key)) for key in keys]


def _trial_name(trial: dict[str, Any]) -> str:
    keys = {training.GOLD: "gold", training.LAST_WEEK: "last_week"}
    return translate(f"admin.models.trial.{keys[trial['name']]}") if trial["name"] in keys else str(trial["name"])


def _line(key: str, old: float | None, new: float | None) -> TrialLine:
    worse = old is not None and new is not None and (new > old if key == "ece" else new < old)
    return TrialLine(translate(f"admin.models.figure.{key}"), _percent(old), _percent(new), worse)


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _moved_classes(model: ModelVersion) -> list[tuple[str, str, str, str, int]]:
    """Classes whose share changed in a trial: (trial, name, before, after, texts)."""
    known = catalogue()
    found = []
    for trial in model.figures.get("trials", []):
        before = {each["code"]: each for each in trial["old"]["per_class"]}
        for each in trial["new"]["per_class"]:
            old = before.get(each["code"], each)
            if old["top1"] != each["top1"]:
                name = known.class_of(each["code"]).name if each["code"] in known else each["code"]
                found.append((_trial_name(trial), name, _percent(old["top1"]), _percent(each["top1"]), each["texts"]))
    return found[:60]


def _names(rows: Sequence[ModelVersion]) -> dict[int, str]:
    run = queries.last_run()
    ids = {row.trained_by for row in rows} | {run.started_by if run else None}
    return accounts.names_of({each for each in ids if each})


def _size(model: ModelVersion) -> str:
    settings: Settings = current_app.extensions["settings"]
    path: Path = registry.folder_of(settings.data_dir) / model.file
    return f"{path.stat().st_size / 1024:,.0f} KB" if path.is_file() else ""
