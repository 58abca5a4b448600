"""What lies before a duty officer in a talk, and what each wish does to it."""

from dataclasses import dataclass, replace

from flask import current_app

from app import clock
from app.cases import service as cases
from app.cases import voice
from app.cases.contacts import Contact, tell_centre
from app.cases.models import Case, VoiceNote
from app.cases.schemas import ActionFacts
from app.cases.situations import situation_of
from app.cases.terms import Action, State
from app.catalogue.queries import catalogue
from app.channels import dialogue, duties, pins, spoken
from app.channels.dialogue import At, Do, Key, Matter, Purpose, Scene, Wish
from app.channels.models import DutyCall, TaskState
from app.config import Settings
from app.db import session
from app.errors import DomainError
from app.network.models import Unit

LONGEST_RESULT = 1500
TAIL = 5  # digits of the case number that are read out


def spoken_number() -> str:
    settings: Settings = current_app.extensions["settings"]
    return spoken.spell(settings.hotline_number)


@dataclass(frozen=True, slots=True)
class Table:
    call: DutyCall
    unit: Unit

    def left(self, scene: Scene) -> list[Case]:
        """The cases still to be read: those that wait, or, for whoever rang up, everything at hand."""
        if self.call.incoming:
            found = duties.cases_at_work(self.unit.id)
        else:
            found = duties.waiting_cases(self.unit.id, self.call.phone_hash)
        return [case for case in found if case.id not in scene.read]

    def matter(self, scene: Scene) -> Matter | None:
        """The case of this scene in words; None if it has left the unit meanwhile."""
        if scene.case_id is None:
            return None
        case = session().get(Case, scene.case_id, populate_existing=True)
        if case is None or case.id not in duties.at_work(self.unit.id, [case]):
            return None
        others = [each for each in self.left(scene) if each.id != case.id]
        return matter_of(case, self.unit.id, done=len(scene.read), others=len(others))

    def carry_out(self, scene: Scene, wish: Wish, *, is_silence: bool) -> Scene:
        if wish.do is Do.TRY_PIN:
            return self._try_pin(scene, wish.text)
        if wish.do is Do.END:
            return Scene(At.OVER, said=spoken.GOODBYE)
        if scene.case_id is not None and self.matter(scene) is None:
            return self._next(scene, spoken.GONE)
        if wish.do is Do.ASK_AGAIN:
            return dialogue.again(scene, wish.text, is_silence=is_silence)
        return self._at_a_case(scene, wish)

    def _try_pin(self, scene: Scene, pin: str) -> Scene:
        if pins.try_pin(self.unit, self.call.phone_hash, pin):
            self.call.identified_at = clock.now()
            return self._next(scene, "")
        if pins.locked_until(self.unit.id, self.call.phone_hash) is None:
            return Scene(At.PIN, said=spoken.WRONG_PIN)
        self.call.outcome = "locked"
        minutes = spoken.minutes(pins.LOCKED_FOR.total_seconds())
        return Scene(At.OVER, said=spoken.LOCKED.format(minutes=minutes))

    def _at_a_case(self, scene: Scene, wish: Wish) -> Scene:
        if wish.do is Do.READ:
            return replace(scene, at=At.CASE, said=wish.text, silent=0)
        if wish.do is Do.ASK_REASON:
            return replace(scene, at=At.REASON, said="", silent=0)
        if wish.do is Do.RECORD:
            return self._record(scene, wish.purpose)
        if wish.do is Do.CALL_CENTRE:
            return self._ask_for_call_back(scene)
        if wish.do in (Do.NEXT, Do.PASS_ON):
            return self._next(scene, wish.text)
        return self._act(scene, wish)

    def _record(self, scene: Scene, purpose: Purpose) -> Scene:
        note = voice.begin_note(session().get_one(Case, scene.case_id), self.unit.id, purpose)
        return replace(scene, at=At.NOTE, note_id=note.id, purpose=purpose, said="", silent=0)

    def _ask_for_call_back(self, scene: Scene) -> Scene:
        text = f"{self.unit.name}请指挥中心回电"
        tell_centre(duties.hand_of(self.unit), self.unit, Contact.BACK, text, [scene.case_id or 0])
        return replace(scene, at=At.CASE, said=spoken.CENTRE_TOLD.format(number=spoken_number()), silent=0)

    def _act(self, scene: Scene, wish: Wish) -> Scene:
        note = voice.note_of(scene.note_id) if wish.do is Do.SUBMIT and scene.note_id is not None else None
        try:
            done = _do(self.unit, scene.case_id or 0, wish, note)
        except DomainError as error:
            said = spoken.REFUSED.format(why=error.message.rstrip("。"))
            return replace(scene, at=At.CASE, said=said, silent=0)
        if note is not None:
            note.submitted = True
        return self._next(scene, done)

    def _next(self, scene: Scene, said: str) -> Scene:
        """This talk is done with the case; the next one, if there is any."""
        read = scene.read
        if scene.case_id is not None:
            read = (*read, scene.case_id)
            duties.mark(self.unit.id, [scene.case_id], TaskState.TOLD)
        after = Scene(At.CASE, said=said, read=read)
        left = self.left(after)
        if not left:
            self.call.outcome = "heard"
            return replace(after, at=At.OVER, said=said + (spoken.GOODBYE if said else spoken.NOTHING_LEFT))
        self._note_told(left[0].id)
        return replace(after, case_id=left[0].id)

    def _note_told(self, case_id: int) -> None:
        """责任倒查 wants to know when the unit has heard of it."""
        if self.call.incoming:
            return
        hand = duties.hand_of(self.unit)
        cases.note(hand, cases.locked(hand, case_id), "case.phoned", f"{self.unit.name}接听值班电话，密码已核对")


