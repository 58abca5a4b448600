"""One city for all tests of a module that only read it: telling its past costs seconds."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import clock, db
from app.demo.seed import SourceFiles, seed, seed_city
from nlp.data import data_path
from nlp.types import Area, Candidate, Intent, Place, Understanding, Urgency
from scripts.local.postgres import Postgres
from tests.support.application import running_app
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier
from tests.support.database import copy_of

FILES = SourceFiles(data_path("catalogue.csv"), data_path("filing_conditions.csv"), data_path("places.csv"))
NOW = datetime(2026, 11, 24, 6, 5, tzinfo=UTC)  # a Tuesday, 14:05 in the city


def understand(_text: str) -> Understanding:
    """What a classifier might say; the demonstration only passes it on."""
    district, street = Area("330212", "鄞州区"), Area("330212008", "百丈街道")
    place = Place("street", street.code, street.name, "百丈街道", 0, 4, 0.9, district, street)
    return Understanding(
        (Candidate("E0102", 0.8),), 0.9, Intent.COMPLAINT, Urgency.NORMAL, "", (place,), (), "", "t", 1
    )


@pytest.fixture(scope="module")
def place(postgres: Postgres, postgres_template: str, make_settings: Callable[..., Any]) -> Iterator[None]:
    """An empty database of the module's own, with the time standing at NOW; what is written is committed."""
    settings = make_settings(copy_of(postgres, postgres_template, "demonstration"))
    with running_app(settings, FakeCarrier(), FakeClassifier()), clock.standing_at(NOW), db.work():
        yield


@pytest.fixture(scope="module")
def city(place: None) -> None:
    """Areas, units, rules and people."""
    with db.transaction():
        assert seed_city(FILES)


@pytest.fixture(scope="module")
def upload_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def told(place: None, upload_dir: Path) -> None:
    """The whole demonstration."""
    with db.transaction():
        assert seed(NOW, FILES, understand, upload_dir)
