"""A telephone company inside the test: it remembers what it was asked, and refuses when told to.

Hearing and rendering are Twilio's real ones (they are pure), so webhooks in tests look exactly like the carrier's.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from telephony.ports import TelephonyError


@dataclass(frozen=True)
class SentSms:
    sid: str
    recipient: str
    text: str
    status_callback: str


@dataclass(frozen=True)
class Order:
    """Something the carrier was asked to do with a call: `what` is the method's name."""

    what: str
    facts: dict[str, Any]


@dataclass
class FakeCarrier:
    """`hearing` is the pure half of a real carrier; without one, every request counts as genuine and parsing fails."""

    hearing: Any = None
    sent: list[SentSms] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)
    refusals: list[TelephonyError] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def refuse_next(self, error: TelephonyError) -> None:
        """The next request to the carrier fails with this."""
        self.refusals.append(error)

    def texts_to(self, recipient: str) -> list[str]:
        return [sms.text for sms in self.sent if sms.recipient == recipient]

    def asked(self, what: str) -> list[dict[str, Any]]:
        return [order.facts for order in self.orders if order.what == what]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("hear_") or name in ("is_genuine", "render"):
            return getattr(self._real_hearing(), name)
        raise AttributeError(name)

    def _real_hearing(self) -> Any:
        if self.hearing is None:
            from tests.support.twilio import hearing_carrier

            self.hearing = hearing_carrier()
        return self.hearing

    def _order(self, what: str, **facts: Any) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.orders.append(Order(what, facts))

    def _sid(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):032x}"

    def send_sms(self, recipient: str, text: str, status_callback: str) -> str:
        self._order("send_sms", recipient=recipient, text=text)
        sid = self._sid("SM")
        self.sent.append(SentSms(sid, recipient, text, status_callback))
        return sid

    def ring_agent(self, conference: str, identity: str, label: str, status_callback: str, timeout: int = 20) -> str:
        sid = self._sid("CA")
        self._order("ring_agent", conference=conference, identity=identity, label=label, sid=sid, timeout=timeout)
        return sid

    def move_call(self, call_sid: str, url: str) -> None:
        self._order("move_call", call_sid=call_sid, url=url)

    def hang_up(self, call_sid: str) -> None:
        self._order("hang_up", call_sid=call_sid)

    def set_muted(self, conference: str, call_sid: str, muted: bool) -> None:
        self._order("set_muted", conference=conference, call_sid=call_sid, muted=muted)

    def set_held(self, conference: str, call_sid: str, held: bool, music_url: str) -> None:
        self._order("set_held", conference=conference, call_sid=call_sid, held=held, music_url=music_url)

    def fetch_recording(self, url: str) -> bytes:
        self._order("fetch_recording", url=url)
        return self.recordings[url]

    def browser_token(self, identity: str, ttl: int = 3600) -> str:
        return f"token-of-{identity}"
