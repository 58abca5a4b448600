"""Callers and writers who tell of a known incident without an agent."""

from dataclasses import replace

from app.accounts.roles import CITIZEN
from app.cases import reporters
from app.cases.models import Case
from app.cases.reporters import Newcomer
from app.db import session
from app.incidents import service, texts
from app.incidents.cards import standing
from app.incidents.detection import SURE
from app.incidents.history import hold, tell
from app.incidents.known import MOST_ANNOUNCED, Known, matching
from app.incidents.models import State
from app.incidents.queries import known
from nlp.types import Understanding, Urgency


def announced() -> tuple[Known, ...]:
    """What the greeting tells: the newest, and no more than a caller keeps in mind."""
    return known()[:MOST_ANNOUNCED]


def join_by_key(incident_id: int, newcomer: Newcomer) -> tuple[int, str] | None:
    """(the main case, what the caller hears); None if the incident is over by now."""
    incident = service.join(CITIZEN, incident_id, newcomer)
    if incident is None:
        return None
    main = session().get_one(Case, incident.main_case_id)
    return main.id, texts.joined(incident.joined, standing(incident, main), will_tell=newcomer.will_be_told)


def join_by_sms(understood: Understanding, newcomer: Newcomer) -> tuple[int, str] | None:
    """(the main case, the reply) if the words tell of one known incident and of nothing else.

    A danger is never answered by a machine alone, and neither is what the machine is not sure of.
    """
    if (newcomer.words or "").startswith(texts.NOT_THIS):
        _leave(newcomer.number_hash)
        return None
    found = _match(understood)
    incident = service.join(CITIZEN, found.id, replace(newcomer, via="sms")) if found is not None else None
    if incident is None:
        return None
    main = session().get_one(Case, incident.main_case_id)
    return main.id, texts.answered(incident.title, main.number, incident.joined, standing(incident, main))


def _match(understood: Understanding) -> Known | None:
    if not understood.candidates or len(understood.matters) > 1 or understood.urgency is Urgency.CRITICAL:
        return None
    best, place = understood.candidates[0], next(iter(understood.places), None)
    if place is None or best.confidence < SURE or place.confidence < SURE:
        return None
    codes = tuple(area.code if area else None for area in (place.district, place.street, place.community))
    return matching(known(), best.code, codes)


def _leave(number_hash: str | None) -> None:
    incident_id = reporters.last_incident_by_sms(number_hash) if number_hash else None
    incident = hold(incident_id) if incident_id is not None else None
    if incident is None or incident.state != State.CONFIRMED or number_hash is None:
        return
    if reporters.leave(incident.id, number_hash):
        incident.joined -= 1
        tell("incident.updated", incident, CITIZEN, "一人说明不是此事")
