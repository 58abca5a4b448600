"""A duty telephone rings up the hotline: whoever has the receiver may hear and answer the unit's cases by key.

A unit that has accepted yesterday reports today this way, and one that missed a call need not wait for the next.
"""

from functools import lru_cache

from sqlalchemy import bindparam, select

from app import clock
from app.channels import dialogue, spoken, talking
from app.channels.dialogue import At, Scene, Url, Verbs
from app.channels.duties import OPEN_STATES, of_telephone
from app.channels.models import DutyCall, DutyState
from app.channels.ringing import end_attempt, outcome_of
from app.db import session
from app.network.models import RoutingRule, Unit
from app.network.queries import routing_stamp
from app.network.queries import unit as find_unit
from app.network.unit_types import Channel
from app.privacy import fingerprint
from telephony.numbers import normalise
from telephony.ports import CallProgress, Gather, Redirect, Say

AS_CITIZEN = "/telephony/voice?citizen=1"
_PATIENCE = 4  # seconds


def greet(caller: str | None, url: Url) -> Verbs | None:
    """None for everybody but a unit that answers by telephone: they are greeted as citizens."""
    unit_id = _unit_at(caller)
    if unit_id is None:
        return None
    offer = Say(spoken.OFFER.format(unit=find_unit(unit_id).name))
    listen = Gather(url(dialogue.CALLED), (offer,), speech=False, num_digits=1, timeout=_PATIENCE)
    return (listen, Redirect(url(AS_CITIZEN)))


def begin(sid: str, caller: str | None, keys: str, url: Url) -> Verbs:
    unit_id = _unit_at(caller)
    if unit_id is None or caller is None or keys != "1":
        return (Redirect(url(AS_CITIZEN)),)
    call = _open(unit_id, caller)
    if call.state == DutyState.TALKING:
        return talking.say(call, url) if call.sid == sid else _say_busy(url)
    call.attempt += 1  # what an earlier attempt still tells means nothing any more
    call.incoming, call.rank, call.outcome, call.identified_at = True, -1, "", None
    session().flush()
    return talking.begin(call, sid, url)


def is_duty_call(sid: str) -> bool:
    """Asked at the end of every call: without a lock, and for hardly any is there more to ask."""
    return session().scalar(_KNOWN, {"sid": sid}) is not None


_KNOWN = select(DutyCall.id).where(DutyCall.sid == bindparam("sid"), DutyCall.incoming)


def note_progress(progress: CallProgress) -> None:
    """The hotline's own status callback; of calls that are not ours nothing is known."""
    query = select(DutyCall).where(DutyCall.sid == progress.call_sid, DutyCall.incoming).with_for_update()
    call = session().scalar(query.execution_options(populate_existing=True))
    if call is not None and call.state == DutyState.TALKING and progress.status.is_terminal:
        end_attempt(call, outcome_of(call, progress.status))


def _open(unit_id: int, caller: str) -> DutyCall:
    """The telephone's own row, even if it waits for its next attempt; one telephone is in one talk."""
    mine = of_telephone(unit_id, fingerprint(caller)) & DutyCall.state.in_(OPEN_STATES)
    found = session().scalar(select(DutyCall).where(mine).with_for_update())
    if found is None:
        now = clock.now()
        found = DutyCall(
            unit_id=unit_id,
            phone=caller,
            phone_hash=fingerprint(caller),
            urgent=False,
            state=DutyState.WAITING,
            attempt=0,
            due_at=now,
            created_at=now,
        )
        session().add(found)
    return found


def _say_busy(url: Url) -> Verbs:
    nowhere = dialogue.Talk(0, 0, 0)
    return dialogue.speak(Scene(At.OVER, said=spoken.BUSY_HERE), url, nowhere, None)


def _unit_at(caller: str | None) -> int | None:
    return _telephones(routing_stamp()).get(fingerprint(caller)) if caller else None


@lru_cache(maxsize=2)
def _telephones(_stamp: str) -> dict[str, int]:
    """Unit by duty telephone; the stamp changes with every edit of a unit, so that a citizen's call asks nothing."""
    working = (Unit.channel == Channel.TELEPHONE) & Unit.is_active
    own = session().execute(select(Unit.id, Unit.duty_phone, Unit.night_phone).where(working)).all()
    of_rules = select(RoutingRule.unit_id, RoutingRule.duty_phone).join(Unit, Unit.id == RoutingRule.unit_id)
    # Where a rule rings another number of the unit, that one may ring back.
    rows = [
        *own,
        *session().execute(of_rules.where(working, RoutingRule.is_active, RoutingRule.duty_phone.is_not(None))),
    ]
    found: dict[str, int] = {}
    for unit_id, *numbers in rows:
        for number in numbers:
            if number and (phone := normalise(number)):
                found.setdefault(fingerprint(phone), unit_id)
    return found
