"""Outgoing webhooks: a row in the event's transaction, the request between two others, a sweep for what is left."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select, update

from app import clock
from app.accounts.roles import Permission, Principal
from app.channels.models import HookDelivery, HookState, UnitHook
from app.channels.reach import Network, Unreachable, check_literal, check_url, find_target, post
from app.db import session, transaction
from app.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from app.events.models import Event
from app.events.service import record
from app.network.queries import unit as find_unit
from app.network.service import renew_stamp

log = structlog.get_logger(__name__)

# After each failure in turn, then the last again: a system that is down over a long weekend misses nothing.
WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
GIVEN_UP_AFTER = timedelta(days=4)
CLAIM_LASTS = timedelta(minutes=2)
# For so long nothing else is sent to a system that just could not be reached.
PAUSE = timedelta(seconds=30)


def set_hook(
    actor: Principal, unit_id: int, url: str, *, is_active: bool, version: int | None, allowed: Sequence[Network]
) -> tuple[UnitHook, str]:
    """Make or change the unit's hook; the secret comes with a new one only."""
    _must_administer(actor)
    unit = find_unit(unit_id)
    try:
        check_url(url)
        check_literal(url, allowed)
    except Unreachable as error:
        raise Invalid(str(error), fields={"url": str(error)}) from None
    hook, secret = hook_of(unit_id), ""
    if hook is None:
        secret = secrets.token_urlsafe(32)
        hook = UnitHook(unit_id=unit.id, secret=secret, created_at=clock.now())
        session().add(hook)
    elif hook.version != version:
        raise StaleVersion("内容已被他人修改，请刷新后再改", version=hook.version)
    hook.url, hook.is_active = url.strip()[:300], is_active
    session().flush()
    _record(actor, "unit.hook_set", hook)
    return hook, secret


def renew_secret(actor: Principal, unit_id: int) -> str:
    _must_administer(actor)
    hook = hook_of(unit_id)
    if hook is None:
        raise NotFound("该单位没有设置推送地址")
    hook.secret = secret = secrets.token_urlsafe(32)
    session().flush()
    _record(actor, "unit.hook_secret_renewed", hook)
    return secret


def hook_of(unit_id: int) -> UnitHook | None:
    return session().scalar(select(UnitHook).where(UnitHook.unit_id == unit_id))


def note(event: Event, hook_ids: Sequence[int]) -> list[int]:
    """A delivery for each hook that the event concerns; in the event's own transaction."""
    body = {**event.as_push(), "number": event.payload.get("case", {}).get("number")}
    facts = {"event_id": event.id, "kind": event.kind, "body": body, "due_at": event.at, "created_at": event.at}
    rows = [HookDelivery(hook_id=hook_id, **facts) for hook_id in hook_ids]
    session().add_all(rows)
    session().flush()
    return [row.id for row in rows]


def deliver(delivery_id: int, allowed: Sequence[Network]) -> None:
    """Send once. Whoever loses the claim does nothing; the receiver tells repetitions apart by the delivery's id."""
    with transaction():
        claimed = _claim(delivery_id)
    if claimed is None:
        return
    delivery, hook = claimed
    status, error = _send(delivery, hook, allowed)
    with transaction():
        _settle(delivery_id, status, error)


def due(limit: int = 100) -> Sequence[int]:
    """What waits, the oldest first; what a dead worker held counts as an attempt that failed."""
    lost = (HookDelivery.state == HookState.SENDING) & (HookDelivery.claimed_at < clock.now() - CLAIM_LASTS)
    for delivery in session().scalars(select(HookDelivery).where(lost).with_for_update(skip_locked=True)):
        _try_later(delivery, None, "推送中断")
    session().flush()
    waiting = (HookDelivery.state == HookState.QUEUED) & (HookDelivery.due_at <= clock.now())
    oldest = select(HookDelivery.id).where(waiting).order_by(HookDelivery.due_at, HookDelivery.id)
    return session().scalars(oldest.limit(limit)).all()


