"""Training complaints from facts alone: catalogue, filing conditions, citizens' words, everyday phrases, places.

On the day a city installs the product nobody has labelled complaints. Everything here is drawn from one seeded
generator, so the same facts give the same texts on every machine.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from nlp import sayings as say
from nlp.lexicon import WordLists, combination_words, phrases_per_class, read_rows, words_per_class
from nlp.model import OUT_OF_SCOPE
from nlp.types import Example

_PER_FREQUENCY = {"high": 62, "medium": 42, "low": 28}
_OUT_OF_SCOPE_TEXTS = 2000
_SEED = 96310


@dataclass(frozen=True)
class _Class:
    code: str
    is_component: bool
    words: tuple[str, ...]
    phrases: tuple[str, ...]
    conditions: tuple[str, ...]
    pairs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # things and what is the matter with them
    texts: int


def generate(seed: int = _SEED, words: WordLists | None = None) -> Iterator[Example]:
    """About 17,000 labelled texts, class by class, then those outside the catalogue; `words`: a city's own."""
    dice = random.Random(seed)
    classes = _read_classes(words)
    landmarks = [word for one in classes if one.is_component for word in one.words[:6]]
    streets = [row["name"].removesuffix("居委会").removesuffix("村委会") for row in read_rows("places.csv")]
    for one in classes:
        for matter in _matters(one, dice):
            yield Example(_tell(matter, _place(dice, streets, landmarks), dice), one.code)
    foreign = [(phrase, row["words"]) for row in read_rows("out_of_scope.csv") for phrase in row["phrases"].split("|")]
    for turn in range(_OUT_OF_SCOPE_TEXTS):
        phrase, topics = foreign[turn % len(foreign)]
        matter = phrase if dice.random() < 0.6 else _about(dice.choice(topics.split("|")), dice)
        yield Example(_tell(matter, _place(dice, streets, [""]), dice), OUT_OF_SCOPE)


def _read_classes(extra: WordLists | None) -> list[_Class]:
    words, phrases = words_per_class(extra), phrases_per_class()
    conditions: dict[str, list[str]] = {}
    for row in read_rows("filing_conditions.csv"):
        conditions.setdefault(row["code"], []).append(row["filing_condition"])
    pairs: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for code, things, deeds in combination_words():
        pairs.setdefault(code, []).append((things, deeds))
    return [
        _Class(
            row["code"],
            row["kind"] == "component",
            tuple(words[row["code"]]),
            tuple(phrases.get(row["code"], ())),
            tuple(conditions.get(row["code"], ())),
            tuple(pairs.get(row["code"], ())),
            _PER_FREQUENCY[row["call_frequency"]],
        )
        for row in read_rows("catalogue.csv")
    ]


def _matters(one: _Class, dice: random.Random) -> Iterator[str]:
    """The bare problem, said in different ways: every phrase and word at least once, the rest by chance."""
    said = [*one.phrases, *one.words]
    yield from said
    for _ in range(one.texts // 2):
        yield _component_matter(one, dice) if one.is_component else _event_matter(one, dice)
    for _ in range(one.texts // 2 if one.pairs else 0):
        yield _pair_matter(one, dice)


def _component_matter(one: _Class, dice: random.Random) -> str:
    if one.phrases and dice.random() < 0.25:
        return dice.choice(one.phrases)
    thing = dice.choice(one.words[: max(6, len(one.words) // 2)])
    return thing + _damage(dice.choice(one.conditions), dice)


def _event_matter(one: _Class, dice: random.Random) -> str:
    if one.phrases and dice.random() < 0.45:
        return dice.choice(one.phrases)
    word = dice.choice(one.words)
    roll = dice.random()
    if roll < 0.35:
        return word + dice.choice(say.EVENT_ENDS)
    if roll < 0.6:
        return "有人" + word
    return word + "，" + dice.choice(one.phrases or one.conditions)


def _pair_matter(one: _Class, dice: random.Random) -> str:
    things, deeds = dice.choice(one.pairs)
    thing, deed = dice.choice(things), dice.choice(deeds)
    return f"{deed}的{thing}" if dice.random() < 0.1 else f"{thing}{dice.choice(say.LINKS)}{deed}"


def _damage(condition: str, dice: random.Random) -> str:
    fitting = [ways for office, ways in say.EVERYDAY if office in condition]
    return dice.choice(dice.choice(fitting)) if fitting and dice.random() < 0.85 else condition


def _about(word: str, dice: random.Random) -> str:
    return dice.choice(say.FOREIGN_OPENINGS) + word + dice.choice(say.FOREIGN_ENDS)


def _place(dice: random.Random, streets: list[str], landmarks: list[str]) -> str:
    """A place, real or made up, sometimes told by a thing beside it: the bystander must not decide."""
    roll = dice.random()
    if roll < 0.15:
        return ""
    if roll < 0.35:
        name = dice.choice(streets)
    else:
        name = "".join(dice.sample(say.SYLLABLES, dice.choice((2, 2, 3)))) + dice.choice(say.TOWN)
    if dice.random() < 0.3:
        name += f"{dice.randint(1, 99)}{dice.choice(('号', '栋', '弄', '幢', '号楼'))}"
    if dice.random() < 0.12:
        name += dice.choice(landmarks) + dice.choice(("旁边", "对面", "边上"))
    return name + dice.choice(say.NEAR)


def _tell(matter: str, place: str, dice: random.Random) -> str:
    time, opening, closing = dice.choice(say.TIMES), dice.choice(say.OPENINGS), dice.choice(say.CLOSINGS)
    if dice.random() < 0.15:
        opening += dice.choice(say.BACKGROUNDS)
    if dice.random() < 0.12:
        return f"{opening}{time}{matter}，在{place or '我家楼下'}{closing}"
    if dice.random() < 0.1:
        return matter
    return f"{opening}{place}{'的' if place and dice.random() < 0.3 else ''}{time}{matter}{closing}"
