"""One training from the decisions to the decision: learn, calibrate, judge, learn the newest too, promote or refuse.

A first model learns from what is older than two weeks; the week before last calibrates it, the last week and the gold
set judge it. Only then a second one learns everything, is judged by the gold set again, and takes its place. Files
come before rows and every step is a short transaction: killed anywhere, a training leaves an unused file at most.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app import clock
from app.accounts.roles import SYSTEM
from app.db import session, transaction
from app.events.service import record
from app.learning import proposals, queries, registry, runs
from app.learning.examples import HALF_LIFE_DAYS, Cut, Decision, cut_by_time, to_examples, to_labelled
from app.learning.models import ModelVersion, SuggestionOutcome
from app.learning.port import Labelled, Trained, Words, Workshop
from app.learning.promotion import ENOUGH_OF_A_WEEK, Trial, objections
from app.learning.stamping import AUDIENCE
from app.learning.terms import ModelState, RunStep
from nlp.types import Classifier, GazetteerEntry

REMEMBERED = timedelta(days=3 * 365)
UNKNOWN_SHARES_AT_ONCE = 2000
GOLD, LAST_WEEK = "金标集", "上周"


@dataclass(frozen=True, slots=True)
class _Material:
    now: datetime
    cut: Cut
    words: Words
    places: Sequence[GazetteerEntry]
    active_version: str
    active_file: str
    started_by: int | None


@dataclass(frozen=True, slots=True)
class _Judged:
    trained: Trained
    path: Path
    trials: list[Trial]

    @property
    def against(self) -> list[str]:
        """A week of a few texts is shown, but does not decide."""
        return objections([one for one in self.trials if one.name == GOLD or one.new.texts >= ENOUGH_OF_A_WEEK])


def train(run_id: int, workshop: Workshop, folder: Path) -> None:
    """Work on a run that waits. Whatever happens, the run ends and its slot is free again."""
    with transaction():
        if not runs.claim(run_id):
            return
    is_ended = False
    try:
        _train(run_id, workshop, folder)
        is_ended = True
    except runs.RunLost:
        is_ended = True
    finally:
        if not is_ended:
            with transaction():
                runs.fail(run_id, "训练出错，现用模型不变（详见日志）")


def _train(run_id: int, workshop: Workshop, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    material = _gather(run_id)
    runs.advance(run_id, RunStep.WORDS, 8)
    _note_unknown_shares(workshop)
    _propose_words(workshop, material)
    runs.advance(run_id, RunStep.TRAINING, 15)
    first = _first(run_id, workshop, folder, material)
    if first.against or not (material.cut.held_out or material.cut.last_week):
        _decide(run_id, material, first)
        return
    runs.advance(run_id, RunStep.REFITTING, 60)
    second = _second(run_id, workshop, folder, material, first)
    _decide(run_id, material, first if second.against else second)


def _gather(run_id: int) -> _Material:
    now = clock.now()
    active, run = queries.active_model(), queries.run(run_id)
    rows = queries.outcomes_since(now - REMEMBERED)
    return _Material(
        now=now,
        cut=cut_by_time([_decision(row) for row in rows], now),
        words=queries.words(),
        places=queries.gazetteer(),
        active_version=active.version if active else "",
        active_file=active.file if active else "",
        started_by=run.started_by,
    )


def _decision(row: SuggestionOutcome) -> Decision:
    return Decision(row.text, row.truth_code, row.at, row.is_overridden, row.reviewed_at is not None)


def _note_unknown_shares(workshop: Workshop) -> None:
    rows = queries.without_unknown_share(UNKNOWN_SHARES_AT_ONCE)
    shares = workshop.unknown_shares([text for _, text in rows])
    with transaction():
        for (row_id, _), share in zip(rows, shares, strict=True):
            session().get_one(SuggestionOutcome, row_id).unknown_share = share


def _propose_words(workshop: Workshop, material: _Material) -> None:
    told = [(each.text, each.code) for each in material.cut.everything]
    found = proposals.find(told, workshop.shipped_words(), material.words)
    with transaction():
        proposals.keep(found)


def _first(run_id: int, workshop: Workshop, folder: Path, material: _Material) -> _Judged:
    path, cut = folder / f"{run_id}-first.npz", material.cut
    trained = _make(workshop, path, cut.old, cut.held_out, material)
    runs.advance(run_id, RunStep.JUDGING, 45)
    old, new = _served(workshop, folder, material), workshop.open(path, material.words, material.places)
    trials = [_try(GOLD, workshop, old, new, workshop.gold())]
    if cut.last_week:
        trials.append(_try(LAST_WEEK, workshop, old, new, to_labelled(cut.last_week)))
    return _Judged(trained, path, trials)


def _second(run_id: int, workshop: Workshop, folder: Path, material: _Material, first: _Judged) -> _Judged:
    """The newest weeks are learnt, too; last week's figures stay those of the first, which had not seen it."""
    path = folder / f"{run_id}.npz"
    # What it has learnt cannot calibrate it: the confidence stays as the first one's was measured.
    trained = _make(workshop, path, material.cut.everything, (), material, first.trained.calibration)
    runs.advance(run_id, RunStep.DECIDING, 90)
    old, new = _served(workshop, folder, material), workshop.open(path, material.words, material.places)
    return _Judged(trained, path, [_try(GOLD, workshop, old, new, workshop.gold()), *first.trials[1:]])


