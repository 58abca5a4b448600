"""Plumbing of the carrier's webhooks: verify the signature, parse, call the service, render the answer.

A view is written as `@webhook(lambda carrier: carrier.hear_call)` above a function from the parsed event to verbs, or
to None for 204. The blueprint it hangs on must be exempt from CSRF: the signature is the stronger proof.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import TypeVar, cast
from urllib.parse import parse_qsl, quote, urlsplit

import structlog
from flask import Request, Response, current_app, g, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from app.config import Settings
from app.extensions import limiter
from telephony.ports import Carrier, MalformedWebhook, Verb, WebhookRequest

log = structlog.get_logger(__name__)

Heard = TypeVar("Heard")
Answer = Sequence[Verb] | None
Ear = Callable[[Carrier], Callable[[WebhookRequest], Heard]]

BODY_LIMIT = 64 * 1024
# Ten thousand Chinese characters take 90 kB in a form.
SMS_BODY_LIMIT = 128 * 1024
MOST_FIELDS = 400
DATABASE_IS_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class Refused(Exception):
    """The request is not worth looking at; carries the status it is answered with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def carrier() -> Carrier:
    return cast("Carrier", current_app.extensions["carrier"])


def settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])


def public_url(path: str) -> str:
    """What the carrier must call to reach `path`; relative addresses would hang on whatever it fetched last."""
    return settings().public_base_url + path


def current_webhook() -> WebhookRequest:
    """The verified request being answered, for facts that its parsed event leaves out."""
    return cast("WebhookRequest", g.webhook)


@limiter.request_filter
def _is_for_carriers() -> bool:
    """Never limited: a carrier has few addresses, and each refusal would be a caller turned away."""
    return request.path.startswith("/telephony/")


def webhook(
    ear: Ear[Heard], *, blind: Callable[[], Answer] | None = None, body_limit: int = BODY_LIMIT
) -> Callable[[Callable[[Heard], Answer]], Callable[[], Response]]:
    """Make a view of `answer`. 413 oversized, 403 unsigned, 400 malformed: nothing is written for any of these.

    While the database is away the answer is `blind()`, or 503, upon which the carrier turns to its fallback URL.
    """

    def decorate(answer: Callable[[Heard], Answer]) -> Callable[[], Response]:
        @wraps(answer)
        def view() -> Response:
            try:
                heard = _hear(ear, body_limit)
            except Refused as refusal:
                log.warning("webhook.refused", path=request.path, status=refusal.status, reason=refusal.reason)
                return Response(refusal.reason, refusal.status, mimetype="text/plain")
            return _reply(answer, heard, blind)

        return view

    return decorate


def read_webhook(incoming: Request, public_base: str, body_limit: int = BODY_LIMIT) -> WebhookRequest:
    """The request exactly as sent: the signature covers the raw path and query and every form field."""
    incoming.max_content_length = body_limit
    body = incoming.get_data(cache=True, parse_form_data=False)
    form: list[tuple[str, str]] = []
    if incoming.mimetype == "application/x-www-form-urlencoded":
        form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    return WebhookRequest(
        method=incoming.method,
        url=public_base + raw_target(incoming),
        form=tuple(form),
        query=tuple(incoming.args.items(multi=True)),
        body=body,
        headers={name.lower(): value for name, value in incoming.headers.items()},
    )


def raw_target(incoming: Request) -> str:
    """Path and query as they stood in the request line; Werkzeug's own URL is decoded and drops a bare "?"."""
    raw = str(incoming.environ.get("RAW_URI") or incoming.environ.get("REQUEST_URI") or "")
    if raw.startswith("/"):
        return raw
    if raw:  # absolute form, as proxies may send it
        parts = urlsplit(raw)
        return raw[len(f"{parts.scheme}://{parts.netloc}") :]
    query = incoming.query_string.decode("latin-1")
    return quote(incoming.path) + (f"?{query}" if query else "")


def _hear(ear: Ear[Heard], body_limit: int) -> Heard:
    """Raises Refused."""
    try:
        received = read_webhook(request, settings().public_base_url, body_limit)
    except (RequestEntityTooLarge, ClientDisconnected):
        raise Refused(413, "too large") from None
    except ValueError:
        raise Refused(400, "unreadable form") from None
    if not carrier().is_genuine(received):
        raise Refused(403, "signature")
    # PostgreSQL stores no NUL; the signature has been checked over the fields as they came.
    clean = replace(received, form=tuple((name, value.replace("\0", "")) for name, value in received.form))
    g.webhook = clean
    try:
        return ear(carrier())(clean)
    except MalformedWebhook as error:
        raise Refused(400, f"malformed: {error}") from None


def _reply(answer: Callable[[Heard], Answer], heard: Heard, blind: Callable[[], Answer] | None) -> Response:
    try:
        verbs = answer(heard)
    except DATABASE_IS_AWAY as error:
        log.error("webhook.database_away", path=request.path, error=type(error).__name__)
        if blind is None:
            return Response("database unavailable", 503, mimetype="text/plain")
        verbs = blind()
    return say(verbs)


def say(verbs: Answer) -> Response:
    """The carrier's document, or 204 when there is nothing to say."""
    if verbs is None:
        return Response(status=204)
    return Response(carrier().render(verbs), 200, content_type="text/xml; charset=utf-8")
