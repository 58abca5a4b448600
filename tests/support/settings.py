"""Settings of an application under test: everything random or local, nothing from the developer's environment."""

import secrets
from pathlib import Path
from typing import Any

from app.config import Settings

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "a-token-of-the-tests-only"
PUBLIC_BASE_URL = "http://localhost"
_SECRET_KEY, _DATA_KEY = secrets.token_hex(32), secrets.token_hex(32)


def settings_for(database_url: str, redis_url: str, data_dir: Path, **changes: Any) -> Settings:
    values = {
        "environment": "demo",
        "port": 8080,
        "data_dir": data_dir,
        "database_url": database_url,
        "redis_url": redis_url,
        "public_base_url": PUBLIC_BASE_URL,
        "trusted_proxies": 0,
        "secret_key": _SECRET_KEY,
        "data_key": _DATA_KEY,
        "carrier": "emulator",
        "twilio_account_sid": ACCOUNT_SID,
        "twilio_auth_token": AUTH_TOKEN,
        "twilio_api_key": "SK" + "0" * 31 + "2",
        "twilio_api_secret": "a-secret-of-the-tests-only-32-bytes-long",
        "twilio_application_sid": "AP" + "0" * 31 + "3",
        # Nobody listens there: the fake carrier must answer, and a mistake shows at once.
        "twilio_api_base_url": "http://localhost:9",
        "locale": "zh-CN",
        "log_level": "WARNING",
    }
    return Settings(**{**values, **changes})
