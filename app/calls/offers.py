"""Bringing callers and agents together. Each offer is one short transaction of its own, after the commit of whatever
made it possible; the sweep repeats it, so a lost effect costs a second and no call."""

from functools import partial

from app.calls.models import Call, CallState
from app.calls.rows import locked, tell
from app.db import after_commit, session, work
from app.desk import queries as desk
from app.desk import service as queue
from app.desk.choice import Pair
from app.retries import in_transaction

# A bound for one round, not for the hotline: the next round goes on.
MOST_OFFERS = 200


def serve_soon() -> None:
    """To be called inside the transaction that queued a caller or freed an agent."""
    if not session().info.get("serves_queue"):
        session().info["serves_queue"] = True
        after_commit(serve_queue)


def serve_queue() -> None:
    """Offer waiting callers to free agents until one side is used up. Opens transactions: entry points only."""
    with work():
        if not desk.is_anyone_free():  # by far the commonest: one question, and no transaction for it
            return
    for _ in range(MOST_OFFERS):
        if not in_transaction(_offer_one):
            return


def _offer_one() -> bool:
    return any(_offer(pair) for pair in desk.next_pairs())


def _offer(pair: Pair) -> bool:
    """False if the call or the agent was taken by another process meanwhile."""
    call = locked(pair.call_id)
    if call.state != CallState.WAITING or queue.offer(pair) is None:
        return False
    call.state = CallState.OFFERED
    tell("call.offered", call)
    return True


def offer_to(call: Call, account_id: int) -> bool:
    """Directly, past the order of service: a call handed on. False if the agent was taken meanwhile."""
    entry = queue.find_entry(call.id)
    return entry is not None and _offer(Pair(entry.id, call.id, account_id))


def end_due_offers() -> None:
    """Rung out without an answer: the caller to the front of the queue, the next agent's console rings."""
    for call_id, is_missed in in_transaction(desk.due_offers):
        in_transaction(partial(withdraw_offer, call_id, is_missed=is_missed))


def withdraw_offer(call_id: int, *, is_missed: bool) -> None:
    call = locked(call_id)
    if call.state != CallState.OFFERED:
        return
    rung = queue.withdraw(call_id, is_missed=is_missed)
    if rung is None:
        return
    call.state = CallState.WAITING
    tell("call.requeued", call, reason="missed" if is_missed else "withdrawn", rung=rung)
    serve_soon()
