"""A telephone company inside the test: it remembers what it was asked, and refuses when told to.

It hears and renders with the real Twilio code (both are pure), so webhooks in tests look exactly like the carrier's.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any

from twilio.request_validator import RequestValidator

from telephony.ports import TelephonyError
from telephony.twilio.account import TwilioAccount
from telephony.twilio.carrier import TwilioCarrier
from tests.support.settings import ACCOUNT_SID, AUTH_TOKEN, PUBLIC_BASE_URL

ACCOUNT = TwilioAccount(
    account_sid=ACCOUNT_SID,
    auth_token=AUTH_TOKEN,
    api_key="SK" + "0" * 31 + "2",
    api_secret="a-secret-of-the-tests-only-32-bytes-long",
    application_sid="AP" + "0" * 31 + "3",
    hotline_number="96310",
    sms_sender="96310",
    # Nobody listens there: a request that the fake does not catch fails at once.
    base_url="http://localhost:9",
)


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


class FakeCarrier(TwilioCarrier):
    """`sent` and `orders` are in order; `recordings` maps a URL to what is fetched from it."""

    def __init__(self) -> None:
        super().__init__(ACCOUNT)
        self.sent: list[SentSms] = []
        self.orders: list[Order] = []
        self.recordings: dict[str, bytes] = {}
        self._refusals: list[TelephonyError] = []
        # Far from the callers' own sids: no leg may be taken for a caller's.
        self._numbers = count(10**9)

    def refuse_next(self, error: TelephonyError) -> None:
        """The next request to the carrier fails with this."""
        self._refusals.append(error)

    def texts_to(self, recipient: str) -> list[str]:
        return [sms.text for sms in self.sent if sms.recipient == recipient]

    def asked(self, what: str) -> list[dict[str, Any]]:
        return [order.facts for order in self.orders if order.what == what]

    def _order(self, what: str, **facts: Any) -> None:
        if self._refusals:
            raise self._refusals.pop(0)
        self.orders.append(Order(what, facts))

    def _sid(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):032x}"

    def send_sms(self, recipient: str, text: str, status_callback: str) -> str:
        self._order("send_sms", recipient=recipient, text=text)
        sid = self._sid("SM")
        self.sent.append(SentSms(sid, recipient, text, status_callback))
        return sid

    def ring_agent(self, conference: str, identity: str, label: str, status_callback: str, timeout: int = 20,
                   **callbacks: Any) -> str:  # fmt: skip
        sid = self._sid("CA")
        facts = {"conference": conference, "identity": identity, "label": label, "timeout": timeout, **callbacks}
        self._order("ring_agent", sid=sid, status_callback=status_callback, **facts)
        return sid

    def place_call(self, recipient: str, url: str, status_callback: str, timeout: int = 30) -> str:
        sid = self._sid("CA")
        facts = {"recipient": recipient, "url": url, "status_callback": status_callback, "timeout": timeout}
        self._order("place_call", sid=sid, **facts)
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


class Hook:
    """Posts to the application as the carrier does: `hook("/telephony/sms", MessageSid=…, Body=…)`.

    Keywords are the form fields; `AccountSid` is added. `forge` takes the signature of another token, `unsigned`
    sends none.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def __call__(self, path: str, *, forge: bool = False, unsigned: bool = False, **fields: str) -> Any:
        form = {"AccountSid": ACCOUNT_SID, **fields}
        token = "another-token" if forge else AUTH_TOKEN
        signature = RequestValidator(token).compute_signature(PUBLIC_BASE_URL + path, form)
        headers = {} if unsigned else {"X-Twilio-Signature": signature}
        return self.client.post(path, data=form, headers=headers)
