"""Flask extensions, made here and bound to the application by the factory."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_socketio import SocketIO
from flask_wtf import CSRFProtect

csrf = CSRFProtect()
limiter = Limiter(
    key_func=get_remote_address, strategy="fixed-window", swallow_errors=True, in_memory_fallback_enabled=True
)
# No message queue: every web process reads the event table itself (docs/adr/0003), Redis only wakes it.
socketio = SocketIO()
