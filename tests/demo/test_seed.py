"""Filling a database that is not quite empty, and one that is SQLite."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock, db
from app.accounts.models import Account
from app.cases.models import Case
from app.demo.seed import seed, seed_city
from app.events.verification import first_broken_line
from tests.demo.conftest import FILES, NOW


def test_accounts_made_before_are_left_alone(app: Any) -> None:
    with db.work():
        with db.transaction() as session:
            session.add(Account(login="admin", name="王管理", work_no="9001", roles=["administrator"]))
        with db.transaction():
            assert seed_city(FILES)
        admins = db.session().scalars(select(Account).where(Account.work_no == "9001")).all()
    assert [account.name for account in admins] == ["王管理"]


def test_sqlite_holds_the_same_story_also_before_dawn(sqlite_app: Any) -> None:
    now = NOW + timedelta(hours=14)  # 04:05 of the next day in the city
    with clock.standing_at(now), db.transaction():
        assert seed(now, FILES, days=9)
    with clock.standing_at(now), db.work():
        found = list(db.session().scalars(select(Case).order_by(Case.id)))
        assert len(found) > 200
        assert found[0].number == "NB261117-00001"
        assert [case.number for case in found if first_broken_line("case", case.id) is not None] == []
