"""Signing in and looking after accounts."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from app import clock
from app.accounts import queries, tokens
from app.accounts.models import Account
from app.accounts.roles import STAFF, Principal, Role
from app.db import session
from app.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from app.events.service import record
from app.waiting import off_the_hub

_hasher = PasswordHasher()
# A wrong login must cost as much as a wrong password, or names could be told apart by time: a hash as `_hasher` makes
# them, of what nobody has as a password. Written down, because making it costs every process a sixth of a second.
_DUMMY = "$argon2id$v=19$m=65536,t=3,p=4$epPzlqI6bcemYwgkxRU9UA$lfWaMAhG+g4LHI+TXXIbN4Dt5oqYqVJ5Vge3U9VNXDA"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200


def check_password(login: str, password: str) -> Account:
    """Returns the account or raises Forbidden with one wording for every cause."""
    account = session().scalar(select(Account).where(Account.login == login))
    stored = (account.password_hash if account else None) or _DUMMY
    matches = off_the_hub(lambda: _verify(stored, password))
    if account is None or not account.password_hash or not matches or not account.is_active:
        raise Forbidden("用户名或密码不正确")
    # No change of the person: it takes no version, else two windows that sign in at once would be in conflict.
    session().execute(update(Account).where(Account.id == account.id).values(last_login_at=clock.now()))
    return account


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def set_password(account: Account, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"密码至少 {SHORTEST_PASSWORD} 位", fields={"password": f"至少 {SHORTEST_PASSWORD} 位"})
    account.password_hash = off_the_hub(lambda: _hasher.hash(password))
    account.session_epoch += 1


def change_own_password(actor: Principal, present: str, new: str) -> Account:
    """Raises Forbidden if `present` is wrong. Ends the person's other sessions, as every change of an account does."""
    account = queries.account(actor.id or 0)
    stored = account.password_hash
    if not stored:
        raise Conflict("此账号没有密码，请联系管理员设置")
    if not off_the_hub(lambda: _verify(stored, present)):
        raise Forbidden("当前密码不正确")
    set_password(account, new)
    session().flush()
    _record(actor, "account.changed", account, before=_told(account), password_changed=True)
    return account


def add_account(
    actor: Principal,
    *,
    login: str,
    name: str,
    work_no: str,
    roles: list[str],
    area_code: str,
    unit_id: int | None,
    password: str,
) -> Account:
    _check_roles(roles, unit_id)
    taken = session().scalar(select(Account).where((Account.login == login) | (Account.work_no == work_no)))
    if taken is not None:
        raise Invalid("登录名或工号已被使用", fields={"login": "登录名或工号已被使用"})
    account = Account(login=login, name=name, work_no=work_no, roles=roles, area_code=area_code, unit_id=unit_id)
    account.session_epoch = 0  # the column's default comes with the flush only
    set_password(account, password)
    session().add(account)
    session().flush()
    _record(actor, "account.added", account)
    return account


def change_account(
    actor: Principal,
    account_id: int,
    *,
    version: int,
    name: str,
    roles: list[str],
    area_code: str,
    unit_id: int | None,
    is_active: bool,
    password: str = "",
) -> Account:
    """Every change of rights ends the person's open sessions.

    The tokens are a unit's: when the person leaves it, its systems must not see the next one's cases.
    """
    account = session().get(Account, account_id)
    if account is None:
        raise NotFound("没有这个账号")
    if account.version != version:
        raise StaleVersion("账号已被他人修改，请刷新后再改", version=account.version)
    _check_roles(roles, unit_id)
    if actor.id == account.id and (not is_active or Role.ADMINISTRATOR not in roles):
        raise Invalid("不能停用自己或取消自己的管理员角色")
    before = _told(account)
    if unit_id != account.unit_id or Role.HANDLER not in roles:
        tokens.revoke_all(actor, account)
    account.name, account.roles, account.area_code = name, roles, area_code
    account.unit_id, account.is_active = unit_id, is_active
    account.session_epoch += 1
    if password:
        set_password(account, password)
    session().flush()
    _record(actor, "account.changed", account, before=before, password_changed=bool(password))
    return account


def _check_roles(roles: list[str], unit_id: int | None) -> None:
    if not roles or not set(roles) <= {role.value for role in STAFF}:
        raise Invalid("请选择有效的角色", fields={"roles": "请选择有效的角色"})
    if Role.HANDLER in roles and unit_id is None:
        raise Invalid("处置人员必须属于一个单位", fields={"unit_id": "请选择单位"})


def _record(actor: Principal, kind: str, account: Account, **facts: object) -> None:
    payload = {"by": actor.name, "account": _told(account), **facts}
    record(kind, subject=("account", account.id), audience=["administrators"], payload=payload, actor_id=actor.id)


def _told(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "roles": account.roles,
        "area_code": account.area_code,
        "unit_id": account.unit_id,
        "is_active": account.is_active,
    }
