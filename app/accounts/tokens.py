"""Keys with which a unit's own system uses the API: shown once, kept as a hash, withdrawn at any time."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.accounts import queries
from app.accounts.models import Account, ApiToken
from app.accounts.roles import Principal
from app.db import session
from app.errors import Conflict, Invalid, NotFound
from app.events.service import record

SHAPE = "hk_"
SHOWN = 9
MOST_PER_ACCOUNT = 10
# The last use is for people who tidy up; writing it with every request would cost each one a transaction.
USE_NOTED_EVERY = timedelta(hours=1)


def issue(actor: Principal, account_id: int, name: str) -> tuple[ApiToken, str]:
    """The row and the token itself, which nobody can read again."""
    account = queries.account(account_id)
    if not name.strip():
        raise Invalid("请填写令牌用途", fields={"name": "请填写令牌用途"})
    if len([each for each in tokens_of(account_id) if each.revoked_at is None]) >= MOST_PER_ACCOUNT:
        raise Conflict(f"一个账号最多 {MOST_PER_ACCOUNT} 个有效令牌，请先停用不用的")
    secret = SHAPE + secrets.token_urlsafe(32)
    token = ApiToken(
        account_id=account.id,
        name=name.strip()[:40],
        prefix=secret[:SHOWN],
        hash=_hash(secret),
        created_at=clock.now(),
    )
    session().add(token)
    session().flush()
    _record(actor, "account.token_issued", account, token)
    return token, secret


def revoke(actor: Principal, token_id: int) -> ApiToken:
    token = session().get(ApiToken, token_id)
    if token is None:
        raise NotFound("没有这个令牌")
    _revoke(actor, queries.account(token.account_id), token)
    return token


def revoke_all(actor: Principal, account: Account) -> None:
    for token in tokens_of(account.id):
        _revoke(actor, account, token)


def _revoke(actor: Principal, account: Account, token: ApiToken) -> None:
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        _record(actor, "account.token_revoked", account, token)


def tokens_of(account_id: int) -> Sequence[ApiToken]:
    query = select(ApiToken).where(ApiToken.account_id == account_id).order_by(ApiToken.id.desc())
    return session().scalars(query).all()


def holder_of(secret: str) -> tuple[Account, ApiToken] | None:
    """Who the token speaks for; None for an unknown or withdrawn one and for a locked account."""
    if not secret.startswith(SHAPE):
        return None
    query = select(Account, ApiToken).join(ApiToken, ApiToken.account_id == Account.id)
    row = (
        session()
        .execute(query.where(ApiToken.hash == _hash(secret), ApiToken.revoked_at.is_(None), Account.is_active))
        .first()
    )
    return (row[0], row[1]) if row else None


def is_use_worth_noting(token: ApiToken) -> bool:
    return token.last_used_at is None or clock.now() - token.last_used_at > USE_NOTED_EVERY


def note_use(token_id: int) -> None:
    session().get_one(ApiToken, token_id).last_used_at = clock.now()


def _hash(secret: str) -> str:
    # A random 256-bit secret needs no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(actor: Principal, kind: str, account: Account, token: ApiToken) -> None:
    payload = {"by": actor.name, "token": {"id": token.id, "name": token.name, "prefix": token.prefix}}
    record(kind, subject=("account", account.id), audience=["administrators"], payload=payload, actor_id=actor.id)
