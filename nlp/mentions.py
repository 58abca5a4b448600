"""A name found in a text, what it may point to, and how the names around it settle which."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nlp.gazetteer import LOCAL, Target
from nlp.types import Area, Place, PlaceKind

_LEVELS = ("", "district", "street", "community")
# After a short form these say it is another thing: 百丈|路 is a road, 白云|山 a hill, 象山|港路 another name.
_OTHER_THING = re.compile(r"[路街弄巷桥山河江湖港浦园站校厂店村镇乡县]|社区|大道|公园|花园|小区|广场")


@dataclass(frozen=True, slots=True)
class Mention:
    """`name_end`: where the name proper ends, before a door number or the word for a stop."""

    start: int
    end: int
    targets: tuple[Target, ...]
    is_listed: bool = True
    name_end: int = 0

    @property
    def kind(self) -> PlaceKind:
        return self.targets[0].kind

    def without_other_things(self, plain: str) -> "Mention":
        kept = tuple(t for t in self.targets if not (t.is_short and _OTHER_THING.match(plain, self.end)))
        return replace(self, targets=kept)

    def widened(self, end: int, kind: PlaceKind) -> "Mention":
        sure = 0.05 if self.is_listed else 0.15  # a number makes a name out of what might be a word
        targets = tuple(replace(t, kind=kind, sureness=min(0.95, t.sureness + sure)) for t in self.targets)
        return replace(self, end=end, targets=targets, name_end=self.name_end or self.end)

    def crossed(self, other: "Mention", end: int) -> "Mention":
        """The crossing with another road lies where both run."""
        here, there = ({t.codes()[:1] for t in m.targets} - {()} for m in (self, other))
        common = here & there or here | there
        lines = sorted((t for m in (self, other) for t in m.targets), key=lambda t: -len(t.line))
        found: dict[tuple[str, ...], Target] = {}
        for target in lines:
            if target.codes()[:1] in common or not common:
                found.setdefault(target.codes()[:1], replace(target, kind=PlaceKind.CROSSING, written=""))
        listed = self.is_listed or other.is_listed
        return Mention(self.start, end, tuple(found[key] for key in sorted(found)), listed, end)

    def written(self, district: Area | None, text: str) -> str:
        """The name as the product writes it; a district's, once another lies there now, is today's district's."""
        said = text[self.start : self.end]
        names = {target.written for target in self.targets}
        if self.kind is PlaceKind.DISTRICT and district and self.targets[0].codes()[:1] != (district.code,):
            return district.name
        name = names.pop() if len(names) == 1 else ""
        return name + text[self.name_end or self.end : self.end] if name else said


def supported(mentions: list[Mention]) -> list[Mention]:
    """Weak short names stay only where another mention names their parent."""
    firm = {code for mention in mentions for target in mention.targets if not target.is_weak for code in target.codes()}
    kept = (
        replace(m, targets=tuple(t for t in m.targets if not t.is_weak or t.line[0].code in firm)) for m in mentions
    )
    return [mention for mention in kept if mention.targets]


def weigh(mention: Mention, mentions: Sequence[Mention], text: str) -> list[Place]:
    """One place per target; the context splits or settles a name that several places bear."""
    support = [_support(target, mention, mentions) for target in mention.targets]
    best = max(support)
    chosen = [t for t, s in zip(mention.targets, support, strict=True) if s == best]
    return [_place(target, mention, mentions, text, best, len(chosen)) for target in chosen]


def _place(
    target: Target, mention: Mention, mentions: Sequence[Mention], text: str, agreement: int, equals: int
) -> Place:
    line = _refined(target, mentions)
    confidence = target.sureness / equals
    if agreement > 0 or (line and not target.line):
        confidence = min(0.98, confidence + 0.12)
    elif agreement < 0:
        confidence *= 0.5
    district, street, community = (*line, None, None, None)[:3]
    return Place(
        level=_LEVELS[len(line)],
        code=line[-1].code if line else "",
        name=line[-1].name if line else "",
        text=text[mention.start : mention.end],
        start=mention.start,
        end=mention.end,
        confidence=round(confidence, 3),
        district=district,
        street=street,
        community=community,
        kind=target.kind,
        note=target.note,
        lng=target.spot[0] if target.spot else None,
        lat=target.spot[1] if target.spot else None,
    )


def _refined(target: Target, mentions: Sequence[Mention]) -> tuple[Area, ...]:
    """A road in a district lies in the street that the caller named, too, if only one fits."""
    if target.kind in (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY):
        return target.line
    known = target.codes()
    finer = {
        other.codes(): other.line
        for mention in mentions
        for other in mention.targets
        if len(mention.targets) == 1 and other.kind not in LOCAL and other.kind is not PlaceKind.AREA
        if len(other.line) > len(known) and other.codes()[: len(known)] == known
    }
    longest = max(map(len, finer), default=0)
    fitting = [line for codes, line in finer.items() if len(codes) == longest]
    return fitting[0] if len(fitting) == 1 else target.line


def _support(target: Target, mention: Mention, mentions: Sequence[Mention]) -> int:
    """+1 for each other mention on the same line of areas, -1 if one names another district for sure."""
    score = 0
    own = set(target.codes())
    for other in mentions:
        if other is mention or not other.targets[0].line or not own:
            continue
        shared = max(len(own & set(t.codes())) for t in other.targets)
        moved = any(t.codes() == (target.former,) or t.former in own for t in other.targets) if not shared else False
        score += min(shared, 2) if shared else 1 if moved else -1 if len(other.targets) == 1 else 0
    return score
