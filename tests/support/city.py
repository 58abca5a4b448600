"""Fixtures of tests that all play in the demonstration city. A conftest imports them by name."""

import pytest
from flask import Flask


@pytest.fixture
def app(city_app: Flask) -> Flask:
    """What the test commits is undone; its broker is one from which no worker takes anything."""
    return city_app


@pytest.fixture
def committing(committing_city_app: Flask) -> Flask:
    """A city of the test's own, with real commits, for threads that race."""
    return committing_city_app
