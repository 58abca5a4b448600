"""Who is asking: the signed-in person of this request."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Request, request
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import Table, bindparam, select

from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.roles import Permission, Principal, Role
from app.db import session, transaction
from app.errors import Forbidden, Unauthenticated

P = ParamSpec("P")
R = TypeVar("R")

API = "/api/v1/"
# Every request of a console asks this: plain columns, and neither the password nor a sealed number leaves the table.
_ACCOUNT = cast("Table", Account.__table__).c
_WHO = select(
    _ACCOUNT.id,
    _ACCOUNT.name,
    _ACCOUNT.work_no,
    _ACCOUNT.roles,
    _ACCOUNT.area_code,
    _ACCOUNT.unit_id,
    _ACCOUNT.is_active,
    _ACCOUNT.session_epoch,
).where(_ACCOUNT.id == bindparam("account_id"))

login_manager = LoginManager()
login_manager.session_protection = "basic"


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps for a request; the cookie holds `id:epoch`, so that a change of rights ends it."""

    def __init__(self, principal: Principal, epoch: int) -> None:
        self.principal = principal
        self.epoch = epoch

    def get_id(self) -> str:
        return f"{self.principal.id}:{self.epoch}"


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(cookie: str) -> SignedIn | None:
    number, _, epoch = cookie.partition(":")
    if not (number.isdigit() and epoch.isdigit()):
        return None
    row = session().execute(_WHO, {"account_id": int(number)}).first()
    if row is None or not row.is_active or row.session_epoch != int(epoch):
        return None
    who = Principal(
        id=row.id,
        name=row.name,
        work_no=row.work_no,
        roles=frozenset(map(Role, row.roles)),
        area_code=row.area_code,
        unit_id=row.unit_id,
    )
    return SignedIn(who, row.session_epoch)


@login_manager.request_loader  # type: ignore[untyped-decorator]
def _load_machine(asked: Request) -> SignedIn | None:
    """`Authorization: Bearer hk_…`: a unit's own system, with the rights of the account its token was issued for."""
    kind, _, secret = asked.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not asked.path.startswith(API):
        return None
    found = tokens.holder_of(secret.strip())
    if found is None:
        raise Unauthenticated("令牌无效或已停用")
    account, token = found
    if tokens.is_use_worth_noting(token):
        with transaction():
            tokens.note_use(token.id)
    return SignedIn(account.as_principal(), account.session_epoch)


def sign_in(account: Account) -> None:
    login_user(SignedIn(account.as_principal(), account.session_epoch))


def sign_out() -> None:
    logout_user()


def find_principal() -> Principal | None:
    return cast("SignedIn", current_user).principal if current_user.is_authenticated else None


def principal() -> Principal:
    """Raises Unauthenticated for a stranger."""
    found = find_principal()
    if found is None:
        raise Unauthenticated("请先登录")
    return found


def keep_strangers_out() -> None:
    """Before any view of the API looks at what was sent: a stranger learns nothing, not even what would be valid."""
    if request.path.startswith(API):
        principal()


def needs(*permissions: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let in whoever holds at least one of the permissions."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not any(principal().may(permission) for permission in permissions):
                raise Forbidden("您的角色不能使用此功能")
            return view(*args, **kwargs)

        return guarded

    return decorate
