"""The web process: `gunicorn wsgi:app` (gunicorn.conf.py holds the rest). Also what `flask --app wsgi` runs on."""

import sys

from app.config import BrokenSettings, read_settings
from app.wiring import make_app

try:
    app = make_app(read_settings(), lazily=True)
except BrokenSettings as error:
    sys.exit(str(error))
