"""Several problems in one text: clauses whose words name different classes."""

import re
from collections.abc import Sequence

from nlp.lexicon import Hit
from nlp.text import ANALYSED
from nlp.types import Term

_FULL_STOPS = "。！？!?;；\n"
_BREAK = re.compile(rf"[{_FULL_STOPS}]|(?:另外|还有|再有|第二|其次|同时|而且还|再一个|顺便)")
_MOST = 3


def split_matters(text: str, plain: str, hits: Sequence[Hit], families: dict[str, str]) -> tuple[Term, ...]:
    """Spans of the matters in their order: the whole text unless a later part names another family of classes.

    `families`: class code → the group within which two words are the same matter (kind and major class).
    """
    breaks = list(_BREAK.finditer(plain, 0, ANALYSED))
    starts = [0, *(found.end() if found.group() in _FULL_STOPS else found.start() for found in breaks)]
    spans: list[tuple[int, int, set[str]]] = []
    for start, end in zip(starts, [*starts[1:], len(plain)], strict=True):
        named = {families[code] for hit in hits if start <= hit.start < end for code in hit.codes}
        if spans and (not named or not spans[-1][2] or named & spans[-1][2]):
            spans[-1] = (spans[-1][0], end, spans[-1][2] | named)
        else:
            spans.append((start, end, named))
    if len(spans) > _MOST:
        spans = [*spans[: _MOST - 1], (spans[_MOST - 1][0], spans[-1][1], set())]
    return tuple(_trim(text, start, end) for start, end, _ in spans)


def _trim(text: str, start: int, end: int) -> Term:
    while start < end and (text[start].isspace() or text[start] in "，。,；;、"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Term(text[start:end], start, end)
