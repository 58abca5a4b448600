"""Places in a text: one automaton over all listed names, then the fine ends of addresses, then weighing what fits."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import ahocorasick

from nlp import addresses
from nlp.gazetteer import LOCAL, Target, read_names
from nlp.lexicon import read_rows
from nlp.mentions import Mention, supported, weigh
from nlp.types import GazetteerEntry, Place, PlaceKind

_MOST = 8
_SEEN = 10_000  # characters searched
_MENTIONS = 40  # each is weighed against each other: a text of nothing but names must not cost its square
_UNLISTED = Target((), PlaceKind.ROAD, 0.35)
_EXACTNESS = {kind: rank for rank, kind in enumerate(PlaceKind)}
_ADMINISTRATIVE = frozenset({PlaceKind.DISTRICT, PlaceKind.AREA, PlaceKind.STREET, PlaceKind.COMMUNITY})
_LEVELS = ("", "district", "street", "community")


class Gazetteer:
    def __init__(self, extra: Sequence[GazetteerEntry] = (), on: date | None = None) -> None:
        """`extra`: a city's own names beside the shipped ones; `on`: the day whose names are in force (None: all)."""
        self._automaton = ahocorasick.Automaton()
        names, self._areas = read_names(extra, on)
        for name, targets in names.items():
            self._automaton.add_word(name, (len(name), tuple(targets)))
        self._automaton.make_automaton()
        moved = (target for targets in names.values() for target in targets if target.former)
        self._former = {target.line[1].code: target.former for target in moved}
        self._components = {r["code"][1:]: r["name"] for r in read_rows("catalogue.csv") if r["kind"] == "component"}

    def find(self, text: str, plain: str) -> tuple[Place, ...]:
        """Best first: finer and surer before coarser, those that only repeat a finer one left out."""
        return self.find_and_spans(text, plain)[0]

    def find_and_spans(self, text: str, plain: str) -> tuple[tuple[Place, ...], list[tuple[int, int]]]:
        """The places, and what the classifier should not read: names hold 桥, 路, 公园 without meaning them."""
        seen = plain[:_SEEN]
        listed = self._mentions(seen)
        mentions = _widened([*listed, *_unlisted(seen, listed), *self._coded(seen)], seen)
        places = [place for mention in mentions for place in weigh(mention, mentions, text)]
        kept = sorted(self._without_parents(places), key=_rank)[:_MOST]
        return tuple(_written(place, mentions, text) for place in kept), [(m.start, m.end) for m in listed]

    def _mentions(self, plain: str) -> list[Mention]:
        found: list[Mention] = []
        for end, (length, targets) in self._automaton.iter_long(plain):
            mention = Mention(end + 1 - length, end + 1, targets).without_other_things(plain)
            if mention.targets:
                found.append(mention)
            if len(found) == _MENTIONS:
                break
        return supported(found)

    def _coded(self, plain: str) -> Iterator[Mention]:
        for piece, number in addresses.codes(plain):
            line, note = self._areas.line(number[:6]), ""
            if piece.kind is PlaceKind.COMPONENT:
                note = f"部件标识码：{self._components.get(number[6:10], '未知小类')}"
            elif piece.kind is PlaceKind.GRID:
                line = self._areas.line(number[:12]) or self._areas.line(number[:9])
                note = "单元网格编码"
            if line or piece.kind is PlaceKind.POLE:
                yield Mention(piece.start, piece.end, (Target(line, piece.kind, 0.9 if line else 0.4, note=note),))

    def _without_parents(self, places: list[Place]) -> list[Place]:
        """A district that a found road lies in says nothing more; its span joins the road's if they touch."""
        kept: list[Place] = []
        for place in sorted(places, key=_by_exactness):
            if any((k.code, k.kind, k.text) == (place.code, place.kind, place.text) for k in kept):
                continue
            children = [k for k in kept if place.kind in _ADMINISTRATIVE and place.code in self._parents(k)]
            if not children:
                kept.append(place)
            for child in children:
                kept[kept.index(child)] = _join(child, place)
        return kept

    def _parents(self, place: Place) -> list[str]:
        """Codes of the areas it lies in, and of the district its street once belonged to."""
        line = [area.code for area in (place.district, place.street, place.community) if area]
        return [*line, self._former.get(line[1], "")] if len(line) > 1 else line


def _unlisted(plain: str, listed: list[Mention]) -> Iterator[Mention]:
    """Between the listed names, the first few names that only their endings tell."""
    at, left = 0, _MENTIONS - len(listed)
    for mention in [*listed, Mention(len(plain), len(plain), ())]:
        for piece in addresses.unlisted(plain, at, mention.start):
            if left > 0:
                yield Mention(piece.start, piece.end, (replace(_UNLISTED, kind=piece.kind),), is_listed=False)
                left -= 1
        at = max(at, mention.end)


def _widened(mentions: list[Mention], plain: str) -> list[Mention]:
    """Two roads become their crossing; names take the door number or the word for a stop that follows them."""
    found: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        last = found[-1] if found else None
        if last and mention.start < last.end:
            continue
        if last and last.kind is PlaceKind.ROAD and mention.kind is PlaceKind.ROAD:
            end = addresses.crossing_end(plain, last.end, mention.start, mention.end)
            if end > 0:
                found[-1] = last.crossed(mention, end)
                continue
        found.append(mention)
    return [_ended(mention, plain) for mention in found]


def _ended(mention: Mention, plain: str) -> Mention:
    if mention.kind in LOCAL or mention.kind is PlaceKind.COMMUNITY:
        end = addresses.door_end(plain, mention.end)
        if end > mention.end:
            return mention.widened(end, PlaceKind.DOOR)
    if mention.kind in LOCAL or mention.kind in (PlaceKind.COMMUNITY, PlaceKind.CROSSING):
        end = addresses.stop_end(plain, mention.end)
        if end > mention.end:
            return mention.widened(end, PlaceKind.STOP)
    if mention.kind is PlaceKind.ROAD:
        end = addresses.own_crossing_end(plain, mention.end)
        if end > mention.end:
            return mention.widened(end, PlaceKind.CROSSING)
    return mention


def _join(finer: Place, coarser: Place) -> Place:
    note = finer.note or coarser.note
    first, second = sorted((finer, coarser), key=lambda p: p.start)
    if first.end != second.start:
        return replace(finer, note=note)
    return replace(finer, text=first.text + second.text, start=first.start, end=second.end, note=note)


def _written(place: Place, mentions: list[Mention], text: str) -> Place:
    """The address as the product writes it: old names and nicknames replaced, a former district by today's."""
    parts, at = [], place.start
    for mention in mentions:
        if place.start <= mention.start and mention.end <= place.end:
            parts += [text[at : mention.start], mention.written(place.district, text)]
            at = mention.end
    address = "".join([*parts, text[at : place.end]])
    return replace(place, address=" ".join(address.split()))


def _by_exactness(place: Place) -> tuple[int, int, float, int]:
    return (-_EXACTNESS[place.kind], -_LEVELS.index(place.level), -place.confidence, place.start)


def _rank(place: Place) -> tuple[float, int, str]:
    exactness = 0.1 * _LEVELS.index(place.level) + 0.02 * _EXACTNESS[place.kind]
    return (-place.confidence - exactness, place.start, place.code)
