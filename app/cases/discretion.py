"""Words about a case without the caller in them: for events and exports, and for those who may not know who called."""

from app.accounts.roles import Principal
from app.cases.models import Case
from app.cases.visibility import can_see_reporter
from nlp.redact import redact


def told(viewer: Principal, case: Case, text: str) -> str:
    """What an agent wrote down may name a confidential caller: only those who may know the caller read it whole."""
    return text if not case.confidential or can_see_reporter(viewer, case) else without_caller(case, text)


def without_caller(case: Case, text: str) -> str:
    """The caller's own name and number starred out; of a confidential caller all that looks like one."""
    name = case.reporter_name or ""
    if len(name) > 1:  # a surname alone is also a syllable of other words
        text = text.replace(name, "*" * len(name))
    return redact(text) if case.confidential or _has_number(case, text) else text


def _has_number(case: Case, text: str) -> bool:
    number = (case.reporter_phone or "").removeprefix("+86")
    return bool(number) and number in "".join(filter(str.isdigit, text))
