"""Calls and the agent's own seat over HTTP."""

from collections.abc import Callable
from io import BytesIO

from apiflask import APIBlueprint
from flask import current_app, send_file
from flask.typing import ResponseReturnValue

from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.calls import afterwork, lines, outbound, transfers
from app.calls.cards import card_of
from app.calls.directory import transfer_targets
from app.calls.hearing import may_hear, recordings_of
from app.calls.lines import identity_of
from app.calls.queries import detail_of, find_call, open_voicemails, waiting_calls
from app.calls.schemas import (
    CallAnswer,
    CallDetail,
    CallList,
    CaseRecording,
    DispositionChoice,
    DraftForm,
    PhoneToken,
    SeatAnswer,
    StatusChoice,
    Switch,
    TextToUnderstand,
    TransferTargets,
    TransferWish,
    Understood,
)
from app.cases.queries import find_case
from app.cases.understanding import describe
from app.desk import seats
from app.desk.cards import card_of as seat_card
from app.errors import Forbidden, NotFound, Unavailable
from app.events import access
from app.events.access import Looked
from app.retries import in_transaction
from app.webhooks import carrier, public_url
from nlp.types import Classifier
from telephony.ports import TelephonyError

bp = APIBlueprint("calls", __name__, url_prefix="/api/v1", tag="电话")

TOKEN_SECONDS = 3600
_LISTENERS = (Permission.TAKE_CALLS, Permission.HEAR_RECORDINGS)


@bp.get("/calls")
@bp.output(CallList)
@needs(*_LISTENERS)
def list_calls() -> CallList:
    """Who waits, in the order of service, and the voicemails nobody has worked on."""
    return CallList(items=[*waiting_calls(), *open_voicemails()])


@bp.get("/calls/<int:call_id>")
@bp.output(CallDetail)
@needs(*_LISTENERS)
def show_call(call_id: int) -> CallDetail:
    return detail_of(find_call(call_id), principal(), _classifier().redact)


@bp.post("/calls/<int:call_id>/answer")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def answer(call_id: int) -> CallAnswer:
    """The first agent wins; 409 with `winner` for the others. 503: the line failed, the caller waits in front."""
    if not transfers.join(principal(), call_id, carrier(), public_url):
        lines.answer(principal(), call_id, carrier(), public_url)
    return _call_answer(call_id)


@bp.post("/call-backs/<int:task_id>/dial")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def dial_call_back(task_id: int) -> CallAnswer:
    """Ring the agent's telephone and the citizen of a call-back that the agent has claimed."""
    call_id = outbound.call_back(principal(), task_id, carrier(), public_url)
    return _call_answer(call_id)


@bp.post("/calls/<int:call_id>/hang-up")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def hang_up(call_id: int) -> CallAnswer:
    """The agent ends the call for all; a colleague who was asked in leaves it to the others."""
    if not transfers.leave(principal(), call_id, carrier()):
        lines.hang_up(principal(), call_id, carrier())
    return _call_answer(call_id)


@bp.get("/transfer-targets")
@bp.output(TransferTargets)
@needs(Permission.TAKE_CALLS)
def list_targets() -> TransferTargets:
    return transfer_targets(principal())


@bp.post("/calls/<int:call_id>/transfer")
@bp.input(TransferWish, arg_name="wish")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def transfer(call_id: int, wish: TransferWish) -> CallAnswer:
    """Ring a colleague, a supervisor or a number outside into the talk, or give the call away at once."""
    transfers.transfer(principal(), call_id, wish, carrier(), public_url)
    return _call_answer(call_id)


@bp.post("/calls/<int:call_id>/transfer/complete")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def complete_transfer(call_id: int) -> CallAnswer:
    """The agent goes, the other takes the call over."""
    transfers.complete(principal(), call_id, carrier(), public_url)
    return _call_answer(call_id)


@bp.post("/calls/<int:call_id>/transfer/cancel")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def cancel_transfer(call_id: int) -> CallAnswer:
    """Stop ringing, or let the third go; the agent goes on with the caller."""
    transfers.release(principal(), call_id, carrier())
    return _call_answer(call_id)


@bp.post("/calls/<int:call_id>/mute")
@bp.input(Switch, arg_name="switch")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def mute(call_id: int, switch: Switch) -> CallAnswer:
    lines.mute(principal(), call_id, carrier(), on=switch.on)
    return _call_answer(call_id)


@bp.post("/calls/<int:call_id>/hold")
@bp.input(Switch, arg_name="switch")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def hold(call_id: int, switch: Switch) -> CallAnswer:
    lines.hold(principal(), call_id, carrier(), public_url, on=switch.on)
    return _call_answer(call_id)


