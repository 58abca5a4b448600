"""Write stories into the database in bulk; histories carry the same cards and the same hash chain as live ones."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from random import Random
from typing import Any

from sqlalchemy import bindparam, insert, update

from app import clock
from app.cases.cards import card_of
from app.cases.models import Attachment, Case, CaseCounter
from app.cases.numbers import PREFIX
from app.cases.visibility import rooms
from app.cases.workflow import State
from app.db import session
from app.demo.stories import Step, Story
from app.events.models import Event
from app.events.service import FIRST, chain_hash
from app.privacy import fingerprint
from nlp.types import Understanding

_BASE32 = "abcdefghjkmnpqrstuvwxyz23456789"


def write_cases(stories: list[Story], random: Random) -> list[int]:
    """Returns the ids, in the order of the stories, which must be the order of time."""
    counters: Counter[Any] = Counter()
    cases = [_first_row(story, counters, random) for story in stories]
    for case, story in zip(cases, stories, strict=True):
        for step in story.steps:
            _apply(case, step)
    final_versions = [len(story.steps) for story in stories]
    session().add_all(cases)
    session().flush()
    _set_versions([case.id for case in cases], final_versions)
    _write_events(cases, stories)
    _write_attachments(cases, stories)
    session().add_all(CaseCounter(day=day, last=count) for day, count in counters.items())
    session().flush()
    session().expire_all()
    return [case.id for case in cases]


def place_draft(story: Story, understanding: Understanding) -> None:
    """What the classifier makes of a draft, kept as the SMS webhook would keep it."""
    story.facts["suggestion"] = asdict(understanding)
    story.facts["intent"] = understanding.intent.value
    story.facts["urgency"] = understanding.urgency.value
    if understanding.places:
        place = understanding.places[0]
        story.facts["address"] = place.address or place.text
        for level in ("district", "street", "community"):
            area = getattr(place, level)
            story.facts[f"{level}_code"] = area.code if area else None


def _first_row(story: Story, counters: Counter[Any], random: Random) -> Case:
    day = clock.local(story.opened_at).date()
    counters[day] += 1
    token = "".join(random.choices(_BASE32, k=16))
    return _blank(story, f"{PREFIX}{day:%y%m%d}-{counters[day]:05d}", token)


def _blank(story: Story, number: str, token: str) -> Case:
    """The case before its first step. Column defaults only work on flush, and cards are made without one."""
    return Case(
        number=number,
        version=1,
        state=State.REPORTED,
        source=story.source,
        agent_id=story.agent.id,
        reporter_name=story.caller.name,
        reporter_phone=story.caller.phone,
        reporter_hash=fingerprint(story.caller.phone),
        sms_consent=True,
        callback_consent=True,
        link_token=token,
        opened_at=story.opened_at,
        class_name="",
        unit_name="",
        result="",
        rating_comment="",
        urges=0,
        reworks=0,
        photos=0,
        deadline_steps=[],
        **{"address": "", "confidential": False, "intent": "complaint", "urgency": "normal", **story.facts},
    )


def _apply(case: Case, step: Step) -> None:
    for name, value in step.values.items():
        setattr(case, name, value)


def _set_versions(ids: list[int], versions: list[int]) -> None:
    # The mapper starts every new row at version 1, whatever the object says.
    statement = update(Case).where(Case.id == bindparam("row_id")).values(version=bindparam("row_version"))
    pairs = zip(ids, versions, strict=True)
    session().connection().execute(statement, [{"row_id": row, "row_version": version} for row, version in pairs])


def _write_events(cases: list[Case], stories: list[Story]) -> None:
    rows = [row for case, story in zip(cases, stories, strict=True) for row in _history(case, story)]
    rows.sort(key=lambda row: (row["at"], row["subject_id"], row["subject_seq"]))
    if rows:
        session().execute(insert(Event), rows)


def _write_attachments(cases: list[Case], stories: list[Story]) -> None:
    pairs = zip(cases, stories, strict=True)
    taken = [(case, step, step.picture) for case, story in pairs for step in story.steps if step.picture is not None]
    rows = [
        {
            "case_id": case.id,
            "purpose": "result",
            "round": step.values["photos"] - 1,
            "content_type": "image/jpeg",
            "size": picture.size,
            "sha256": picture.sha256,
            "uploaded_by": step.actor.id,
            "at": _utc(step.at),
        }
        for case, step, picture in taken
    ]
    if rows:
        session().execute(insert(Attachment), rows)


def _history(written: Case, story: Story) -> Iterator[dict[str, Any]]:
    """Play the story again, keeping for each line the card as it was then."""
    case = _blank(story, written.number, written.link_token)
    case.id = written.id
    previous, seq = FIRST, 0
    for version, step in enumerate(story.steps, start=1):
        _apply(case, step)
        case.version = version
        for kind, text in step.lines:
            seq += 1
            row = _line(case, step, (kind, text), seq, previous)
            previous = row["hash"]
            yield row


def _line(case: Case, step: Step, line: tuple[str, str], seq: int, previous: str) -> dict[str, Any]:
    kind, text = line
    at = _utc(step.at)
    with clock.standing_at(at):
        card = card_of(case).model_dump(mode="json")
    payload = {"case": card, "by": step.actor.name, "text": text}
    audience = sorted(rooms(case))
    place = ("case", case.id, seq)
    return {
        "kind": kind,
        "subject_type": "case",
        "subject_id": case.id,
        "subject_seq": seq,
        "version": case.version,
        "at": at,
        "actor_id": step.actor.id,
        "audience": audience,
        "payload": payload,
        "previous_hash": previous,
        "hash": chain_hash(previous, place, kind, at, step.actor.id, payload, (case.version, audience)),
    }


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