def _make(
    workshop: Workshop,
    path: Path,
    decisions: Sequence[Decision],
    held_out: Sequence[Decision],
    material: _Material,
    calibration: Sequence[float] = (),
) -> Trained:
    return workshop.train(
        path,
        to_examples(decisions, material.now),
        to_labelled(held_out),
        words=material.words,
        trained_at=f"{material.now:%Y-%m-%dT%H:%M:%SZ}",
        calibration=calibration,
    )


def _served(workshop: Workshop, folder: Path, material: _Material) -> Classifier:
    path = folder / material.active_file if material.active_file else None
    return workshop.open(path, material.words, material.places)


def _try(name: str, workshop: Workshop, old: Classifier, new: Classifier, texts: Sequence[Labelled]) -> Trial:
    return Trial(name, workshop.evaluate(old, texts), workshop.evaluate(new, texts))


def _decide(run_id: int, material: _Material, judged: _Judged) -> None:
    """The last transaction: the row, and with it the promotion, or the reasons against it."""
    with transaction():
        runs.hold(run_id, step=RunStep.DECIDING.value, percent=95)
        row = _row(run_id, material, judged)
        against = _reasons(material, judged)
        if against:
            row.state, row.reason = ModelState.REFUSED, "；".join(against)[:300]
            _tell_refused(row)
        else:
            registry.promote(row)
        runs.finish(run_id, "未采用：" + row.reason if against else f"已启用 {row.version}", row.id)


def _reasons(material: _Material, judged: _Judged) -> list[str]:
    if judged.trained.version == material.active_version:
        return ["与现用模型相同，没有学到新内容"]
    active = queries.active_model()
    if (active.version if active else "") != material.active_version:
        return ["训练期间现用模型已更换，请重新训练"]
    return judged.against


def _row(run_id: int, material: _Material, judged: _Judged) -> ModelVersion:
    row = ModelVersion(
        version=judged.trained.version,
        file=judged.path.name,
        trained_at=material.now,
        trained_by=material.started_by,
        generated=judged.trained.generated,
        corrected=judged.trained.corrected,
        figures=_card(material, judged),
    )
    session().add(row)
    session().flush()
    return row


def _card(material: _Material, judged: _Judged) -> dict[str, object]:
    cut = material.cut
    return {
        "version": judged.trained.version,
        "previous": material.active_version or "shipped",
        "trained_at": f"{material.now:%Y-%m-%dT%H:%M:%SZ}",
        "data": {
            "generated": judged.trained.generated,
            "corrected": judged.trained.corrected,
            "older": len(cut.old),
            "held_out": len(cut.held_out),
            "last_week": len(cut.last_week),
            "city_words": sum(map(len, material.words.values())),
            "half_life_days": HALF_LIFE_DAYS,
        },
        "calibration": list(judged.trained.calibration),
        "trials": [{"name": one.name, "old": asdict(one.old), "new": asdict(one.new)} for one in judged.trials],
    }


def _tell_refused(row: ModelVersion) -> None:
    payload = {"by": SYSTEM.name, "name": row.version, "note": row.reason}
    record("model.not_promoted", subject=("model", row.id), audience=AUDIENCE, payload=payload)
