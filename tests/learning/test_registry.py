"""Which model serves, told by rows alone."""

from flask import Flask

from app import clock
from app.accounts.roles import SYSTEM
from app.db import session, transaction
from app.learning import queries, registry
from app.learning.models import ModelVersion


def promoted(version: str) -> int:
    model = ModelVersion(version=version, file=f"{version}.npz", trained_at=clock.now(), generated=0, corrected=0)
    session().add(model)
    session().flush()
    registry.promote(model)
    return model.id


def test_with_every_file_lost_the_shipped_model_serves_also_after_an_older_one_was_taken_again(app: Flask) -> None:
    with app.app_context(), transaction():
        first, second = promoted("first"), promoted("second")
        registry.activate(SYSTEM, first)
        assert registry.refuse_broken(first, "文件缺失")
        assert (served := queries.active_model()) is not None
        assert served.id == second
        assert registry.refuse_broken(second, "文件缺失")
        assert queries.active_model() is None
