"""What speech recognition and hurried typing do to words: fillers, stutter, and characters that only sound right.

`Hearing.tidy` gives the text as it was meant, and for each of its characters the place it had in the text as told.
"""

import os
import re
from collections.abc import Iterable

import ahocorasick

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # single characters are enough here; the phrases take 40 MB
from pypinyin.pinyin_dict import pinyin_dict

from nlp.segment import Segmenter

_FILLER = re.compile(
    r"(?:那个|这个|就是说?|反正|然后){2,}|就是那个|就是说|怎么说呢|你知道吧|你晓得吧|对不对啊|是不是啊"
    r"|[呃嗯唔诶欸]+[，, ]?|(?<![\u4e00-\u9fff])(?:那个|这个|就是|然后|反正|额|哦|啊)(?=[\u4e00-\u9fff])"
    r"|(?<=[\u4e00-\u9fff])[啊呀哎嘛]+(?=[\u4e00-\u9fff])"
)
_STUTTER = re.compile(r"([\u4e00-\u9fff]{2,5})[，, ]?\1+")
_GASP = re.compile(r"([\u4e00-\u9fff])\1{2,}")

# Speakers of the south, and the recognition of their speech, do not part these.
_BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an"))
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹ", "aaaaeeeeiiiioooouuuuvvvvvnnn")
_TONE_OF = {
    mark: tone for marks in ("āáǎà", "ēéěè", "īíǐì", "ōóǒò", "ūúǔù", "ǖǘǚǜ") for tone, mark in enumerate(marks, 1)
}
_COMMON = range(0x4E00, 0x9FA6)
# They mean something alone: only a long word is heard instead of them.
_LITTLE_WORDS = frozenset(
    "的了是有在上来去把被要会就都也不无没到和与为将让给从对向又还很太更再先后前反往到下里中大小多少个这那我你他"
)
_UNMISTAKABLE = 4
_NAME_ENDS = frozenset("郡园苑府城湾庭居阁邸里轩墅社路街镇村")  # odd characters before these are a name, not a slip
_PRIVATE = 0xE000  # private characters stand for sounds, so that a sounded text has the length of the text


def _blur(syllable: str) -> str:
    plain = syllable.translate(_TONES)
    for told, heard in _BLURRED:
        plain = plain.replace(told, heard)
    return plain


def _tone(syllable: str) -> int:
    return next((tone for mark, tone in _TONE_OF.items() if mark in syllable), 0)


def _sounds() -> tuple[dict[int, int], dict[int, int]]:
    """Character → its sound without and with its tone, each as a character of its own."""
    readings = {point: pinyin_dict[point].split(",")[0] for point in _COMMON if point in pinyin_dict}
    numbers: dict[str, int] = {}
    for reading in readings.values():
        numbers.setdefault(_blur(reading), len(numbers))
    plain = {point: _PRIVATE + numbers[_blur(reading)] for point, reading in readings.items()}
    toned = {point: _PRIVATE + numbers[_blur(reading)] * 5 + _tone(reading) for point, reading in readings.items()}
    return plain, toned


class Hearing:
    """Knows how the words of the lexicon sound."""

    def __init__(self, words: Iterable[str], segmenter: Segmenter) -> None:
        """`words`: what may have been meant; what the segmenter knows is not taken for another."""
        self._plain, self._toned = _sounds()
        self._segmenter = segmenter
        own = list(dict.fromkeys(word for word in words if all(ord(char) in self._plain for char in word)))
        self._long = _automaton((word.translate(self._plain), word) for word in own if 3 <= len(word) <= 8)
        self._short = _automaton((word.translate(self._toned), word) for word in own if len(word) == 2)

    def tidy(self, plain: str) -> tuple[str, list[int]]:
        """The text without fillers and stutter, misheard words put right; and where each character stood."""
        gone = [match.span() for match in _FILLER.finditer(plain)]
        gone += [(match.start(), match.end() - len(match[1])) for match in _STUTTER.finditer(plain)]
        gone += [(match.start(), match.end() - 1) for match in _GASP.finditer(plain)]
        left = _without(len(plain), gone)
        return self.put_right("".join(plain[place] for place in left) if gone else plain), left

    def put_right(self, plain: str) -> str:
        """Words that sound like one of ours but are written as none at all get the characters of ours."""
        meant = [
            (last + 1 - len(word), word)
            for automaton, sounds in ((self._long, self._plain), (self._short, self._toned))
            for last, word in automaton.iter(plain.translate(sounds))
            if word and plain[last + 1 - len(word) : last + 1] != word
        ]
        if not meant:
            return plain
        chars, cuts = list(plain), {start: end for _, start, end in self._segmenter.words(plain)}
        # The longest first: each word is held against the text as told, so what it gives stays.
        for start, word in sorted(meant, key=lambda found: -len(found[1])):
            told = chars[start : start + len(word)]
            if told == list(plain[start : start + len(word)]) and _is_misheard(plain, start, word, cuts):
                chars[start : start + len(word)] = word
        return "".join(chars)


def _is_misheard(plain: str, start: int, word: str, cuts: dict[int, int]) -> bool:
    """Whether no sense was found there: no word reaches across, and what would change stood alone and meant little."""
    place, end = start, start + len(word)
    if len(word) == 2 and plain[end : end + 1] in _NAME_ENDS:
        return False
    while place < end:
        stop = cuts.get(place)
        if stop is None or stop > end:
            return False
        changes = plain[place:stop] != word[place - start : stop - start]
        if changes and (stop - place > 1 or (plain[place] in _LITTLE_WORDS and len(word) < _UNMISTAKABLE)):
            return False
        place = stop
    return True


def _automaton(sounded: Iterable[tuple[str, str]]) -> ahocorasick.Automaton:
    """Sound → the word; nothing for a sound that two words share, because it cannot be told which was meant."""
    meant: dict[str, str] = {}
    for sound, word in sounded:
        meant[sound] = word if meant.get(sound, word) == word else ""
    automaton = ahocorasick.Automaton()
    for sound, word in meant.items():
        automaton.add_word(sound, word)
    automaton.make_automaton()
    return automaton


def _without(length: int, gone: list[tuple[int, int]]) -> list[int]:
    if not gone:
        return list(range(length))
    lost = bytearray(length)
    for start, end in gone:
        lost[start:end] = b"\1" * (end - start)
    return [place for place in range(length) if not lost[place]]
