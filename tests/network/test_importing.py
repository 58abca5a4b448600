"""Areas from the shipped files."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app import db
from app.errors import Invalid
from app.network import queries
from app.network.areas import Level
from app.network.importing import install_areas
from nlp.data import data_path


def test_all_areas_are_imported_once_and_each_has_a_position_inside_the_region(app: Any) -> None:
    with db.work():
        with db.transaction():
            assert install_areas(data_path("places.csv"))
        with db.transaction():
            assert not install_areas(data_path("places.csv"))
        tree = queries.areas()
    levels = Counter(area.level for area in tree)
    assert levels == {Level.PROVINCE: 1, Level.CITY: 1, Level.DISTRICT: 10, Level.STREET: 162, Level.COMMUNITY: 3042}
    for area in tree:
        if area.level is not Level.PROVINCE:
            assert area.lng is not None
            assert area.lat is not None
            assert 120.8 < area.lng < 122.6, area
            assert 28.7 < area.lat < 30.6, area


def test_an_area_without_its_parent_stops_the_import(app: Any, tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("level,code,name,parent_code\nstreet,330212008,百丈街道,330212\n", encoding="utf-8")
    with db.work():
        with db.transaction(), pytest.raises(Invalid):
            install_areas(places)
        assert len(queries.areas()) == 0
