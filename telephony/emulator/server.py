"""The carrier's one web server: REST API, sockets, web phone, developer's panel."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

import telephony.emulator.verbs  # noqa: F401 registers the verbs
from telephony.emulator import panel
from telephony.emulator.messages import load_messages
from telephony.emulator.office import Office
from telephony.emulator.phones import client_socket, phone_socket
from telephony.emulator.recordings import load_recordings, recordings_dir
from telephony.emulator.rest.answers import OFFICE, Handler, twilio_manners
from telephony.emulator.rest.routes import rest_routes

HERE = Path(__file__).parent
PAGES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    "media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def build_app(office: Office) -> web.Application:
    app = web.Application(middlewares=[_guard_headers, twilio_manners], client_max_size=256 * 1024)
    app[OFFICE] = office
    app.add_routes(rest_routes(office.api_path))
    app.add_routes(
        [
            web.get("/", _to_phone),
            web.get("/healthz", _healthy),
            web.get("/phone", _phone_page),
            web.get("/admin", _admin_page),
            web.get("/admin/state.json", panel.show_state),
            web.post("/admin/chaos", panel.set_chaos),
            web.get("/phones", phone_socket),
            web.get("/clients", client_socket),
            web.get("/client.js", _client_module),
            web.static("/static", HERE / "static"),
        ]
    )
    app.on_startup.append(_start)
    app.on_shutdown.append(_say_goodbye)
    app.on_cleanup.append(_stop)
    return app


async def _start(app: web.Application) -> None:
    office = app[OFFICE]
    recordings_dir(office).mkdir(parents=True, exist_ok=True)
    load_messages(office)
    load_recordings(office)
    await office.postman.open()


async def _say_goodbye(app: web.Application) -> None:
    lines = [line for windows in app[OFFICE].lines.values() for line in windows]
    await asyncio.gather(*(line.close() for line in lines))


async def _stop(app: web.Application) -> None:
    await app[OFFICE].close()


@web.middleware
async def _guard_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-cache"
    return response


def _render(name: str, **values: Any) -> web.Response:
    return web.Response(text=PAGES.get_template(name).render(**values), content_type="text/html")


async def _healthy(request: web.Request) -> web.Response:
    return web.json_response({"ok": True, "calls": sum(not c.is_over for c in request.app[OFFICE].calls.values())})


async def _to_phone(request: web.Request) -> web.Response:
    raise web.HTTPFound("/phone")


async def _phone_page(request: web.Request) -> web.Response:
    settings = request.app[OFFICE].settings
    boot = {"numbers": list(settings.numbers), "number": request.query.get("number", "")}
    return _render("phone.html", boot=boot, hotline=settings.numbers[0])


async def _admin_page(request: web.Request) -> web.Response:
    return _render("admin.html", hotline=request.app[OFFICE].settings.hotline_url)


async def _client_module(request: web.Request) -> web.StreamResponse:
    """The browser client is imported by the hotline's own pages, which come from another port."""
    settings = request.app[OFFICE].settings
    origin = request.headers.get("Origin", "")
    allowed = origin if origin in settings.web_origins else min(settings.web_origins)
    return web.FileResponse(
        HERE / "static" / "client.js",
        headers={
            "Content-Type": "text/javascript; charset=utf-8",
            "Access-Control-Allow-Origin": allowed,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Vary": "Origin",
            "Cache-Control": "no-cache",
        },
    )
