"""What surrounds every request: its id, its piece of work, and the security headers of its answer."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from app import db, metrics
from app.config import Settings

log = structlog.get_logger(__name__)
_AS_FLASK = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"^[\w\-]{8,64}$")


class QuickJson(DefaultJSONProvider):
    """Answers are written as Flask's own provider writes them, four times as fast."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        if "indent" in kwargs:  # for people, with debugging on
            return super().dumps(obj, **kwargs)
        try:
            return orjson.dumps(obj, default=self.default, option=_AS_FLASK).decode()
        except TypeError:  # a number that no 64 bits hold
            return super().dumps(obj, **kwargs)


def install(app: Flask, settings: Settings) -> None:
    app.json = QuickJson(app)
    app.json.ensure_ascii = False
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    protection = _protection(settings)
    app.before_request(_begin)
    app.after_request(lambda response: _protect(response, protection))
    app.after_request(_measure)
    app.teardown_request(_end)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    g.work = ExitStack()
    g.work.enter_context(db.work())


def _end(_error: BaseException | None) -> None:
    if (work := g.pop("work", None)) is not None:
        work.close()


def _measure(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    route = request.url_rule.rule if request.url_rule else "unknown"
    # Whoever invents methods must not invent figures: each would be kept for ever.
    method = request.method if request.method in _METHODS else "other"
    metrics.REQUESTS.labels(method, route, response.status_code).observe(seconds)
    if not route.startswith("/static") and route not in ("/healthz", "/readyz", "/metrics"):
        log.info("request", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
    return response


_TWILIO_ORIGINS = ("https://*.twilio.com", "wss://*.twilio.com")


def _origins(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    socket = "wss" if parts.scheme == "https" else "ws"
    return (f"{parts.scheme}://{parts.netloc}", f"{socket}://{parts.netloc}")


_NONCE = "{nonce}"


def _protection(settings: Settings) -> dict[str, str]:
    """The headers of every answer; `_NONCE` stands where the policy allows what a page has marked."""
    carrier = _origins(settings.twilio_api_base_url) if settings.carrier == "emulator" else _TWILIO_ORIGINS
    where = " ".join(carrier)
    policy = {
        "default-src": "'self'",
        "script-src": f"'self'{_NONCE} {where}",
        "style-src": f"'self'{_NONCE}",
        "img-src": " ".join(("'self'", "data:", "blob:", *_tile_hosts(settings))),
        "media-src": "'self' blob:",
        "connect-src": f"'self' {_own_socket(settings)} {where}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    }
    if settings.public_base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _protect(response: Response, protection: dict[str, str]) -> Response:
    # The nonce is made only by a page that uses it; anything else gets a policy without one.
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    headers = response.headers
    for name, value in protection.items():
        headers.setdefault(name, value.replace(_NONCE, nonce))
    headers["X-Request-Id"] = g.get("request_id", "")
    # "no-cache" is what Flask says of a file, such as a recording: the browser would keep it all the same.
    if not request.path.startswith("/static/") and headers.get("Cache-Control", "no-cache") == "no-cache":
        headers["Cache-Control"] = "no-store"
    return response


def _tile_hosts(settings: Settings) -> Iterator[str]:
    for url in settings.tile_urls:
        parts = urlsplit(url)
        # The policy knows a wildcard only as a whole label: t{s}.tiles.cn becomes *.tiles.cn.
        yield f"{parts.scheme}://{re.sub(r'^[^.]*{s}[^.]*', '*', parts.netloc)}"


def _own_socket(settings: Settings) -> str:
    return _origins(settings.public_base_url)[1]
