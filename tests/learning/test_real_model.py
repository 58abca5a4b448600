"""The real training, once: a correction in one process is a suggestion in another that was running all the time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.config import Settings
from app.learning.port import Labelled, ModelRefused
from app.workshop import NlpWorkshop
from nlp import artefact
from nlp.generate import generate
from nlp.types import Example, GazetteerEntry, PlaceKind
from scripts.local.plan import ROOT

# Serves as a web process does: the watcher looks, the line that comes in asks.
OTHER_PROCESS = """
import sys
from app.config import read_settings
from app.wiring import make_app
from app.learning.live import Watcher
from app.extensions import socketio
app = make_app(read_settings())
live = app.extensions["classifier"]
watcher = Watcher(app, live, socketio)
for line in sys.stdin:
    watcher.step()
    found = live.understand(line.strip())
    print(found.candidates[0].code if found.candidates else "-", found.model_version, flush=True)
"""
NEW_WORDS = "楼梯间的鬼火又飘起来啦"


@pytest.mark.process
@pytest.mark.timeout(600)
def test_a_correction_is_suggested_in_another_process_without_a_restart(
    make_settings: object, fresh_city_url: str, tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = make_settings(fresh_city_url).model_copy(update={"data_dir": tmp_path})  # type: ignore[operator]
    monkeypatch.setattr("nlp.train.generate", lambda **options: list(generate(**options))[::6])
    other = _start(settings)
    try:
        before, version = _ask(other, NEW_WORDS)
        assert before != "E0508"
        _train(settings, small_model)
        after, newer = _ask(other, NEW_WORDS)
        assert (after, newer != version) == ("E0508", True)
    finally:
        other.kill()
        other.communicate()


def _train(settings: Settings, served: Path) -> None:
    """In this process, by the real workshop, as a worker would; from a sixth of the texts, so judged by a model that
    had fewer still."""
    from datetime import timedelta

    from app import clock
    from app.accounts.roles import SYSTEM, Role
    from app.db import transaction
    from app.learning import runs, tasks
    from app.learning.live import LiveClassifier
    from app.learning.registry import folder_of
    from tests.learning.conftest import forget_decisions
    from tests.support.application import running_app
    from tests.support.carrier import FakeCarrier
    from tests.support.people import file_case, somebody

    workshop = NlpWorkshop(settings)
    workshop._shipped = artefact.read(served, workshop._key)
    live = LiveClassifier(workshop, folder_of(settings.data_dir))
    with running_app(settings, FakeCarrier(), live, workshop) as app:
        forget_decisions(app)
        agent = somebody(app, Role.AGENT)
        with clock.standing_at(clock.now() - timedelta(days=30)):
            for number in range(8):
                file_case(agent, description=f"{number}幢{NEW_WORDS}", class_code="E0508")
        with app.app_context(), transaction():
            run_id = runs.start(SYSTEM).id
        tasks.train_model(run_id)
        with app.app_context(), transaction() as db:
            from app.learning.models import TrainingRun

            run = db.get_one(TrainingRun, run_id)
            assert run.note.startswith("已启用"), run.note


def _start(settings: Settings) -> subprocess.Popen[str]:
    told = {
        name.upper(): value.get_secret_value()
        if hasattr(value, "get_secret_value")
        else str(getattr(value, "value", value))
        for name, value in settings
        if value != ""
    }
    return subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS],
        cwd=ROOT,
        env={**os.environ, **told},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(getattr(value, "value", value))


def _ask(process: subprocess.Popen[str], text: str) -> list[str]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(text + "\n")
    process.stdin.flush()
    while (line := process.stdout.readline()) and line.startswith("{"):
        continue  # a line of the log
    return line.split()


@pytest.fixture(scope="module")
def workshop(make_settings: object, tmp_path_factory: pytest.TempPathFactory) -> NlpWorkshop:
    settings = make_settings("sqlite:///unused.db").model_copy(  # type: ignore[operator]
        update={"data_dir": tmp_path_factory.mktemp("workshop")}
    )
    return NlpWorkshop(settings)


@pytest.fixture(scope="module")
def small_model(workshop: NlpWorkshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real artefact, trained on a hundredth of the usual texts."""
    from nlp.train import train

    path = tmp_path_factory.mktemp("models") / "1.npz"
    few = [each for number, each in enumerate(generate()) if number % 12 == 0]
    artefact.save(train([Example("鬼火飘了", "E0508")], generated=few), path, workshop._key)
    return path


def test_a_trained_model_serves_with_the_citys_words_and_places(workshop: NlpWorkshop, small_model: Path) -> None:
    place = GazetteerEntry("甬城星光里", PlaceKind.LANDMARK, "330203")
    serving = workshop.open(small_model, {"C0118": ["萤火虫灯"]}, [place])
    assert serving.understand("萤火虫灯坏了").candidates[0].code == "C0118"
    assert serving.find_places("甬城星光里门口")[0].text == "甬城星光里"


def test_a_changed_byte_is_refused_wherever_it_lies(workshop: NlpWorkshop, small_model: Path, tmp_path: Path) -> None:
    """Or it is of no meaning, like a date in the archive: then the model is the very same."""
    whole, spoilt, refused = small_model.read_bytes(), tmp_path / "spoilt.npz", 0
    version = artefact.read(small_model, workshop._key).version
    for place in range(3, len(whole), len(whole) // 60):
        spoilt.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert artefact.read(spoilt, workshop._key).version == version
        except artefact.BrokenModel:
            refused += 1
    assert refused >= 50


def test_a_model_of_another_installation_is_refused(make_settings: object, small_model: Path) -> None:
    settings = make_settings("sqlite:///unused.db")  # type: ignore[operator]
    stranger = NlpWorkshop(settings.model_copy(update={"secret_key": SecretStr("x" * 32)}))
    with pytest.raises(ModelRefused, match="签名不符"):
        stranger.open(small_model, {}, ())


def test_the_shipped_model_is_judged_by_the_shipped_gold_set(workshop: NlpWorkshop) -> None:
    found = workshop.evaluate(workshop.open(None, {}, ()), workshop.gold())
    assert found.texts >= 150
    assert found.top1 > 0.9
    assert found.top3 > 0.97
    assert sum(each.texts for each in found.per_class) == found.texts


def test_nothing_to_judge_by_is_no_error(workshop: NlpWorkshop) -> None:
    found = workshop.evaluate(workshop.open(None, {}, ()), [Labelled("社保卡怎么办", frozenset())])
    assert (found.texts, found.top1) == (0, 0.0)


def test_unknown_words_are_counted_against_the_shipped_model(workshop: NlpWorkshop) -> None:
    known, unknown, empty = workshop.unknown_shares(["路灯不亮", "龘靐齉爩", "！！"])
    assert known < unknown == 1.0
    assert empty == 0.0
