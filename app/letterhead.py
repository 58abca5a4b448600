"""Who writes, and where to call: what every text message of the hotline has in common."""

from flask import current_app

from app.config import Settings

SIGN = "【宁波城管热线】"


def number() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.hotline_number