def replay(actor: Principal, delivery_id: int) -> HookDelivery:
    """Send it again now, whatever became of it; the receiver sees the same id."""
    _must_administer(actor)
    delivery = session().get(HookDelivery, delivery_id)
    if delivery is None:
        raise NotFound("没有这次推送")
    if delivery.state == HookState.SENDING:
        raise Conflict("正在推送，请稍候")
    delivery.state, delivery.due_at, delivery.attempts = HookState.QUEUED, clock.now(), 0
    return delivery


def deliveries(unit_id: int, limit: int = 50) -> Sequence[HookDelivery]:
    query = select(HookDelivery).join(UnitHook, UnitHook.id == HookDelivery.hook_id).where(UnitHook.unit_id == unit_id)
    return session().scalars(query.order_by(HookDelivery.id.desc()).limit(limit)).all()


def signature(secret: str, moment: int, body: bytes) -> str:
    """`t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`: the time is signed, an old message cannot come again."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _claim(delivery_id: int) -> tuple[HookDelivery, UnitHook] | None:
    mine = (HookDelivery.id == delivery_id) & (HookDelivery.state == HookState.QUEUED)
    claimed = session().scalar(
        update(HookDelivery)
        .where(mine, HookDelivery.due_at <= clock.now())
        .values(state=HookState.SENDING, claimed_at=clock.now(), attempts=HookDelivery.attempts + 1)
        .returning(HookDelivery.id)
    )
    if claimed is None:
        return None
    delivery = session().get_one(HookDelivery, claimed, populate_existing=True)
    return delivery, session().get_one(UnitHook, delivery.hook_id)


def _send(delivery: HookDelivery, hook: UnitHook, allowed: Sequence[Network]) -> tuple[int | None, str]:
    if not hook.is_active or not hook.secret:
        return None, "推送已停用"
    body = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "city-hotline",
        "X-Hotline-Delivery": str(delivery.id),
        "X-Hotline-Event": delivery.kind,
        "X-Hotline-Signature": signature(hook.secret, int(clock.now().timestamp()), body),
    }
    try:
        status = post(find_target(hook.url, allowed), body, headers)
    except Unreachable as error:
        return None, str(error)
    return status, "" if 200 <= status < 300 else f"对方应答 {status}"


def _settle(delivery_id: int, status: int | None, error: str) -> None:
    delivery = session().get_one(HookDelivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery.state != HookState.SENDING:
        return
    if error:
        _try_later(delivery, status, error)
        if status is None:
            _hold_others(delivery)
        return
    delivery.status, delivery.error = status, ""
    delivery.state, delivery.delivered_at = HookState.DELIVERED, clock.now()


def _try_later(delivery: HookDelivery, status: int | None, error: str) -> None:
    delivery.status, delivery.error = status, error
    gone = status == 410 or clock.now() - delivery.created_at > GIVEN_UP_AFTER
    delivery.state = HookState.FAILED if gone else HookState.QUEUED
    delivery.due_at = clock.now() + WAITS[min(delivery.attempts, len(WAITS)) - 1]
    log.warning("hook.not_delivered", delivery=delivery.id, status=status, given_up=gone)


def _hold_others(delivery: HookDelivery) -> None:
    """A system that hangs is waited for by a worker or two: else a day's heap for it would keep all of them busy."""
    until = clock.now() + PAUSE
    others = (HookDelivery.hook_id == delivery.hook_id) & (HookDelivery.state == HookState.QUEUED)
    held = update(HookDelivery).where(others, HookDelivery.due_at < until).values(due_at=until)
    session().execute(held.execution_options(synchronize_session=False))


def _record(actor: Principal, kind: str, hook: UnitHook) -> None:
    payload = {"by": actor.name, "hook": {"id": hook.id, "url": hook.url, "is_active": hook.is_active}}
    record(kind, subject=("unit", hook.unit_id), audience=["administrators"], payload=payload, actor_id=actor.id)
    renew_stamp("routing")  # by it the processes notice that somebody listens


def _must_administer(actor: Principal) -> None:
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以设置推送")
