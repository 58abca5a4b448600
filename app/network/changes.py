"""What every change of the network does: ask who may, compare versions, tell, renew the stamp."""

import secrets
from typing import Any

from app.accounts.roles import Permission, Principal, Role
from app.db import session
from app.errors import Forbidden, StaleVersion
from app.events.service import record
from app.network import queries
from app.network.models import NetworkStamp

AUDIENCE = ("administrators",)


def renew_stamp(name: str) -> None:
    """Needed after bulk writes past the services; the functions there do it themselves."""
    row = session().get(NetworkStamp, name) or NetworkStamp(name=name)
    row.stamp = secrets.token_hex(16)
    session().add(row)
    session().flush()
    queries.forget()


def tell(actor: Principal, kind: str, subject: tuple[str, int], payload: dict[str, Any], *, stamp: str) -> None:
    """A line for the audit, and every process drops what it keeps."""
    record(kind, subject=subject, audience=AUDIENCE, payload={"by": actor.name, **payload}, actor_id=actor.id)
    renew_stamp(stamp)


def same_version(current: int, seen: int) -> None:
    if current != seen:
        raise StaleVersion("内容已被他人修改，请刷新后再改", version=current)


def must_administer(actor: Principal) -> None:
    if Role.SYSTEM not in actor.roles and not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改单位和派遣规则")
