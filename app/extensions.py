"""Flask extensions, made here and bound to the application by the factory."""

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_socketio import SocketIO
from flask_wtf import CSRFProtect


class FormGuard(CSRFProtect):  # type: ignore[misc]
    """A browser adds cookies by itself but never a bearer token: whoever sends one sends no forged form."""

    def protect(self, apply_exemptions: bool = False) -> None:
        if not request.headers.get("Authorization", "").lower().startswith("bearer "):
            super().protect(apply_exemptions)


csrf = FormGuard()
limiter = Limiter(
    key_func=get_remote_address, strategy="fixed-window", swallow_errors=True, in_memory_fallback_enabled=True
)
# No message queue: every web process reads the event table itself (docs/adr/0003), Redis only wakes it.
socketio = SocketIO()
