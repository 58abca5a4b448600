"""What the classifier found, in the catalogue's words: what consoles show beside a call or an SMS."""

from typing import Literal

from pydantic import BaseModel

from app.cases.schemas import Area
from app.catalogue.entries import Catalogue
from app.catalogue.queries import catalogue
from app.errors import Unavailable
from nlp.types import Area as PlaceArea
from nlp.types import Candidate, Classifier, Matter, Place, Term, Understanding, Urgency


class SuggestedTerm(BaseModel):
    text: str
    start: int
    end: int


class SuggestedClass(BaseModel):
    """`limit`: of the class's gravest filing condition, for people."""

    code: str
    name: str
    kind: Literal["component", "event"]
    major: str
    confidence: float
    terms: list[SuggestedTerm]
    limit: str


class SuggestedPlace(BaseModel):
    """`address`: the told words with today's names; `note`: what the agent should know about the name."""

    level: str
    kind: str
    code: str
    name: str
    text: str
    start: int
    end: int
    confidence: float
    address: str
    note: str
    lng: float | None
    lat: float | None
    district: Area | None
    street: Area | None
    community: Area | None


class SuggestedMatter(SuggestedTerm):
    """One of the problems told, with the classes for it alone: a call that holds two is offered as two cases."""

    candidates: list[SuggestedClass]


class SuggestedSlot(SuggestedTerm):
    """One of the five elements: who, when, where, what, how."""

    name: str


class Suggestion(BaseModel):
    candidates: list[SuggestedClass]
    in_scope: float
    intent: str
    urgency: str
    urgency_reason: str
    mood: str
    mood_reason: str
    slots: list[SuggestedSlot]
    places: list[SuggestedPlace]
    matters: list[SuggestedMatter]
    question: str
    model_version: str


# More than any call holds; keeps a stuck transcription from costing ever more.
MOST_CHARACTERS = 4000
WEIGHTS = {Urgency.NORMAL.value: 0, Urgency.URGENT.value: 1, Urgency.CRITICAL.value: 2}


def suggest(classifier: Classifier, text: str) -> Suggestion:
    """The latest words count when there are too many."""
    return describe(classifier.understand(text[-MOST_CHARACTERS:]))


def describe(found: Understanding) -> Suggestion:
    """Classes that the catalogue in force no longer has are left out: nobody could file them."""
    known = _catalogue()
    return Suggestion(
        candidates=[_class(c, known) for c in found.candidates if known is not None and c.code in known],
        in_scope=found.in_scope,
        intent=found.intent.value,
        urgency=found.urgency.value,
        urgency_reason=found.urgency_reason,
        mood=found.mood.value,
        mood_reason=found.mood_reason,
        slots=[SuggestedSlot(name=s.name.value, text=s.text, start=s.start, end=s.end) for s in found.slots],
        places=[_place(place) for place in found.places],
        matters=[_matter(matter, known) for matter in found.matters],
        question=found.question,
        model_version=found.model_version,
    )


def weight_of(suggestion: Suggestion) -> int:
    """How far the words lift a caller in the queue."""
    return WEIGHTS.get(suggestion.urgency, 0)


def _catalogue() -> Catalogue | None:
    try:
        return catalogue()
    except Unavailable:  # a call must be taken even before the catalogue is imported
        return None


def _class(candidate: Candidate, known: Catalogue) -> SuggestedClass:
    entry = known.class_of(candidate.code)
    return SuggestedClass(
        code=entry.code,
        name=entry.name,
        kind=entry.kind.value,
        major=entry.major_name,
        confidence=candidate.confidence,
        terms=[_term(term) for term in candidate.terms],
        limit=entry.conditions[0].limit.text if entry.conditions else "",
    )


def _matter(matter: Matter, known: Catalogue | None) -> SuggestedMatter:
    return SuggestedMatter(
        text=matter.text,
        start=matter.start,
        end=matter.end,
        candidates=[_class(c, known) for c in matter.candidates if known is not None and c.code in known],
    )


def _term(term: Term) -> SuggestedTerm:
    return SuggestedTerm(text=term.text, start=term.start, end=term.end)


def _place(place: Place) -> SuggestedPlace:
    return SuggestedPlace(
        level=place.level,
        kind=place.kind.value,
        code=place.code,
        name=place.name,
        text=place.text,
        start=place.start,
        end=place.end,
        confidence=place.confidence,
        address=place.address or place.text,
        note=place.note,
        lng=place.lng,
        lat=place.lat,
        district=_area(place.district),
        street=_area(place.street),
        community=_area(place.community),
    )


def _area(area: PlaceArea | None) -> Area | None:
    return Area(code=area.code, name=area.name) if area else None
