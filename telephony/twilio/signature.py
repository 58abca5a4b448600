"""Proof that a webhook comes from the carrier (X-Twilio-Signature).

The HMAC itself is the SDK's; around it stands our own layer, because the SDK's `validate` raises on a missing header,
re-assembles the URL (losing a bare "?"), and lets the sender of a request choose how it is checked.
"""

import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from telephony.ports import WebhookRequest

SIGNATURE_HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^/?#:]+|\[[^\]/?#]+\])(?::(?P<port>\d*))?(?P<rest>[/?].*)?", re.I | re.S
)
_BODY_HASH = re.compile(r"[?&]bodySHA256=([0-9a-fA-F]{64})(?=&|$)")
_DEFAULT_PORTS = {"https": "443", "http": "80"}

Fields = Iterable[tuple[str, str]]


def sign(url: str, form: Fields | Mapping[str, str], secret: str, algorithm: str = HMAC_SHA1) -> str:
    """The signature header's value for a request to `url` with these form fields.

    For a JSON body sign no fields and let `url` carry `bodySHA256` (see `body_hash`).
    """
    pairs = form.items() if isinstance(form, Mapping) else form
    return str(RequestValidator(secret).compute_signature(_without_fragment(url), _Form(pairs), algorithm))


def body_hash(body: bytes) -> str:
    """What the sender of a JSON body puts into the `bodySHA256` query parameter."""
    return sha256(body).hexdigest()


def is_genuine(request: WebhookRequest, auth_token: str, signing_keys: Mapping[str, str] | None = None) -> bool:
    """Whether `request` was signed with our auth token or with one of our configured shared keys; never raises.

    `signing_keys`: key id → secret. Without any secret every request is refused.
    """
    claimed = request.headers.get(SIGNATURE_HEADER, "")
    chosen = _choose_secret(request.headers.get(SETTINGS_HEADER), auth_token, signing_keys or {})
    if not claimed or chosen is None or not _is_body_covered(request):
        return False
    secret, algorithm = chosen
    try:
        given = claimed.encode()
        # The usual spelling first: how many were tried tells only somebody who signs rightly anyway.
        return any(
            hmac.compare_digest(sign(url, request.form, secret, algorithm).encode(), given)
            for url in _spellings(request.url)
        )
    except UnicodeEncodeError:  # lone surrogates: nothing the carrier could have sent
        return False


class _Form:
    """Repeated names in the shape the SDK asks for (`getall`)."""

    def __init__(self, pairs: Fields) -> None:
        self._values: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            self._values[name].append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getall(self, name: str) -> list[str]:
        return self._values[name]


def _choose_secret(settings: str | None, auth_token: str, keys: Mapping[str, str]) -> tuple[str, str] | None:
    """(secret, algorithm), or None if the header names what we did not configure.

    The header is the sender's wish: it may pick among our keys, never bring in an algorithm or fall back to a weaker
    one, so a shared key always means SHA-256 and the auth token always SHA-1.
    """
    if settings is None:
        return (auth_token, HMAC_SHA1) if auth_token else None
    parts = [part.strip().partition("=") for part in settings.split(",")]
    wishes = {name.strip(): value.strip() for name, _, value in parts}
    if len(wishes) != len(parts) or wishes.get("algorithm", "").upper() != HMAC_SHA256:
        return None
    secret = keys.get(wishes.get("key", ""))
    return (secret, HMAC_SHA256) if secret else None


def _is_body_covered(request: WebhookRequest) -> bool:
    """A body that is no form is outside the signature unless the signed URL carries its hash."""
    if request.form or not request.body:
        return True
    stated = _BODY_HASH.search(_without_fragment(request.url))
    return stated is not None and hmac.compare_digest(stated[1].lower().encode(), body_hash(request.body).encode())


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _spellings(url: str) -> Iterable[str]:
    """The URL as called, and with the default port written out and left out: carriers do either.

    Cut as text: parsing and re-assembling would drop a bare "?" and normalise what was signed.
    """
    url = _without_fragment(url)
    match = _URL.fullmatch(url)
    if match is None:
        return [url]
    scheme, host, port, rest = match["scheme"], match["host"], match["port"], match["rest"] or ""
    with_port = f"{scheme}://{host}:{port or _DEFAULT_PORTS[scheme.lower()]}{rest}"
    return dict.fromkeys((url, with_port, f"{scheme}://{host}{rest}"))
