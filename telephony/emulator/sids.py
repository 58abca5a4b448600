"""Twilio-shaped identifiers and dates."""

import secrets
from datetime import datetime
from email.utils import format_datetime


def new_sid(prefix: str) -> str:
    """`CA` + 32 hexadecimal digits and so on."""
    return prefix + secrets.token_hex(16)


def rfc2822(at: datetime | None) -> str | None:
    """Twilio's date form in REST answers and callbacks: `Tue, 24 Nov 2026 01:00:00 +0000`."""
    return None if at is None else format_datetime(at.replace(microsecond=0))
