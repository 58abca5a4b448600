"""The test box: what the machine makes of a text, while it is typed."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app, render_template, request

from app.cases.understanding import MOST_CHARACTERS, Suggestion, describe
from app.learning import queries
from app.web.administration.blueprint import bp
from app.web.texts import translate
from nlp.types import Classifier


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text; `marks` say what it was read as: term, place, matter."""

    text: str
    marks: str


@dataclass(frozen=True, slots=True)
class Answer:
    found: Suggestion
    pieces: list[Piece]
    redacted: str
    latency: str
    extra: list[tuple[str, str]]


@bp.get("/try")
def try_text() -> str:
    return render_template("admin/try.html", section="try", text="", answer=None, model=queries.active_model())


@bp.post("/try")
def understand_text() -> str:
    """With scripts only the answer is asked for, after every pause in typing."""
    text = request.form.get("text", "")[:MOST_CHARACTERS]
    answer = _answer(text) if text.strip() else None
    if request.headers.get("X-Part"):
        return render_template("admin/_understood.html", answer=answer)
    return render_template("admin/try.html", section="try", text=text, answer=answer, model=queries.active_model())


def _answer(text: str) -> Answer:
    classifier: Classifier = current_app.extensions["classifier"]
    known = classifier.understand(text)
    found = describe(known)
    return Answer(
        found, _pieces(text, found), classifier.redact(text), f"{known.latency_us / 1000:.2f}", list(_extra(found))
    )


def _extra(found: Suggestion) -> Iterator[tuple[str, str]]:
    """Mood and the five elements, where the text tells them."""
    mood = translate(f"admin.try.mood.{found.mood}")
    yield translate("admin.try.mood"), f"{mood} {found.mood_reason}".strip()
    for slot in found.slots:
        yield translate(f"admin.try.slot.{slot.name}"), slot.text


def _pieces(text: str, found: Suggestion) -> list[Piece]:
    """The text cut where a mark begins or ends."""
    spans = [(term.start, term.end, "place") for term in found.places]
    if found.candidates:
        spans += [(term.start, term.end, "term") for term in found.candidates[0].terms]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return [
        Piece(text[start:end], " ".join(sorted({kind for low, high, kind in spans if low <= start and end <= high})))
        for start, end in itertools.pairwise(edges)
        if start < end
    ]
