"""Composes app/static/audio/hold.wav: sixteen seconds of bells on a five-tone scale, so that no licence is needed.

Run by hand when the tune shall change: `python -m scripts.hold_music`.
"""

import math
import wave
from array import array
from pathlib import Path

RATE = 8000  # telephones hear nothing above 3.4 kHz
BEAT = 0.5
TUNE = "G4 D5 B4 D5 E5 D5 B4 G4 A4 E5 D5 B4 A4 G4 A4 D4 G4 B4 D5 G5 E5 D5 B4 A4 G4 A4 B4 D5 B4 A4 G4 G4"
STEPS = {"C": -9, "D": -7, "E": -5, "G": -2, "A": 0, "B": 2}
TARGET = Path(__file__).parent.parent / "app/static/audio/hold.wav"


def frequency(note: str) -> float:
    return float(440 * 2 ** (STEPS[note[0]] / 12 + int(note[1]) - 4))


def bell(pitch: float, seconds: float) -> list[float]:
    """A struck tone with one overtone, dying away."""
    return [
        math.exp(-2.2 * t) * (math.sin(math.tau * pitch * t) + 0.25 * math.sin(math.tau * 2 * pitch * t))
        for t in (n / RATE for n in range(int(seconds * RATE)))
    ]


def compose() -> "array[int]":
    total = [0.0] * int((len(TUNE.split()) * BEAT + 1) * RATE)
    for place, note in enumerate(TUNE.split()):
        start = int(place * BEAT * RATE)
        for offset, level in enumerate(bell(frequency(note), 4 * BEAT)):
            if start + offset < len(total):
                total[start + offset] += level
    loudest = max(map(abs, total))
    return array("h", (round(9000 * level / loudest) for level in total))


def main() -> None:
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(TARGET), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(compose().tobytes())


if __name__ == "__main__":
    main()
