"""A city's own words per class: at work without training, tried on the gold set before they are saved."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select

from app import clock
from app.accounts.roles import Permission, Principal
from app.catalogue.queries import catalogue
from app.db import session
from app.errors import Conflict, Forbidden, Invalid
from app.events.service import record
from app.learning import queries
from app.learning.models import CityWord, ModelVersion
from app.learning.port import Figures, Labelled, Words, Workshop
from app.learning.stamping import AUDIENCE, class_number, renew
from app.learning.terms import Stamp
from nlp.types import Classifier, GazetteerEntry

SHORTEST, LONGEST, MOST = 2, 20, 100
_SEPARATORS = re.compile(r"[\s,，、;；|]+")
# A word is told to the segmenter and shown to people: letters, digits and Chinese characters only.
_WORD = re.compile(r"[\w\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Moved:
    """A text of the gold set whose first class changed."""

    text: str
    before: str
    after: str
    is_better: bool
    is_worse: bool


@dataclass(frozen=True, slots=True)
class Effect:
    before: Figures
    after: Figures
    moved: tuple[Moved, ...]


def read_list(typed: str) -> list[str]:
    """One word a line, or between commas; raises Invalid naming what is no word."""
    found = list(dict.fromkeys(word for word in _SEPARATORS.split(typed) if word))
    bad = [word for word in found if not SHORTEST <= len(word) <= LONGEST or not _WORD.fullmatch(word)]
    if bad:
        raise Invalid(
            "词表有误", fields={"words": f"每个词 {SHORTEST}–{LONGEST} 个字，不含标点：{'、'.join(bad[:5])[:80]}"}
        )
    if len(found) > MOST:
        raise Invalid("词表有误", fields={"words": f"每个类别最多 {MOST} 个词"})
    return found


def of_class(code: str) -> list[str]:
    return list(queries.words().get(code, ()))


def replace(actor: Principal, code: str, now: Sequence[str], *, based_on: Sequence[str]) -> list[str]:
    """`based_on`: the list the person saw; another one in between is a conflict. Returns what was written."""
    _must_administer(actor)
    before = of_class(code)
    if sorted(before) != sorted(based_on):
        raise Conflict("词表已被他人修改，请刷新后再改")
    gone = [word for word in before if word not in now]
    session().execute(delete(CityWord).where(CityWord.class_code == code, CityWord.word.in_(gone)))
    _write(actor, code, [word for word in now if word not in before], gone)
    return list(now)


def add(actor: Principal, code: str, new: Iterable[str]) -> None:
    known = set(session().scalars(select(CityWord.word).where(CityWord.class_code == code)))
    _write(actor, code, [word for word in new if word not in known], [])


def effect(
    workshop: Workshop,
    model: Path | None,
    places: Sequence[GazetteerEntry],
    before: Words,
    after: Words,
) -> Effect:
    """What other words would do to the gold set; takes a second or two, so not on the hub."""
    old, new, gold = workshop.open(model, before, places), workshop.open(model, after, places), workshop.gold()
    moved = tuple(each for case in gold if (each := _move(case, old, new)) is not None)
    return Effect(workshop.evaluate(old, gold), workshop.evaluate(new, gold), moved)


def model_path(active: ModelVersion | None, folder: Path) -> Path | None:
    return folder / active.file if active else None


def _move(case: Labelled, old: Classifier, new: Classifier) -> Moved | None:
    before, after = _first(old, case.text), _first(new, case.text)
    if before == after:
        return None
    was_right, is_right = before in case.codes, after in case.codes
    return Moved(case.text, before, after, is_right and not was_right, was_right and not is_right)


def _first(classifier: Classifier, text: str) -> str:
    found = classifier.understand(text).candidates
    return found[0].code if found else ""


def _write(actor: Principal, code: str, new: Sequence[str], gone: Sequence[str]) -> None:
    entry = catalogue().class_of(code)
    if not new and not gone:
        raise Invalid("没有任何改动")
    now = clock.now()
    session().add_all(CityWord(class_code=code, word=word, added_by=actor.id, at=now) for word in new)
    renew(Stamp.WORDS)
    record(
        "words.changed",
        subject=("words", class_number(code)),
        audience=AUDIENCE,
        payload={"by": actor.name, "name": entry.name, "added": list(new), "removed": list(gone)},
        actor_id=actor.id,
    )


def _must_administer(actor: Principal) -> None:
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改词表")