@bp.post("/calls/<int:call_id>/disposition")
@bp.input(DispositionChoice, arg_name="choice")
@bp.output(CallAnswer)
@needs(Permission.TAKE_CALLS)
def dispose(call_id: int, choice: DispositionChoice) -> CallAnswer:
    agent = principal()
    how = (choice.kind, choice.note, choice.case_id, choice.article_id)
    in_transaction(lambda: afterwork.dispose(agent, call_id, *how))
    return _call_answer(call_id)


@bp.put("/calls/<int:call_id>/draft")
@bp.input(DraftForm, arg_name="draft")
@needs(Permission.TAKE_CALLS)
def save_draft(call_id: int, draft: DraftForm) -> ResponseReturnValue:
    agent = principal()
    version = in_transaction(lambda: afterwork.save_draft(agent, call_id, draft.form, draft.version))
    return {"version": version}, 200


@bp.get("/cases/<int:case_id>/recordings")
@bp.output(list[CaseRecording])  # type: ignore[arg-type]
def list_recordings(case_id: int) -> list[CaseRecording]:
    """The calls behind a case that this person may listen to; for most units that is none."""
    return recordings_of(principal(), find_case(principal(), case_id))


@bp.get("/calls/<int:call_id>/recording")
def recording(call_id: int) -> ResponseReturnValue:
    """WAV, fetched from the carrier under our own key; the browser never sees the carrier's address."""
    call = find_call(call_id)
    if not may_hear(principal(), call):
        raise Forbidden("您不能听这通电话的录音")
    if call.recording_url is None:
        raise NotFound("这通电话没有录音")
    access.note(principal().id, ("call", call.id), Looked.RECORDING)
    try:
        content = carrier().fetch_recording(call.recording_url)
    except TelephonyError as error:
        if error.permanent:
            raise NotFound("录音已不在运营商处") from None
        raise Unavailable("暂时取不到录音，请稍后再试") from None
    return send_file(BytesIO(content), mimetype="audio/wav", download_name=f"call-{call_id}.wav", conditional=True)


@bp.get("/seat")
@bp.output(SeatAnswer)
@needs(Permission.TAKE_CALLS)
def show_seat() -> SeatAnswer:
    return _seat_answer(_agent_id())


@bp.post("/seat/status")
@bp.input(StatusChoice, arg_name="choice")
@bp.output(SeatAnswer)
@needs(Permission.TAKE_CALLS)
def set_status(choice: StatusChoice) -> SeatAnswer:
    return _change_seat(lambda agent_id: afterwork.set_status(agent_id, choice.status, choice.reason))


@bp.post("/seat/wrap-up/finish")
@bp.output(SeatAnswer)
@needs(Permission.TAKE_CALLS)
def finish_wrap_up() -> SeatAnswer:
    return _change_seat(afterwork.finish_wrap_up)


@bp.post("/seat/wrap-up/extend")
@bp.output(SeatAnswer)
@needs(Permission.TAKE_CALLS)
def extend_wrap_up() -> SeatAnswer:
    return _change_seat(seats.extend_wrap_up)


@bp.get("/phone/token")
@bp.output(PhoneToken)
@needs(Permission.TAKE_CALLS)
def phone_token() -> PhoneToken:
    """For the agent's own browser telephone, under no other name, for an hour."""
    identity = identity_of(_agent_id())
    return PhoneToken(token=carrier().browser_token(identity, TOKEN_SECONDS), identity=identity, ttl=TOKEN_SECONDS)


@bp.post("/understand")
@bp.input(TextToUnderstand, arg_name="asked")
@bp.output(Understood)
@needs(Permission.CREATE_CASES)
def understand(asked: TextToUnderstand) -> Understood:
    """What the machine makes of a text: classes, places, intent, urgency, mood, the five elements. Writes nothing."""
    known = _classifier().understand(asked.text)
    return Understood(**dict(describe(known)), latency_us=known.latency_us)


def _call_answer(call_id: int) -> CallAnswer:
    agent_id = _agent_id()
    return in_transaction(lambda: CallAnswer(call=card_of(find_call(call_id)), seat=seat_card(seats.locked(agent_id))))


def _change_seat(change: Callable[[int], object]) -> SeatAnswer:
    agent_id = _agent_id()
    in_transaction(lambda: change(agent_id))
    return _seat_answer(agent_id)


def _seat_answer(agent_id: int) -> SeatAnswer:
    """Read after the commit: what it made possible, an offer, may have changed the seat already."""
    return in_transaction(lambda: SeatAnswer(seat=seat_card(seats.locked(agent_id))))


def _agent_id() -> int:
    return principal().id or 0


def _classifier() -> Classifier:
    found: Classifier = current_app.extensions["classifier"]
    return found
