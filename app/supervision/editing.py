"""Editing the ladder and naming the heads of units. Each change is an event."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Permission, Principal
from app.db import session
from app.errors import Forbidden, Invalid, NotFound
from app.events.service import record
from app.network.models import Unit
from app.supervision.ladder import DEFAULT_LADDER, Post, Rung
from app.supervision.models import LadderRung, UnitHead
from app.supervision.watching import forget_ladder

AUDIENCE = ("administrators",)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Head:
    unit_id: int
    unit_name: str
    account_id: int
    name: str
    has_phone: bool


def rungs() -> Sequence[LadderRung]:
    """Empty: the default ladder holds."""
    order = (LadderRung.area_code, LadderRung.class_code, LadderRung.percent, LadderRung.recipient)
    return session().scalars(select(LadderRung).order_by(*order)).all()


def heads() -> list[Head]:
    query = (
        select(UnitHead, Unit.name, Account.name, Account.phone)
        .join(Unit, Unit.id == UnitHead.unit_id)
        .join(Account, Account.id == UnitHead.account_id)
        .order_by(Unit.code)
    )
    return [
        Head(head.unit_id, unit, head.account_id, name, phone is not None)
        for head, unit, name, phone in session().execute(query)
    ]


def put_up(actor: Principal, rung: Rung) -> LadderRung:
    """The first edit writes the default ladder down, so that it can be changed rung by rung."""
    _must_administer(actor)
    _check(rung)
    if not rungs():
        for each in DEFAULT_LADDER:
            _add(each)
    known = [row for row in rungs() if _same(row, rung)]
    if known:
        raise Invalid("这一级提醒已经有了", fields={"percent": "已经有了"})
    row = _add(rung)
    session().flush()
    _changed(actor, "ladder.added", row)
    return row


def take_down(actor: Principal, rung_id: int) -> None:
    _must_administer(actor)
    row = session().get(LadderRung, rung_id)
    if row is None:
        raise NotFound("这一级提醒已被删除")
    if len(rungs()) == 1:
        raise Invalid("至少留一级提醒")
    _changed(actor, "ladder.removed", row)
    session().delete(row)
    session().flush()
    forget_ladder()


def name_head(actor: Principal, unit_id: int, account_id: int | None) -> None:
    """None: nobody; then the unit above is told."""
    _must_administer(actor)
    if session().get(Unit, unit_id) is None:
        raise Invalid("没有这个单位", fields={"unit_id": "请选择单位"})
    row = session().get(UnitHead, unit_id)
    if account_id is None:
        if row is not None:
            session().delete(row)
    else:
        account = session().get(Account, account_id)
        if account is None or not account.is_active:
            raise Invalid("没有这个人员", fields={"person": "请填写在用人员的工号"})
        session().merge(UnitHead(unit_id=unit_id, account_id=account_id))
    session().flush()
    payload = {"unit_id": unit_id, "account_id": account_id, "by": actor.name}
    record("ladder.head_named", subject=("unit", unit_id), audience=AUDIENCE, payload=payload, actor_id=actor.id)


def _add(rung: Rung) -> LadderRung:
    row = LadderRung(
        area_code=rung.area_code,
        class_code=rung.class_code,
        percent=rung.percent,
        recipient=rung.post.value,
        at_night=rung.at_night,
    )
    session().add(row)
    return row


def _same(row: LadderRung, rung: Rung) -> bool:
    mine = (rung.area_code, rung.class_code, rung.percent, rung.post.value)
    return (row.area_code, row.class_code, row.percent, row.recipient) == mine


def _check(rung: Rung) -> None:
    faults = {}
    if not 1 <= rung.percent <= LONGEST:
        faults["percent"] = f"请填 1 至 {LONGEST}"
    if not (rung.class_code == "" or (rung.class_code[0] in "CE" and rung.class_code[1:].isdecimal())):
        faults["class_code"] = "类别代码如 C0103，或大类 C01"
    if rung.area_code and not rung.area_code.isdecimal():
        faults["area_code"] = "请选择区域"
    if rung.post in (Post.DISPATCHER, Post.INSPECTOR) or (rung.post is Post.ORDER and rung.percent < 100):
        faults["recipient"] = "超时督办须在时限之后" if rung.post is Post.ORDER else "请选择提醒对象"
    if faults:
        raise Invalid("请核对各项", fields=faults)


def _changed(actor: Principal, kind: str, row: LadderRung) -> None:
    told = {
        "area_code": row.area_code,
        "class_code": row.class_code,
        "percent": row.percent,
        "recipient": row.recipient,
        "at_night": row.at_night,
        "by": actor.name,
    }
    record(kind, subject=("ladder", row.id), audience=AUDIENCE, payload=told, actor_id=actor.id)
    forget_ladder()


def _must_administer(actor: Principal) -> None:
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以修改提醒阶梯")
