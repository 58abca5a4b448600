"""The way in: `load()` once at start-up, then `understand(text)` as often as you like, from any thread."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from nlp.artefact import BrokenModel, read, save
from nlp.classify import Ranker, Ranking
from nlp.data import data_path
from nlp.intents import find_intent
from nlp.lexicon import WordLists, read_rows
from nlp.matters import MatterSplitter
from nlp.model import LinearModel, fingerprint
from nlp.mood import find_mood
from nlp.places import Gazetteer
from nlp.questions import next_question
from nlp.redact import redact
from nlp.slots import find_slots
from nlp.speech import Hearing
from nlp.text import ANALYSED, mask, normalise
from nlp.types import Candidate, GazetteerEntry, Place, Understanding
from nlp.urgency import UrgencyJudge

_log = logging.getLogger(__name__)
_FILE = "model.npz"
_CITY_TIME = ZoneInfo("Asia/Shanghai")


class TextUnderstanding:
    """Pure after construction: the same text gives the same answer in every process, from any thread.

    Built off to the side (about half a second), so that a process may put a new one in the place of the old by one
    assignment: new model, new words or new places need no restart.
    """

    def __init__(
        self, model: LinearModel, *, words: WordLists | None = None, places: Sequence[GazetteerEntry] = ()
    ) -> None:
        """`words`: a city's own words per class (None: those the model was trained with); `places`: its own names."""
        self._ranker = Ranker(model, words)
        # The day of loading: a new model, word or place, at the latest the nightly training, loads anew.
        self._gazetteer = Gazetteer(places, on=datetime.now(_CITY_TIME).date())
        self._urgency = UrgencyJudge()
        self._matters = MatterSplitter({r["code"]: r["kind"][0] + r["major_code"] for r in read_rows("catalogue.csv")})

    @property
    def model_version(self) -> str:
        return self._ranker.model.version

    def understand(self, text: str) -> Understanding:
        begun = time.perf_counter_ns()
        plain = normalise(text)
        places, told = self._unplaced(text, plain)
        ranking, candidates = self._rank(text, told)
        in_scope = ranking.in_scope if candidates else 0.0
        intent = find_intent(plain[:ANALYSED], in_scope)
        best = (candidates[0].code, min(candidates[0].confidence, in_scope)) if candidates else None
        urgency, reason = self._urgency.judge(plain[:ANALYSED], intent, best)
        mood, mood_reason = find_mood(plain[:ANALYSED], intent)
        slots = find_slots(text, plain[:ANALYSED], places, candidates)
        return Understanding(
            candidates,
            in_scope,
            intent,
            urgency,
            reason,
            places,
            self._matters.split(text, told, ranking, candidates, partial(self._rank, text)),
            next_question(plain[:ANALYSED], intent, candidates, places, in_scope, slots),
            self.model_version,
            (time.perf_counter_ns() - begun) // 1000,
            mood,
            mood_reason,
            slots,
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """What the columns of a Ranking stand for."""
        return self._ranker.codes

    @property
    def hearing(self) -> Hearing:
        return self._ranker.hearing

    def rank(self, text: str) -> Ranking:
        """All classes scored, for those who calibrate or study the ranking."""
        plain = normalise(text)
        return self._ranker.rank(self._unplaced(text, plain)[1])

    def _unplaced(self, text: str, plain: str) -> tuple[tuple[Place, ...], str]:
        """The places, and the text with their names blanked: they hold 桥, 路 and 公园 without meaning them."""
        places, names = self._gazetteer.find_and_spans(text, plain)
        return places, mask(plain[:ANALYSED], [(s, min(e, ANALYSED)) for s, e in names if s < ANALYSED])

    def _rank(self, text: str, told: str) -> tuple[Ranking, tuple[Candidate, ...]]:
        ranking = self._ranker.rank(told)
        return ranking, self._ranker.candidates(text, ranking) if told.strip() else ()

    def find_places(self, text: str) -> tuple[Place, ...]:
        return self._gazetteer.find(text, normalise(text))

    def words(self, text: str) -> tuple[str, ...]:
        return self._ranker.words(normalise(text))

    def redact(self, text: str) -> str:
        return redact(text)


def load(cache_dir: Path | None = None, key: bytes = b"") -> TextUnderstanding:
    """A classifier ready to answer; a model that fits the facts comes from `cache_dir`, else from the package.

    If the facts were edited and neither fits, one is trained (about fifteen seconds) and kept in `cache_dir`. With
    `key`, a model in `cache_dir` must be signed with it.
    """
    return TextUnderstanding(load_model(cache_dir, key))


def load_model(cache_dir: Path | None = None, key: bytes = b"") -> LinearModel:
    facts = fingerprint()
    kept = cache_dir / _FILE if cache_dir else None
    model = (read_fitting(kept, facts, key) if kept else None) or read_fitting(data_path(_FILE), facts)
    return model or build_model(kept, key)


def build_model(path: Path | None, key: bytes = b"") -> LinearModel:
    """Train on the shipped facts and keep the result at `path`."""
    from nlp.train import train  # scikit-learn takes a second to import and is needed here only

    model = train()
    if path:
        save(model, path, key)
    return model


def read_fitting(path: Path, facts: str, key: bytes = b"") -> LinearModel | None:
    """The model at `path`, or None with a line in the log if it is broken, tampered with, or of other facts."""
    if not path.exists():
        return None
    try:
        model = read(path, key)
    except BrokenModel as error:
        _log.error("model refused: %s", error)
        return None
    if model.facts != facts:
        _log.warning("model %s was trained on other facts (%s, now %s)", path.name, model.facts, facts)
        return None
    return model
