"""Fixtures of the whole suite. Nothing starts before a test asks for it: a pure test pays for no server.

app, client, hook           the application on an empty PostgreSQL database with a fake carrier and classifier; the
                            test's rows are rolled back, although the code under test commits
city_app                    the same with the demonstration city: catalogue, places, units, rules, people
committing_app, …city_app   on a database of this test's own, with real commits and several connections
sqlite_app, any_app         on a new SQLite file; on both databases in turn
carrier, classifier         what the application was given: see tests/support
valkey_url, postgres        real servers, one each per pytest worker
system, sqlite_system        the whole product as real processes (tests/support/system.py)
page, new_page, shoot       real Chromium (tests/support/browser.py)
"""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from scripts.local.postgres import Postgres
from scripts.local.valkey import Valkey
from tests.support.carrier import FakeCarrier, Hook
from tests.support.classifier import FakeClassifier
from tests.support.network import stay_at_home

pytest_plugins = ["tests.support.system", "tests.support.browser"]

# A busy machine is no bug: property tests judge results, never speed. Loaded before any test module is read.
property_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("patient")

# Fork-safe defaults for everything that reads the environment on import.
os.environ.setdefault("TZ", "UTC")


@pytest.fixture(autouse=True, scope="session")
def _no_outside_world() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        stay_at_home(patch)
        yield


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end: the collector need not look at it again and again, which
    takes an eighth of the whole suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


# --- servers -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """An empty server whose data a crash of the machine may destroy."""
    server = Postgres(tmp_path_factory.mktemp("postgres") / "data", careless=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """Name of a migrated database to which nobody connects: copies of it take 50 ms."""
    from tests.support.database import make_schema

    make_schema(postgres.create_database("template_hotline"))
    return "template_hotline"


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """A migrated database, shared by the worker's tests, each of which rolls back."""
    from tests.support.application import let_go

    url = postgres.create_database("hotline", postgres_template)
    yield url
    let_go(url)


@pytest.fixture
def fresh_postgres_url(postgres: Postgres, postgres_template: str) -> str:
    """A migrated database for one test that commits for real."""
    from tests.support.database import copy_of

    return copy_of(postgres, postgres_template)


@pytest.fixture(scope="session")
def city_url(postgres: Postgres, postgres_template: str, make_settings: Callable[..., Any]) -> Iterator[str]:
    """A database with the demonstration city, shared by the worker's tests, each of which rolls back."""
    from tests.support.application import let_go, seed_city

    seed_city(make_settings(postgres.create_database("template_city", postgres_template)))
    url = postgres.create_database("city", "template_city")
    yield url
    let_go(url)


@pytest.fixture
def fresh_city_url(postgres: Postgres, city_url: str) -> str:
    """A database with the demonstration city for one test that commits for real."""
    from tests.support.database import copy_of

    return copy_of(postgres, "template_city")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.support.database import make_schema

    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    make_schema(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file for one test."""
    file = tmp_path / "hotline.db"
    file.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"), durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_url(valkey: Valkey) -> str:
    return valkey.url


# --- the application -----------------------------------------------------------------------------------------------


@pytest.fixture
def carrier() -> FakeCarrier:
    """What the application under test asked of the telephone company."""
    return FakeCarrier()


@pytest.fixture
def classifier() -> FakeClassifier:
    return FakeClassifier()


@pytest.fixture(scope="session")
def make_settings(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Settings for a database URL; keywords change single fields."""
    from tests.support.settings import settings_for

    data_dir = tmp_path_factory.mktemp("data")
    return lambda database_url, **changes: settings_for(database_url, valkey_url, data_dir, **changes)


@pytest.fixture(scope="session")
def settings(make_settings: Callable[..., Any], postgres_url: str) -> Any:
    return make_settings(postgres_url)


@pytest.fixture(scope="session")
def city_settings(make_settings: Callable[..., Any], city_url: str) -> Any:
    return make_settings(city_url)


@pytest.fixture
def app(settings: Any, carrier: FakeCarrier, classifier: FakeClassifier) -> Iterator[Any]:
    """The application on an empty database; whatever the test commits is undone at its end."""
    from tests.support.application import rolled_back_app

    with rolled_back_app(settings, carrier, classifier) as application:
        yield application


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


@pytest.fixture
def hook(client: Any) -> Hook:
    """Signed webhooks, as the carrier sends them."""
    return Hook(client)


@pytest.fixture
def city_app(city_settings: Any, carrier: FakeCarrier, classifier: FakeClassifier) -> Iterator[Any]:
    """The application with catalogue, places, units, rules and people; undone at the test's end."""
    from tests.support.application import rolled_back_app

    with rolled_back_app(city_settings, carrier, classifier) as application:
        yield application


@pytest.fixture
def committing_app(
    make_settings: Callable[..., Any], fresh_postgres_url: str, carrier: FakeCarrier, classifier: FakeClassifier
) -> Iterator[Any]:
    """For threads that race: real commits on an empty PostgreSQL database of this test's own."""
    from tests.support.application import running_app

    with running_app(make_settings(fresh_postgres_url), carrier, classifier) as application:
        yield application


@pytest.fixture
def committing_city_app(
    make_settings: Callable[..., Any], fresh_city_url: str, carrier: FakeCarrier, classifier: FakeClassifier
) -> Iterator[Any]:
    """For threads that race in the demonstration city: real commits on a PostgreSQL database of this test's own."""
    from tests.support.application import running_app

    with running_app(make_settings(fresh_city_url), carrier, classifier) as application:
        yield application


@pytest.fixture
def sqlite_app(
    make_settings: Callable[..., Any], sqlite_url: str, carrier: FakeCarrier, classifier: FakeClassifier
) -> Iterator[Any]:
    """The application on an empty SQLite file of this test's own."""
    from tests.support.application import running_app

    with running_app(make_settings(sqlite_url), carrier, classifier) as application:
        yield application


@pytest.fixture(params=["postgresql", "sqlite"])
def any_app(request: pytest.FixtureRequest) -> Any:
    """Runs the test once on each database, empty, with real commits."""
    return request.getfixturevalue("committing_app" if request.param == "postgresql" else "sqlite_app")
