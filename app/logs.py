"""Structured logs with the request's or call's id and no personal data."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

# Belt and braces: nothing should log a number, but an error text of a library may carry one.
# PostgreSQL quotes the values of the row that it refuses.
_ROW = re.compile(r"DETAIL:.*?(?=\n\[SQL|\n(?:CONTEXT|HINT):|\n\n(?:The above|During)|\Z)", re.DOTALL)
_NUMBER = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")


def _hide_people(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _NUMBER.sub("***", _ROW.sub("DETAIL: ***", value))
    return event


def configure(level: str = "INFO") -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide_people,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(ensure_ascii=False), foreign_pre_chain=shared
        )
    )
    logging.basicConfig(level=max(logging.getLevelName(level), logging.WARNING), handlers=[handler], force=True)
