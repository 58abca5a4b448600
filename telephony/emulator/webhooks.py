"""Calling the hotline: signed requests with Twilio's limits, and the log of what happened."""

import asyncio
import base64
import hashlib
import hmac
import socket
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
from yarl import URL

from telephony.emulator.clock import Clock, within

TIME_LIMIT = 15.0
MOST_REDIRECTS = 10
LOG_LENGTH = 200

HTTP_RETRIEVAL_FAILURE = 11200
HTTP_CONNECTION_FAILURE = 11205
HTTP_BAD_HOST_NAME = 11210


class WebhookFailed(Exception):
    """No usable answer; `code` is Twilio's error number, `url` the one that failed."""

    def __init__(self, code: int, url: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.url = url


@dataclass(frozen=True, slots=True)
class Errand:
    """One request to make. `plain` are the parameters that survive a redirect (a verb's own, like Digits, do not)."""

    url: str
    method: str
    parameters: Mapping[str, str]
    plain: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content_type: str
    body: str
    url: str
    method: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    at: datetime
    method: str
    url: str
    result: str
    event: str
    milliseconds: int


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """X-Twilio-Signature: the URL followed by each form name and value in order of the names."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    if not parameters:
        return url
    base, _, _ = url.partition("#")
    return base + ("&" if urlsplit(base).query else "?") + urlencode(parameters)


class Postman:
    """Delivers errands over HTTP. Open and close it inside the running loop."""

    def __init__(self, clock: Clock, auth_token: str) -> None:
        self._clock = clock
        self._auth_token = auth_token
        self._session: aiohttp.ClientSession | None = None
        self.log: deque[LogLine] = deque(maxlen=LOG_LENGTH)

    async def open(self) -> None:
        # No connection is reused: one that died between two webhooks would look like a failing hotline.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def deliver(self, errand: Errand) -> Reply:
        """The final answer after redirects, whatever its status below 400. Raises WebhookFailed."""
        reply = await self._attempt_twice(errand)
        for _ in range(MOST_REDIRECTS):
            if not reply.location:
                return self._usable(reply)
            # As Twilio does: the new address is asked by GET and no longer told what the caller pressed or said.
            target = urljoin(reply.url, reply.location)
            reply = await self._attempt_twice(Errand(target, "GET", errand.plain, errand.plain, errand.token))
        raise WebhookFailed(HTTP_RETRIEVAL_FAILURE, reply.url, "Too many redirects")

    def _usable(self, reply: Reply) -> Reply:
        if reply.status >= 400:
            raise WebhookFailed(HTTP_RETRIEVAL_FAILURE, reply.url, f"Got HTTP {reply.status} response")
        return reply

    async def _attempt_twice(self, errand: Errand) -> Reply:
        """One retry, and only when no connection came about: a slow or failing answer is never asked for again."""
        try:
            return await self._attempt(errand)
        except WebhookFailed as failure:
            if failure.code != HTTP_CONNECTION_FAILURE:
                raise
        return await self._attempt(errand)

    async def _attempt(self, errand: Errand) -> Reply:
        started = self._clock.now()
        try:
            with self._clock.standing():
                reply = await within(self._clock, TIME_LIMIT, self._request(errand))
        except TimeoutError:
            failure = WebhookFailed(HTTP_RETRIEVAL_FAILURE, errand.url, "No answer within 15 s")
            self._note(errand, started, str(failure))
            raise failure from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = WebhookFailed(_code_of(error), errand.url, f"{type(error).__name__}: {error}")
            self._note(errand, started, str(failure))
            raise failure from None
        self._note(errand, started, str(reply.status))
        return reply

    async def _request(self, errand: Errand) -> Reply:
        assert self._session is not None, "open() first"
        is_get = errand.method == "GET"
        url = _with_query(errand.url, errand.parameters) if is_get else errand.url.partition("#")[0]
        form = {} if is_get else dict(errand.parameters)
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "X-Twilio-Signature": sign(url, form, self._auth_token),
            "I-Twilio-Idempotency-Token": errand.token,
        }
        body = None if is_get else urlencode(form).encode()
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        # `encoded=True`: the URL must travel exactly as it was signed.
        async with self._session.request(
            errand.method, URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as response:
            location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
            text = await response.text(errors="replace")
            return Reply(response.status, response.headers.get("Content-Type", ""), text, url, errand.method, location)

    def _note(self, errand: Errand, started: datetime, result: str) -> None:
        elapsed = int((self._clock.now() - started).total_seconds() * 1000)
        told = errand.parameters
        event = (
            told.get("StatusCallbackEvent")
            or told.get("TranscriptionEvent")
            or told.get("RecordingStatus")
            or told.get("MessageStatus")
            or told.get("SmsStatus")
            or told.get("CallStatus", "")
        )
        self.log.append(LogLine(started, errand.method, errand.url, result, event, elapsed))


def _code_of(error: Exception) -> int:
    if isinstance(error, aiohttp.ClientConnectorDNSError) or isinstance(error.__cause__, socket.gaierror):
        return HTTP_BAD_HOST_NAME
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return HTTP_BAD_HOST_NAME
    if isinstance(error, aiohttp.ClientConnectorError | asyncio.TimeoutError):
        return HTTP_CONNECTION_FAILURE
    return HTTP_RETRIEVAL_FAILURE
