"""What a failed request to the carrier means: may it be repeated, and did it perhaps take effect?"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import NewConnectionError

from telephony.ports import TelephonyError

LONGEST_RETRY_AFTER = 3600.0

# "Not now" (408, 409, 425, 429) or "not with these credentials" (401), rather than "never this request".
_PASSING_STATUSES = frozenset({401, 408, 409, 425, 429})
_PASSING_CODES = frozenset({20003, 20429, 30003, 30008})
_NUMBER = re.compile(r"\d{3,}(?=\d{4})")


def refused(method: str, answer: requests.Response) -> TelephonyError:
    """The carrier answered with something other than success."""
    code, message = _read_problem(answer)
    status = answer.status_code
    is_passing = status >= 500 or status in _PASSING_STATUSES or code in _PASSING_CODES
    return TelephonyError(
        hide_numbers(f"carrier refused {method}: HTTP {status}, code {code}: {message}"),
        permanent=not is_passing,
        outcome_unknown=changes(method) and _is_from_a_gateway(status, code),
        retry_after=_retry_after(answer.headers.get("Retry-After")),
        code=code,
    )


def lost(method: str, error: requests.RequestException) -> TelephonyError:
    """No answer came. Only a request that surely never left this machine may be sent again without a look."""
    if isinstance(error, ValueError):  # InvalidURL, MissingSchema …
        return TelephonyError(f"carrier's address is unusable: {type(error).__name__}", permanent=True)
    return TelephonyError(
        f"carrier did not answer {method}: {type(error).__name__}",
        permanent=False,
        outcome_unknown=changes(method) and not _never_left(error),
    )


def unreadable(method: str) -> TelephonyError:
    """Success, said in a way we cannot read: it happened, but we do not know its sid."""
    return TelephonyError(
        "carrier's answer is not what was asked for", permanent=False, outcome_unknown=changes(method)
    )


def changes(method: str) -> bool:
    return method.upper() not in {"GET", "HEAD"}


def hide_numbers(text: str) -> str:
    """Carriers quote the telephone number in their messages, and messages reach the log."""
    return _NUMBER.sub("****", text)


def _read_problem(answer: requests.Response) -> tuple[int | None, str]:
    try:
        problem = answer.json()
    except (ValueError, RecursionError, requests.RequestException):
        return None, answer.reason or ""
    if not isinstance(problem, dict):
        return None, answer.reason or ""
    code = problem.get("code")
    is_number = isinstance(code, int) and not isinstance(code, bool)
    return (code if is_number else None), str(problem.get("message") or problem.get("detail") or "")[:300]


def _is_from_a_gateway(status: int, code: int | None) -> bool:
    """A 5xx without the carrier's own error body was said by something on the way: the carrier may have acted.

    503 means "not accepted" whoever says it.
    """
    return status >= 500 and status != 503 and code is None


def _never_left(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | requests.exceptions.SSLError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)  # refused, unreachable, unknown host


def _retry_after(header: str | None) -> float | None:
    """Seconds, from either form of the header; never so long that a message is forgotten."""
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdecimal() else _seconds_until(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _seconds_until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
