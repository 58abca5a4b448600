"""Drawn street scenes in the place of photographs: nobody's picture, and clearly no photograph."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from app.cases.photos import clean, store

COUNT = 8
SIZE = (960, 720)
_HORIZON = 430
_SKIES = ("#bcd6ee", "#d9e4ec", "#f2dcc0", "#aebfd2")
_WALLS = ("#b9a68d", "#8f9aa6", "#c9b9a6", "#9c8579", "#a7b3a0")
_PAVEMENTS = ("#9a9a96", "#a39d92", "#8c9094")


@dataclass(frozen=True, slots=True)
class Picture:
    sha256: str
    size: int


def draw_pictures(folder: Path) -> tuple[Picture, ...]:
    """The same few files every time, kept where uploaded photographs are."""
    random = Random(COUNT)
    return tuple(_keep(folder, _scene(random)) for _ in range(COUNT))


def _keep(folder: Path, scene: Image.Image) -> Picture:
    raw = io.BytesIO()
    scene.save(raw, "PNG")
    picture = clean(raw.getvalue())
    digest = hashlib.sha256(picture).hexdigest()
    store(folder, digest, picture)
    return Picture(digest, len(picture))


def _scene(random: Random) -> Image.Image:
    image = Image.new("RGB", SIZE, random.choice(_SKIES))
    draw = ImageDraw.Draw(image)
    left = -20
    while left < SIZE[0]:
        width = random.randint(140, 260)
        _house(draw, left, width, random)
        left += width + random.randint(-4, 30)
    _street(draw, random)
    for _ in range(random.randint(1, 3)):
        _tree(draw, random)
    return image


def _house(draw: ImageDraw.ImageDraw, left: int, width: int, random: Random) -> None:
    top = random.randint(60, 240)
    draw.rectangle((left, top, left + width, _HORIZON), fill=random.choice(_WALLS))
    for x in range(left + 18, left + width - 30, 46):
        for y in range(top + 20, _HORIZON - 70, 54):
            draw.rectangle((x, y, x + 24, y + 32), fill="#5d7388")
    draw.rectangle((left + 14, _HORIZON - 58, left + width - 14, _HORIZON), fill="#4a4f57")


def _street(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.rectangle((0, _HORIZON, *SIZE), fill=random.choice(_PAVEMENTS))
    for row in range(6):
        y = _HORIZON + 14 * row * (row + 3) // 4
        draw.line((0, y, SIZE[0], y), fill="#7d7d79", width=2)
    for x in range(-SIZE[0], 2 * SIZE[0], 120):
        draw.line((SIZE[0] // 2 + (x - SIZE[0] // 2) // 3, _HORIZON, x, SIZE[1]), fill="#84847f", width=2)
    draw.rectangle((0, SIZE[1] - 90, SIZE[0], SIZE[1]), fill="#5f6266")
    draw.line((0, SIZE[1] - 90, SIZE[0], SIZE[1] - 90), fill="#d8d8d2", width=8)


def _tree(draw: ImageDraw.ImageDraw, random: Random) -> None:
    x, radius = random.randint(60, SIZE[0] - 60), random.randint(60, 95)
    draw.rectangle((x - 9, _HORIZON - 150, x + 9, _HORIZON + 60), fill="#5b4632")
    draw.ellipse((x - radius, _HORIZON - 150 - radius, x + radius, _HORIZON - 150 + radius), fill="#4f7a4a")
