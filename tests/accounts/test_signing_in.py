"""Signing in at the service, and what becomes of a person's keys when the person moves."""

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.roles import SYSTEM, Role
from app.accounts.service import _DUMMY as NOBODYS
from app.accounts.service import change_account, check_password, set_password
from app.db import session, transaction, work
from tests.support.people import somebody

PASSWORD = "一个足够长的密码 2026"


def test_signing_in_is_no_change_of_the_person(city_app: Flask) -> None:
    """Else two windows at once, or an administrator with the form open, would be in conflict with it."""
    with city_app.app_context(), transaction():
        account = session().scalars(select(Account).where(Account.login == "agent1001")).one()
        set_password(account, PASSWORD)
        session().flush()
        version = account.version
        check_password("agent1001", PASSWORD)
        session().flush()
        session().refresh(account)
        assert account.last_login_at is not None
        assert account.version == version


@pytest.mark.parametrize("moves", ["to another unit", "out of the work of units", "nowhere"])
def test_a_units_token_ends_when_its_person_leaves_the_unit(city_app: Flask, moves: str) -> None:
    person = somebody(city_app, Role.HANDLER)
    other = somebody(city_app, Role.HANDLER, nth=1)
    with city_app.app_context(), transaction():
        _, secret = tokens.issue(SYSTEM, person.account_id, "单位自己的系统")
        account = session().get_one(Account, person.account_id)
        change_account(
            SYSTEM,
            account.id,
            version=account.version,
            name="新名字",
            roles=[Role.LEADER] if moves == "out of the work of units" else [Role.HANDLER],
            area_code=account.area_code,
            unit_id=other.unit_id if moves == "to another unit" else account.unit_id,
            is_active=True,
        )
    with city_app.app_context(), work():
        assert (tokens.holder_of(secret) is None) == (moves != "nowhere")


def test_a_login_that_nobody_has_is_looked_at_as_long_as_any() -> None:
    """Had the hash that stands for it cheaper parameters, the answer would come sooner and tell which logins exist."""
    assert not PasswordHasher().check_needs_rehash(NOBODYS)
