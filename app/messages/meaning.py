"""What a citizen's SMS wants of us: as far as its form tells, and whether it goes on with a thread. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from nlp.duplicates import family
from nlp.types import Understanding, Urgency


class Meaning(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    QUERY = "query"
    URGE = "urge"
    RATING = "rating"
    TICKET = "ticket"  # a unit answers the case it was sent
    THREAD = "thread"  # the citizen answers what the centre wrote about their case
    MATTER = "matter"  # anything else is read as a complaint


@dataclass(frozen=True, slots=True)
class Read:
    meaning: Meaning
    number: str | None = None
    rating: int | None = None


# Whole messages only: "please stop the noise" is a complaint.
STOP = frozenset(["退订", "TD", "T", "STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"])
START = frozenset(["START", "YES", "UNSTOP", "开通", "恢复", "订阅"])
HELP = frozenset(["HELP", "INFO", "帮助", "?"])

_NUMBER = r"(NB\d{6}-?\d{5})"
_QUERY = re.compile(rf"^(?:查询|查|进度|CX)\s*[:：]?\s*(?:{_NUMBER})?$", re.IGNORECASE)
_URGE = re.compile(rf"^(?:催办|催|CB)\s*[:：]?\s*(?:{_NUMBER})?$", re.IGNORECASE)
_BARE_NUMBER = re.compile(rf"^{_NUMBER}$", re.IGNORECASE)
_RATING = re.compile(r"^([1-5])\s*分?[。.!！]?$")
_RATING_WORDS = {"很满意": 5, "非常满意": 5, "满意": 4, "一般": 3, "不满意": 2, "较差": 2, "很不满意": 1, "很差": 1}


def read(body: str, carrier_verdict: str | None = None) -> Read:
    """`carrier_verdict`: the carrier's own STOP, START or HELP, which is obeyed before our reading."""
    text = unicodedata.normalize("NFKC", body).strip()
    word = text.upper().rstrip("。.!！")
    verdict = (carrier_verdict or "").upper()
    if verdict == "STOP" or word in STOP:
        return Read(Meaning.STOP)
    if verdict == "START" or word in START:
        return Read(Meaning.START)
    if not text or verdict == "HELP" or word in HELP:
        return Read(Meaning.HELP)
    if found := _BARE_NUMBER.match(text) or _QUERY.match(text):
        return Read(Meaning.QUERY, number=_tidy(found[1]))
    if found := _URGE.match(text):
        return Read(Meaning.URGE, number=_tidy(found[1]))
    if found := _RATING.match(text):
        return Read(Meaning.RATING, rating=int(found[1]))
    if word in _RATING_WORDS:
        return Read(Meaning.RATING, rating=_RATING_WORDS[word])
    return Read(Meaning.MATTER)


# From here on the machine is sure enough of a class to take it for another matter than the thread's.
SURE = 0.5


class Known(Protocol):
    """The case a thread is about."""

    class_code: str | None
    street_code: str | None


def is_answer(case: Known, understood: Understanding) -> bool:
    """Whether words within a running thread go on with it. In doubt about danger, place or class it is a new matter."""
    if understood.urgency is Urgency.CRITICAL:
        return False
    streets = {place.street.code for place in understood.places if place.street is not None}
    if streets and case.street_code not in streets:
        return False
    sure = [each.code for each in understood.candidates[:1] if each.confidence >= SURE]
    return not sure or sure[0] in family(case.class_code or "")


def _tidy(number: str | None) -> str | None:
    """NB26112400001 -> NB261124-00001."""
    if number is None:
        return None
    digits = number.upper().replace("-", "")
    return f"{digits[:8]}-{digits[8:]}"
