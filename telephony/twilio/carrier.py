"""`telephony.ports.Carrier` over Twilio's protocol: Twilio itself, a compatible gateway, or the emulator."""

import re
from collections.abc import Sequence
from typing import Any

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from telephony import ports
from telephony.ports import TelephonyError, Verb, WebhookRequest
from telephony.twilio import parse, signature, twiml
from telephony.twilio.account import TwilioAccount
from telephony.twilio.client import HttpClient, ask, make_client

LONGEST_TOKEN = 3600
CALL_NOT_IN_PROGRESS = 21220
NO_SUCH_CONFERENCE = 20404

_LEG_EVENTS = ["initiated", "ringing", "answered", "completed"]
# What Twilio allows in a client's name; others register and are then never reached.
_IDENTITY = re.compile(r"[A-Za-z0-9_]{1,121}")
_CONFERENCE_SID = re.compile(r"CF[0-9a-fA-F]{32}")


class TwilioCarrier:
    """Holds no state but a pool of connections; one object serves the whole process."""

    def __init__(self, account: TwilioAccount, http: HttpClient | None = None) -> None:
        self._account = account
        self._http = http or HttpClient(account)
        self._client = make_client(account, self._http)

    # --- hearing -------------------------------------------------------------------------------------------------

    def is_genuine(self, request: WebhookRequest) -> bool:
        return signature.is_genuine(request, self._account.auth_token, self._account.signing_keys)

    def hear_call(self, request: WebhookRequest) -> ports.CallStarted:
        return parse.hear_call(request)

    def hear_gather(self, request: WebhookRequest) -> ports.Keys | ports.Speech | ports.Silence:
        return parse.hear_gather(request)

    def hear_waiting(self, request: WebhookRequest) -> ports.Waiting:
        return parse.hear_waiting(request)

    def hear_queue_left(self, request: WebhookRequest) -> ports.QueueLeft:
        return parse.hear_queue_left(request)

    def hear_progress(self, request: WebhookRequest) -> ports.CallProgress:
        return parse.hear_progress(request)

    def hear_dial_ended(self, request: WebhookRequest) -> ports.DialEnded:
        return parse.hear_dial_ended(request)

    def hear_conference(self, request: WebhookRequest) -> ports.ConferenceChanged:
        return parse.hear_conference(request)

    def hear_recording(self, request: WebhookRequest) -> ports.RecordingReady:
        return parse.hear_recording(request)

    def hear_transcript(self, request: WebhookRequest) -> ports.Transcript | None:
        return parse.hear_transcript(request)

    def hear_failing(self, request: WebhookRequest) -> ports.CallFailing:
        return parse.hear_failing(request)

    def hear_sms(self, request: WebhookRequest) -> ports.SmsReceived:
        return parse.hear_sms(request)

    def hear_sms_status(self, request: WebhookRequest) -> ports.SmsStatus:
        return parse.hear_sms_status(request)

    def render(self, verbs: Sequence[Verb]) -> str:
        return twiml.render(verbs)

    # --- asking --------------------------------------------------------------------------------------------------

    def send_sms(self, recipient: str, text: str, status_callback: str) -> str:
        sender = self._account.sms_sender
        origin = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        message = ask(self._client.messages.create, to=recipient, body=text, status_callback=status_callback, **origin)
        return _sid_of(message.sid)

    def ring_agent(
        self,
        conference: str,
        identity: str,
        label: str,
        status_callback: str,
        timeout: int = 20,
        *,
        conference_callback: str | None = None,
        recording_callback: str | None = None,
    ) -> str:
        participant = ask(
            self._client.conferences(conference).participants.create,
            from_=self._account.hotline_number,
            to=f"client:{_client_name(identity)}",
            label=label,
            timeout=timeout,
            early_media=True,
            beep="false",
            start_conference_on_enter=True,
            # The caller stays when the agent's browser dies: the call goes back to the queue.
            end_conference_on_exit=False,
            wait_url="",
            status_callback=status_callback,
            status_callback_method="POST",
            status_callback_event=_LEG_EVENTS,
            **_conference_options(conference_callback),
            **_recording_options(recording_callback),
        )
        return _sid_of(participant.call_sid)

    def place_call(self, recipient: str, url: str, status_callback: str, timeout: int = 30) -> str:
        call = ask(
            self._client.calls.create,
            from_=self._account.hotline_number,
            to=recipient,
            url=url,
            method="POST",
            timeout=timeout,
            status_callback=status_callback,
            status_callback_method="POST",
            status_callback_event=_LEG_EVENTS,
        )
        return _sid_of(call.sid)

    def move_call(self, call_sid: str, url: str) -> None:
        ask(self._client.calls(call_sid).update, url=url, method="POST")

    def hang_up(self, call_sid: str) -> None:
        """A call that has already ended is hung up."""
        try:
            ask(self._client.calls(call_sid).update, status="completed")
        except TelephonyError as error:
            if error.code != CALL_NOT_IN_PROGRESS:
                raise

    def set_muted(self, conference: str, call_sid: str, muted: bool) -> None:
        ask(self._participant(conference, call_sid).update, muted=muted)

    def set_held(self, conference: str, call_sid: str, held: bool, music_url: str) -> None:
        music = {"hold_url": music_url, "hold_method": "GET"} if held and music_url else {}
        ask(self._participant(conference, call_sid).update, hold=held, **music)

    def fetch_recording(self, url: str) -> bytes:
        return self._http.download(url)

    def browser_token(self, identity: str, ttl: int = LONGEST_TOKEN) -> str:
        if not 0 < ttl <= LONGEST_TOKEN:  # the SDK signs any length; Twilio refuses such a token in the browser
            raise ValueError("a browser's token lives between a second and an hour")
        account = self._account
        token = AccessToken(
            account.account_sid, account.api_key, account.api_secret, identity=_client_name(identity), ttl=ttl
        )
        token.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid=account.application_sid))
        return str(token.to_jwt())

    def _participant(self, conference: str, call_sid: str) -> Any:
        return self._client.conferences(self._conference_sid(conference)).participants(call_sid)

    def _conference_sid(self, conference: str) -> str:
        """Only creating a participant takes our own name; changing one wants the sid."""
        if _CONFERENCE_SID.fullmatch(conference):
            return conference
        found = ask(self._client.conferences.list, friendly_name=conference, status="in-progress", limit=1)
        if not found:
            raise TelephonyError("no such conference in progress", permanent=True, code=NO_SUCH_CONFERENCE)
        return _sid_of(found[0].sid)


def _client_name(identity: str) -> str:
    if not _IDENTITY.fullmatch(identity):
        raise ValueError("a browser phone's name has letters, digits and underscores only")
    return identity


def _sid_of(sid: object) -> str:
    if not isinstance(sid, str) or not sid:
        raise TelephonyError("carrier's answer has no sid", permanent=False, outcome_unknown=True)
    return sid


def _conference_options(callback: str | None) -> dict[str, Any]:
    if callback is None:
        return {}
    return {
        "conference_status_callback": callback,
        "conference_status_callback_method": "POST",
        "conference_status_callback_event": twiml.CONFERENCE_EVENTS.split(),
    }


def _recording_options(callback: str | None) -> dict[str, Any]:
    if callback is None:
        return {}
    return {
        "conference_record": "record-from-start",
        "conference_recording_status_callback": callback,
        "conference_recording_status_callback_method": "POST",
        "conference_recording_status_callback_event": twiml.RECORDING_EVENTS.split(),
    }
