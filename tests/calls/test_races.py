"""Threads that collide on PostgreSQL with real commits: one winner, one call, one return."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.calls.models import Call, Utterance
from app.db import session, work
from app.desk.models import Seat, WaitingEntry
from app.events.models import Event
from app.events.verification import first_broken_line
from tests.calls.conftest import answer
from tests.support.carrier import FakeCarrier
from tests.support.voice import Heard, Telephone, get_ready, new_agent, seat_of


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Start all together; return what each returned."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        barrier.wait()
        results[place] = job()

    threads = [threading.Thread(target=run, args=(place, job)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def same_line(app: Flask, phone: Telephone) -> Telephone:
    """Another connection of the carrier for the same call."""
    return Telephone(app, phone.caller, phone.sid)


def rows(app: Flask, table: Any) -> list[Any]:
    with app.app_context(), work():
        return list(session().scalars(select(table)))


def test_the_same_first_webhook_on_four_connections_is_one_call(committing_app: Flask) -> None:
    phone = Telephone(committing_app)
    answers = at_once(*(same_line(committing_app, phone).dial for _ in range(4)))
    assert {heard.status for heard in answers} == {200}
    assert len({heard.text for heard in answers}) == 1
    assert len(rows(committing_app, Call)) == 1
    assert [event.kind for event in rows(committing_app, Event)] == ["call.started"]


def test_two_agents_who_answer_at_once_have_one_winner(committing_app: Flask, carrier: FakeCarrier) -> None:
    agents = [new_agent(committing_app, name) for name in ("王磊", "李娜", "孙洋")]
    for agent in agents:
        get_ready(agent)
    phone = Telephone(committing_app)
    phone.dial()
    phone.press("0")
    replies = at_once(*(lambda agent=agent: answer(agent, phone) for agent in agents))
    won = [agent for agent, reply in zip(agents, replies, strict=True) if reply.status_code == 200]
    lost = [reply for reply in replies if reply.status_code == 409]
    assert (len(won), len(lost)) == (1, 2)
    assert {reply.json["winner"] for reply in lost} == {won[0].name}
    assert len(carrier.asked("ring_agent")) == 1
    states = sorted(seat_of(agent)["state"] for agent in agents)
    assert states == ["idle", "idle", "talking"]


def test_many_callers_and_agents_are_paired_once_each(committing_app: Flask) -> None:
    agents = [new_agent(committing_app, f"坐席{n}") for n in range(4)]
    phones = [Telephone(committing_app, f"+861380000{n:04}") for n in range(8)]
    for phone in phones:
        phone.dial()
    at_once(*(lambda phone=phone: phone.press("0") for phone in phones), *(lambda a=a: get_ready(a) for a in agents))
    # Whoever was missed in the turmoil is offered in the next round of waiting.
    for phone in phones:
        phone.wait()
    entries = rows(committing_app, WaitingEntry)
    offered = [entry.offered_to for entry in entries if entry.offered_to is not None]
    ringing = {seat.account_id: seat.call_id for seat in rows(committing_app, Seat) if seat.state == "ringing"}
    assert len(entries) == 8
    assert sorted(offered) == sorted(ringing) == sorted(agent.account_id for agent in agents)
    assert {entry.call_id for entry in entries if entry.offered_to is not None} == set(ringing.values())


def test_answering_and_hanging_up_at_once_end_in_one_of_both(committing_app: Flask) -> None:
    agent = new_agent(committing_app, "王磊")
    for turn in range(5):
        agent.post("/api/v1/seat/status", {"status": "ready"})
        phone = Telephone(committing_app, f"+8613800000{turn:03}")
        phone.dial()
        phone.press("0")
        reply, _ = at_once(lambda phone=phone: answer(agent, phone), same_line(committing_app, phone).hang_up)
        assert reply.status_code in (200, 409)
        assert phone.state == "ended"
        assert seat_of(agent)["state"] in ("idle", "wrap_up")
        agent.post(f"/api/v1/calls/{phone.id}/disposition", {"kind": "prank"})
        agent.post("/api/v1/seat/wrap-up/finish")


def test_callbacks_of_one_call_on_many_connections_keep_one_history(committing_app: Flask) -> None:
    agent = new_agent(committing_app, "王磊")
    get_ready(agent)
    phone = Telephone(committing_app)
    phone.dial()
    phone.press("0")
    lines = [same_line(committing_app, phone) for _ in range(8)]
    jobs: list[Callable[[], Any]] = [
        lambda: lines[0].transcript("第一句", seq=1),
        lambda: lines[1].transcript("第一句", seq=1),
        lambda: lines[2].transcript("第二句", seq=2),
        lambda: lines[3].wait(),
        lambda: lines[4].status("in-progress", 1),
        lambda: lines[5].status("completed", 2),
        lambda: lines[6].leave_queue("hangup"),
        lambda: answer(agent, phone),
    ]
    statuses = [reply.status if isinstance(reply, Heard) else reply.status_code for reply in at_once(*jobs)]
    assert set(statuses) <= {200, 204, 409}
    assert phone.state == "ended"
    assert len(rows(committing_app, Utterance)) == 2
    with committing_app.app_context(), work():
        assert first_broken_line("call", phone.id) is None
        ended = select(func.count()).select_from(Event).where(Event.kind == "call.ended")
        assert session().scalar(ended) == 1
