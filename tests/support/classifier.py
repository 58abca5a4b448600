"""A classifier that knows a dozen words: quick to make, and its answers are plain to read in a test."""

import re
from dataclasses import dataclass, field, replace

from nlp.types import Area, Candidate, Intent, Matter, Place, Term, Understanding, Urgency

WORDS = {
    "井盖": ("C0103", 0.9),
    "路灯": ("C0118", 0.8),
    "垃圾": ("E0102", 0.7),
}
INTENTS = {"怎么办理": Intent.CONSULT, "催": Intent.URGE, "查询": Intent.STATUS_QUERY, "谢谢": Intent.PRAISE}
YINZHOU = Area("330212", "鄞州区")
BAIZHANG = Area("330212008", "百丈街道")

NOTHING = Understanding(
    candidates=(),
    in_scope=0.1,
    intent=Intent.REPORT,
    urgency=Urgency.NORMAL,
    urgency_reason="",
    places=(),
    matters=(),
    question="",
    model_version="fake-1",
    latency_us=0,
)


def _term(text: str, word: str) -> Term:
    start = text.index(word)
    return Term(word, start, start + len(word))


def _matter(text: str, word: str, code: str, sure: float) -> Matter:
    term = _term(text, word)
    return Matter(term.text, term.start, term.end, (Candidate(code, sure, (term,)),))


@dataclass
class FakeClassifier:
    """`answers` maps a part of a text to the understanding that the test wants for it; the words come after it."""

    answers: dict[str, Understanding] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def understand(self, text: str) -> Understanding:
        self.heard.append(text)
        for part, answer in self.answers.items():
            if part in text:
                return answer
        found = [(word, *WORDS[word]) for word in WORDS if word in text]
        return replace(
            NOTHING,
            candidates=tuple(Candidate(code, sure, (_term(text, word),)) for word, code, sure in found),
            in_scope=0.95 if found else 0.1,
            intent=next((intent for word, intent in INTENTS.items() if word in text), Intent.REPORT),
            urgency=Urgency.CRITICAL if "煤气" in text else Urgency.NORMAL,
            urgency_reason="提到“煤气”" if "煤气" in text else "",
            places=self.find_places(text),
            matters=tuple(_matter(text, word, code, sure) for word, code, sure in found),
        )

    def find_places(self, text: str) -> tuple[Place, ...]:
        if "百丈" not in text:
            return ()
        term = _term(text, "百丈")
        found = Place(
            "street", BAIZHANG.code, BAIZHANG.name, term.text, term.start, term.end, 0.9, YINZHOU, BAIZHANG, None
        )
        return (found,)

    def words(self, text: str) -> tuple[str, ...]:
        return tuple(re.findall(r"[一-鿿]{2}|\w+", text))

    def redact(self, text: str) -> str:
        return text
