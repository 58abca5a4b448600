import pytest

from nlp.types import Classifier
from nlp.understand import load


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return load()
