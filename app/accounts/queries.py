"""Reading accounts."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, cast, func, or_, select, true

from app.accounts.models import Account
from app.accounts.roles import Role
from app.db import session
from app.errors import NotFound


def account(account_id: int) -> Account:
    found = session().get(Account, account_id)
    if found is None:
        raise NotFound("没有这个账号")
    return found


def count_people(text: str = "", role: str = "", unit_id: int | None = None) -> int:
    return session().scalar(select(func.count()).select_from(Account).where(*_fitting(text, role, unit_id))) or 0


def people(
    text: str = "", role: str = "", unit_id: int | None = None, *, limit: int, offset: int = 0
) -> Sequence[Account]:
    """By work number."""
    query = select(Account).where(*_fitting(text, role, unit_id)).order_by(Account.work_no, Account.id)
    return session().scalars(query.limit(limit).offset(offset)).all()


def names_of(account_ids: set[int]) -> dict[int, str]:
    rows = session().execute(select(Account.id, Account.name).where(Account.id.in_(account_ids)))
    return {row.id: row.name for row in rows}


def _fitting(text: str, role: str, unit_id: int | None) -> tuple[ColumnElement[bool], ...]:
    wanted = text.strip()
    named = or_(
        Account.name.contains(wanted, autoescape=True),
        Account.login.contains(wanted, autoescape=True),
        Account.work_no.startswith(wanted, autoescape=True),
    )
    # Roles are a JSON list; its text form holds each between quotes on both databases.
    holds = cast(Account.roles, String).contains(f'"{role}"') if role in set(Role) else true()
    return (named if wanted else true(), holds, Account.unit_id == unit_id if unit_id is not None else true())
