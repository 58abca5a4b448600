"""The web process: `gunicorn -k gevent -w 1 wsgi:app`."""

import sys

from app.config import BrokenSettings, read_settings
from app.wiring import make_app

try:
    app = make_app(read_settings())
except BrokenSettings as error:
    sys.exit(str(error))
