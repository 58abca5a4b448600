"""The one module that sees everything: puts the parts together into an application."""

from datetime import timedelta
from importlib import import_module

from apiflask import APIFlask

from app import db, http, logs, privacy, problems
from app.accounts.sessions import keep_strangers_out, login_manager
from app.calls.queries import caller_of_call, number_of_call
from app.calls.surges import call_lines
from app.config import Settings
from app.events import wake
from app.extensions import csrf, limiter, socketio
from app.incidents.intake import join_by_sms
from app.learning.port import Workshop
from nlp.types import Classifier
from telephony.ports import Carrier

# Each has a `bp`; importing a package's handlers registers what happens inside the recording transaction.
BLUEPRINTS = (
    "app.health",
    "app.web.views",
    "app.web.password",
    "app.web.api",
    "app.web.citizen",
    "app.web.tickets",
    "app.web.supervision",
    "app.web.accountability",
    "app.web.administration",
    "app.web.administration.review",
    "app.cases.views",
    "app.catalogue.views",
    "app.network.views",
    "app.knowledge.views",
    "app.calls.views",
    "app.calls.webhooks",
    "app.messages.webhooks",
    "app.channels.voice_webhooks",
    "app.messages.views",
    "app.followup.views",
    "app.incidents.views",
    "app.reports.views",
)
HANDLERS = (
    "app.messages.handlers",
    "app.messages.tickets",
    "app.messages.staff",
    "app.supervision.handlers",
    "app.incidents.handlers",
    "app.calls.surges",
    "app.followup.handlers",
    "app.channels.handlers",
    "app.channels.telephone",
    "app.learning.handlers",
    "app.desk.service",
    "app.calls.service",
    "app.realtime.namespace",
)


def create_app(settings: Settings, *, carrier: Carrier, classifier: Classifier, workshop: Workshop) -> APIFlask:
    prepare_process(settings)
    app = APIFlask(
        "app",
        title="城市热线 API",
        version="1.0.0",
        spec_path="/api/openapi.json",
        docs_path=None,
        static_folder="static",
        template_folder="web/templates",
    )
    _configure(app, settings)
    app.extensions.update(
        settings=settings,
        carrier=carrier,
        classifier=classifier,
        workshop=workshop,
        caller_of_call=caller_of_call,
        number_of_call=number_of_call,
        call_lines=call_lines,
        join_by_sms=join_by_sms,
    )
    http.install(app, settings)
    problems.install(app)
    login_manager.init_app(app)
    app.before_request(keep_strangers_out)
    csrf.init_app(app)
    limiter.init_app(app)
    for name in HANDLERS:  # before Socket.IO: it hands to a new server only what it knew until then
        import_module(name)
    socketio.init_app(app, async_mode=_async_mode(), cors_allowed_origins=None, manage_session=False)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).bp)
    import_module("app.cli").install(app)
    return app


def prepare_process(settings: Settings) -> None:
    """What belongs to the process and not to the application; again after a fork or with other settings."""
    logs.configure(settings.log_level)
    db.connect(settings.database_url)
    privacy.configure(settings.data_key.get_secret_value())
    wake.configure(settings.redis_url)


def _configure(app: APIFlask, settings: Settings) -> None:
    is_https = settings.public_base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="hotline",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_HEADERS=["X-CSRF-Token"],
        RATELIMIT_STORAGE_URI=settings.redis_url,
        RATELIMIT_STORAGE_OPTIONS={"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        RATELIMIT_HEADERS_ENABLED=True,
        REDIS_URL=settings.redis_url,
        OPENAPI_VERSION="3.1.0",
        VALIDATION_ERROR_STATUS_CODE=422,
        VALIDATION_ERROR_DESCRIPTION="内容有误",
        AUTO_404_RESPONSE=False,
    )


def _async_mode() -> str:
    """Under gunicorn's gevent worker the standard library is patched; tests and the command line run on threads."""
    from gevent import monkey

    return "gevent" if monkey.is_module_patched("socket") else "threading"
