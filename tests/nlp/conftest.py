import pytest

from nlp.types import Classifier
from tests.support.shipped import shipped


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return shipped()
