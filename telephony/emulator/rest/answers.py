"""Twilio-shaped requests and answers: authentication, errors, lists, form fields."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from multidict import MultiDict

from telephony.emulator.office import Office
from telephony.emulator.twiml import Source

OFFICE: web.AppKey[Office] = web.AppKey("office", Office)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NOT_FOUND = 20404
UNAUTHENTICATED = 20003
TOO_MANY_REQUESTS = 20429
LARGEST_PAGE = 1000


class RestError(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def not_found(request: web.Request) -> RestError:
    return RestError(404, NOT_FOUND, f"The requested resource {request.path} was not found")


def error_answer(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(body, status=status, headers=headers)


@web.middleware
async def twilio_manners(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who may ask, how often, and errors in Twilio's shape; only below the API's own path."""
    if not request.path.startswith("/2010-04-01/"):
        return await handler(request)
    office = request.app[OFFICE]
    if not _is_authentic(office, request):
        challenge = {"WWW-Authenticate": 'Basic realm="Twilio API"'}
        return error_answer(401, UNAUTHENTICATED, "Authenticate", challenge)
    if office.chaos.take_refusal():
        return error_answer(429, TOO_MANY_REQUESTS, "Too Many Requests", {"Retry-After": "1"})
    try:
        return await handler(request)
    except RestError as error:
        return error_answer(error.status, error.code, str(error))
    except web.HTTPNotFound:
        return error_answer(404, NOT_FOUND, f"The requested resource {request.path} was not found")
    except web.HTTPMethodNotAllowed:
        return error_answer(405, 20004, "Method not allowed")


def _is_authentic(office: Office, request: web.Request) -> bool:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    settings = office.settings
    known = {settings.account_sid: settings.auth_token, settings.api_key: settings.api_secret}
    expected = known.get(name)
    return kind.lower() == "basic" and expected is not None and hmac.compare_digest(expected.encode(), secret.encode())


async def read_form(request: web.Request) -> MultiDict[str]:
    """The posted fields, repeated names kept."""
    posted = await request.post()
    return MultiDict((name, value) for name, value in posted.items() if isinstance(value, str))


def flag(form: MultiDict[str], name: str, default: bool) -> bool:
    value = form.get(name)
    return default if value is None else value.lower() == "true"


def whole(form: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(form.get(name, str(default)))
    except ValueError:
        raise RestError(400, 20001, f"{name} must be a whole number") from None


def source_of(form: MultiDict[str]) -> Source | None:
    """Url or Twiml; None if neither was given. Both at once is an error at Twilio too."""
    url, twiml = form.get("Url"), form.get("Twiml")
    if url and twiml:
        raise RestError(400, 21218, "Provide either Url or Twiml, not both")
    if twiml:
        return Source("", "POST", twiml=twiml)
    return Source(url, form.get("Method", "POST").upper()) if url else None


def listing(request: web.Request, key: str, rows: Sequence[dict[str, Any]]) -> web.Response:
    """One page of a list in Twilio's envelope."""
    size = min(max(whole(request.query, "PageSize", 50), 1), LARGEST_PAGE)
    page = max(whole(request.query, "Page", 0), 0)
    start, end = page * size, (page + 1) * size
    shown = rows[start:end]

    def uri(number: int) -> str:
        return str(request.rel_url.update_query(Page=number, PageSize=size))

    return web.json_response(
        {
            key: shown,
            "page": page,
            "page_size": size,
            "start": start,
            "end": max(start + len(shown) - 1, 0),
            "uri": uri(page),
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1) if end < len(rows) else None,
            "previous_page_uri": uri(page - 1) if page else None,
        }
    )
