"""The city's account with a Twilio or Twilio-compatible carrier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TWILIO_API = "https://api.twilio.com"

_REQUIRED = ("account_sid", "auth_token", "api_key", "api_secret", "application_sid", "hotline_number", "sms_sender")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """`base_url`: a compatible gateway or the emulator; None means Twilio. `sms_sender`: a number or a Messaging
    Service (MG…). `signing_keys`: id → secret of shared keys that may sign webhooks.

    A missing secret refuses to start: an empty token would make every forged webhook look genuine.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    api_key: str
    api_secret: str = field(repr=False)
    application_sid: str
    hotline_number: str
    sms_sender: str
    base_url: str | None = None
    signing_keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        missing = [name for name in _REQUIRED if not getattr(self, name)]
        if missing:
            raise ValueError(f"telephone account lacks {', '.join(missing)}")
        parts = urlsplit(self.api_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("base_url of the telephone account is not a plain http(s) address")

    @property
    def api_url(self) -> str:
        return (self.base_url or TWILIO_API).rstrip("/")
