"""SMS both ways: the hotline's webhook and its reply, delivery status, STOP and START, the threads on disk."""

import json
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin

from telephony.emulator.models import Message
from telephony.emulator.office import Office
from telephony.emulator.sids import new_sid
from telephony.emulator.twiml import BadTwiml, Document, Element, read_answer
from telephony.emulator.webhooks import Errand, WebhookFailed
from telephony.segments import count_segments

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
CARRIER_REPLIES = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}

OPTED_OUT = 21610
BAD_RECIPIENT = 21211
NO_BODY = 21602
NO_SENDER = 21603
FOREIGN_SENDER = 21606
TOO_LONG = 21617
LONGEST_BODY = 1600
E164 = re.compile(r"\+[1-9]\d{6,14}")


class Refusal(Exception):
    """Why a message is not accepted; `code` is Twilio's error number."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def opt_out_type(body: str) -> str:
    """STOP, START, HELP or empty; only a message that is nothing but the word counts."""
    word = body.strip().upper()
    for kind, words in (("STOP", STOP_WORDS), ("START", START_WORDS), ("HELP", HELP_WORDS)):
        if word in words:
            return kind
    return ""


# --- from the hotline --------------------------------------------------------------------------------------------


def submit(office: Office, recipient: str, sender: str, body: str, callback: str = "") -> Message:
    """Accept a message for delivery. Raises Refusal."""
    _check(office, recipient, sender, body)
    message = _new(office, sender, recipient, body, "outbound-api", "queued", callback)
    office.spawn(_deliver(office, message))
    return message


def _check(office: Office, recipient: str, sender: str, body: str) -> None:
    if not body:
        raise Refusal(NO_BODY, "Message body is required.")
    if not sender:
        raise Refusal(NO_SENDER, "A 'From' phone number is required.")
    if sender not in office.settings.senders:
        raise Refusal(FOREIGN_SENDER, f"The 'From' number {sender} is not a number of this account")
    if len(body) > LONGEST_BODY:
        raise Refusal(TOO_LONG, "The concatenated message body exceeds the 1600 character limit")
    if not E164.fullmatch(recipient):
        raise Refusal(BAD_RECIPIENT, f"Invalid 'To' Phone Number: {recipient}")
    if (recipient, sender) in office.opted_out:
        raise Refusal(OPTED_OUT, "Attempt to send to unsubscribed recipient")


async def _deliver(office: Office, message: Message) -> None:
    await office.clock.sleep(0.05)
    message.sent = office.clock.now()
    _progress(office, message, "sent")
    await office.clock.sleep(0.2)
    if office.chaos.sms_error:
        message.error_code = office.chaos.sms_error
        _progress(office, message, "undelivered")
        return
    _progress(office, message, "delivered")
    _show(office, message)


def _progress(office: Office, message: Message, status: str) -> None:
    message.status = status
    keep(office, message)
    if not message.callback:
        return
    told = {
        "AccountSid": office.settings.account_sid,
        "ApiVersion": "2010-04-01",
        "From": message.sender,
        "To": message.recipient,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
    }
    if message.error_code:
        told["ErrorCode"] = str(message.error_code)
    office.callbacks.tell(message.sid, message.callback, "POST", told)


# --- from a phone ------------------------------------------------------------------------------------------------


def receive(office: Office, sender: str, recipient: str, body: str) -> Message:
    """A phone sends an SMS; the hotline is told, also about STOP and START, which the carrier itself obeys."""
    message = _new(office, sender, recipient, body, "inbound", "received", "")
    _show(office, message)
    kind = opt_out_type(body)
    if kind == "STOP":
        office.opted_out.add((sender, recipient))
    elif kind == "START":
        office.opted_out.discard((sender, recipient))
    if kind:
        _reply_as_carrier(office, message, kind)
    office.spawn(_tell_hotline(office, message, kind))
    return message


def _reply_as_carrier(office: Office, message: Message, kind: str) -> None:
    reply = _new(office, message.recipient, message.sender, CARRIER_REPLIES[kind], "outbound-reply", "delivered", "")
    _show(office, reply)


async def _tell_hotline(office: Office, message: Message, kind: str) -> None:
    if message.recipient not in office.settings.senders:
        return
    told = {
        "AccountSid": office.settings.account_sid,
        "ApiVersion": "2010-04-01",
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "From": message.sender,
        "To": message.recipient,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": str(count_segments(message.body) or 1),
    }
    if kind:
        told["OptOutType"] = kind
    try:
        reply = await office.postman.deliver(Errand(office.settings.sms_url, "POST", told, told))
        document = read_answer(reply.body, reply.content_type, reply.url, reply.method) if reply.body else None
    except (WebhookFailed, BadTwiml):
        return  # it is in the webhook log; an SMS has no fallback address here
    for verb in document.verbs if document else ():
        if verb.name == "Message":
            _reply(office, message, verb, document)


def _reply(office: Office, message: Message, verb: Element, document: Document | None) -> None:
    """A <Message> in the answer; a refused one (opted out) is dropped, as at Twilio."""
    inner = verb.named("Body")
    callback = verb.get("statusCallback") or verb.get("action")
    target = urljoin(document.url, callback) if document and callback else ""
    recipient = verb.get("to") or message.sender
    body = inner.text if inner is not None else verb.text
    try:
        _check(office, recipient, message.recipient, body)
    except Refusal:
        return
    reply = _new(office, message.recipient, recipient, body, "outbound-reply", "queued", target)
    office.spawn(_deliver(office, reply))


# --- threads -----------------------------------------------------------------------------------------------------


def _new(office: Office, sender: str, recipient: str, body: str, direction: str, status: str, callback: str) -> Message:
    message = Message(new_sid("SM"), sender, recipient, body, direction, office.clock.now(), status, callback=callback)
    office.messages[message.sid] = message
    keep(office, message)
    return message


def _show(office: Office, message: Message) -> None:
    for address in (message.sender, message.recipient):
        for line in office.lines.get(address, ()):
            line.send({"type": "sms", **as_row(message)})


def thread(office: Office, number: str) -> list[Message]:
    """What this phone has in its pocket: everything it sent, everything delivered to it."""
    return [
        message
        for message in office.messages.values()
        if message.sender == number or (message.recipient == number and message.status == "delivered")
    ]


def as_row(message: Message) -> dict[str, object]:
    return {
        "id": message.sid,
        "from": message.sender,
        "to": message.recipient,
        "text": message.body,
        "direction": message.direction,
        "status": message.status,
        "error": message.error_code,
        "at": message.created.isoformat(),
    }


def _file(office: Office) -> Path:
    return office.settings.data_dir / "messages.jsonl"


def keep(office: Office, message: Message) -> None:
    """Append the message as it is now; on loading the last line of a sid wins."""
    with _file(office).open("a", encoding="utf-8") as file:
        file.write(json.dumps(as_row(message), ensure_ascii=False) + "\n")


def load_messages(office: Office) -> None:
    """Threads and opt-outs of earlier runs."""
    if not _file(office).exists():
        return
    for line in _file(office).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        office.messages[row["id"]] = Message(
            row["id"],
            row["from"],
            row["to"],
            row["text"],
            row["direction"],
            datetime.fromisoformat(row["at"]),
            row["status"],
            row["error"],
        )
    for message in office.messages.values():
        if message.direction != "inbound":
            continue
        kind = opt_out_type(message.body)
        if kind == "STOP":
            office.opted_out.add((message.sender, message.recipient))
        elif kind == "START":
            office.opted_out.discard((message.sender, message.recipient))
