from tests.cases.conftest import town

__all__ = ["town"]
