"""The web process: `gunicorn wsgi:app` (gunicorn.conf.py holds the rest). Also what `flask --app wsgi` runs on."""

import sys

from app.background import make_celery
from app.config import BrokenSettings, read_settings
from app.wiring import make_app

try:
    settings = read_settings()
    # Work handed over from here must know this installation's broker; without it Celery looks for one on localhost,
    # and each text message would hold its request for seconds.
    make_celery(settings)
    app = make_app(settings, lazily=True)
except BrokenSettings as error:
    sys.exit(str(error))
