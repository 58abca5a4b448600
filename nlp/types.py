"""What the rest of the product knows of text understanding: frozen values and one protocol.

Every `start` and `end` counts characters of the text exactly as it was handed in, so `text[start:end] == term.text`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class Intent(StrEnum):
    COMPLAINT = "complaint"  # 投诉
    REPORT = "report"  # 举报
    HELP = "help"  # 求助
    CONSULT = "consult"  # 咨询
    SUGGESTION = "suggestion"  # 建议
    PRAISE = "praise"  # 表扬
    URGE = "urge"  # 催办
    STATUS_QUERY = "status_query"  # 查询进度
    EMERGENCY = "emergency"  # 紧急: 110/119/120
    PRANK = "prank"  # 骚扰、无声


class Urgency(StrEnum):
    NORMAL = "normal"  # 一般
    URGENT = "urgent"  # 紧急
    CRITICAL = "critical"  # 特急


class Mood(StrEnum):
    CALM = "calm"  # 平静
    WORRIED = "worried"  # 担忧
    UPSET = "upset"  # 不满
    ANGRY = "angry"  # 愤怒
    PLEASED = "pleased"  # 满意


class SlotName(StrEnum):
    """The five elements of a complaint (GB/T 33358)."""

    WHO = "who"  # 何人
    WHEN = "when"  # 何时
    WHERE = "where"  # 何地
    WHAT = "what"  # 何事
    HOW = "how"  # 经过与影响


class PlaceKind(StrEnum):
    """From the coarsest to the most exact."""

    DISTRICT = "district"  # 区县
    AREA = "area"  # 功能区
    STREET = "street"  # 街道、镇、乡
    COMMUNITY = "community"  # 社区、村
    ROAD = "road"  # 道路
    LANDMARK = "landmark"  # 标志物、小区
    STOP = "stop"  # 公交站
    CROSSING = "crossing"  # 路口
    DOOR = "door"  # 门牌号
    GRID = "grid"  # 单元网格，15 位
    POLE = "pole"  # 灯杆编号
    COMPONENT = "component"  # 部件标识码，16 位


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of the text that spoke for a decision, or one matter of several."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of the words that fills one of the five elements; an element may have several."""

    name: SlotName
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One class of the catalogue. `confidence` is calibrated: of candidates at 0.8 about eight in ten are right."""

    code: str
    confidence: float
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter(Term):
    """One of the problems a text holds: where it is told, and the suggestion for it alone."""

    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place the text speaks of. `level` is district, street or community: the finest level that is known, or "".

    `code` and `name` are those of the finest area, "" if none is known. `address`: the told words as the product writes
    them, old names replaced by today's. `note`: what the agent should know about the name, in Chinese.
    """

    level: str
    code: str
    name: str
    text: str
    start: int
    end: int
    confidence: float
    district: Area | None = None
    street: Area | None = None
    community: Area | None = None
    kind: PlaceKind = PlaceKind.STREET
    address: str = ""
    note: str = ""
    lng: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    candidates: tuple[Candidate, ...]  # best first, at most five
    in_scope: float  # 0..1, how sure it is a matter of this catalogue
    intent: Intent
    urgency: Urgency
    urgency_reason: str  # Chinese, for the agent; "" when normal
    places: tuple[Place, ...]  # best first
    matters: tuple[Matter, ...]  # the problems the text holds, in their order; usually one
    question: str  # what the agent should ask next, "" when nothing is missing
    model_version: str
    latency_us: int
    mood: Mood = Mood.CALM
    mood_reason: str = ""  # Chinese, quotes the words; "" when calm
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """A name that a city adds to its gazetteer. The same name in two districts: two entries, the agent is asked which.

    `kind`: road, landmark, stop, or area for a functional area. `area_code`: of the finest area known, 6, 9 or 12
    digits. `lng`, `lat`: WGS-84. Before `valid_from` the entry is left out, after `valid_until` found with a note.
    """

    name: str
    kind: PlaceKind
    area_code: str
    aliases: tuple[str, ...] = ()
    lng: float | None = None
    lat: float | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn from. `code` is a class of the catalogue, or OOS for what is none of it."""

    text: str
    code: str
    weight: float = 1.0


class Classifier(Protocol):
    def understand(self, text: str) -> Understanding: ...

    def find_places(self, text: str) -> tuple[Place, ...]: ...

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text in their order, for a search."""

    def redact(self, text: str) -> str: ...