def matter_of(case: Case, unit_id: int, *, done: int, others: int) -> Matter:
    condition = catalogue(case.catalogue_version).condition(case.class_code or "", case.condition_no or 0)
    due = case.due_at
    return Matter(
        tail=spoken.spell(case.number[-TAIL:]),
        name=case.class_name,
        condition=condition.text,
        place=case.address,
        closing=condition.closing,
        until=spoken.moment(clock.local(due)) if due else "",
        is_late=due is not None and due <= clock.now(),
        is_again=case.round > 0,
        is_co=case.unit_id != unit_id,
        urges=case.urges,
        number=done + 1,
        count=done + 1 + others,
        keys=_keys(case, unit_id) | ({Key.NEXT} if others else frozenset()),
    )


def _keys(case: Case, unit_id: int) -> frozenset[Key]:
    if case.unit_id != unit_id:
        return frozenset({Key.REPORT})
    if case.state == State.DISPATCHED:
        return frozenset({Key.ACCEPT, Key.RETURN, Key.REPORT})
    return frozenset({Key.RETURN, Key.REPORT})


def _do(unit: Unit, case_id: int, wish: Wish, note: VoiceNote | None) -> str:
    """Through the same table as any other hand; returns the words for the officer."""
    hand = duties.hand_of(unit)
    case = cases.locked(hand, case_id)
    if wish.do is Do.ACCEPT:
        cases.take(hand, case, Action.ACCEPT)
        return spoken.ACCEPTED
    said = voice.words_of(note)[:LONGEST_RESULT] if note is not None else ""
    if wish.do is Do.RETURN or wish.purpose is Purpose.RETURN:
        reason = wish.text or "：".join(part for part in (spoken.RETURNED_BY_TELEPHONE, said) if part)
        cases.take(hand, case, Action.RETURN, ActionFacts(reason=reason))
        return spoken.RETURNED
    result = "：".join(part for part in (spoken.BY_TELEPHONE, said) if part)
    if case.unit_id != unit.id:
        cases.take(hand, case, Action.CO_FEED_BACK, ActionFacts(result=result))
        return spoken.CO_REPORTED
    # A unit that has just begun need not accept first: the report says that it did.
    if case.state == State.DISPATCHED:
        cases.take(hand, case, Action.ACCEPT)
    waiting = spoken.CO_UNITS_OPEN if situation_of(case).open_co_units else ""
    cases.take(hand, case, Action.FEED_BACK, ActionFacts(result=result, reason=waiting))
    return spoken.REPORTED
