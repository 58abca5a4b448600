from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telephony.emulator.harness import Carrier, Hotline, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    hotline = Hotline()
    world = World(hotline, Carrier(hotline.url, tmp_path))
    yield world
    world.close()
