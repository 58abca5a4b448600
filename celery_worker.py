"""The background process: `celery -A celery_worker worker` and `celery -A celery_worker beat`."""

import sys

from app.background import make_celery
from app.config import BrokenSettings, read_settings

try:
    celery = make_celery(read_settings())
except BrokenSettings as error:
    sys.exit(str(error))
