"""Work handed to the workers past Celery's own sending: the message must be the one Celery would have written."""

import base64
import json
from typing import Any

import redis
from celery import Task, current_app
from flask import Flask
from kombu.connection import Connection

from app.events import wake
from app.messages.tasks import hand_over, send_message

QUEUE = "celery"
MOVED = "Celery's message has changed: app/handover.py copies it and must be fitted, or Celery stay at its pin"
# These differ between any two messages.
OWN = ("id", "root_id", "correlation_id", "delivery_tag")


def shape(message: dict[str, Any]) -> dict[str, Any]:
    parts = {**message, **message["headers"], **message["properties"], "body": base64.b64decode(message["body"])}
    return {**parts, **dict.fromkeys((*OWN, "headers", "properties"), None), "body": json.loads(parts["body"])}


def taken(broker: redis.Redis) -> dict[str, Any]:
    (raw,) = broker.lrange(QUEUE, 0, -1)
    broker.delete(QUEUE)
    found: dict[str, Any] = json.loads(raw)
    return found


def test_a_message_handed_over_is_like_one_that_celery_writes(app: Flask, valkey_url: str) -> None:
    broker = redis.Redis.from_url(valkey_url)
    broker.delete(QUEUE)
    send_message.apply_async((7,), ignore_result=True)
    theirs = taken(broker)
    hand_over(7)
    ours = taken(broker)
    assert shape(ours) == shape(theirs), MOVED
    assert len({message["headers"]["id"] for message in (ours, theirs)}) == 2


def test_celery_reads_its_arguments_and_another_id_for_each(app: Flask, valkey_url: str) -> None:
    broker = redis.Redis.from_url(valkey_url)
    broker.delete(QUEUE)
    hand_over(8)
    hand_over(9)
    with (
        Connection(valkey_url) as connection,  # type: ignore[no-untyped-call]
        connection.SimpleQueue(QUEUE) as queue,
    ):
        heard = [queue.get(timeout=5) for _ in range(2)]
        for message in heard:
            message.ack()
    assert [message.payload[0] for message in heard] == [[8], [9]]
    assert {message.headers["task"] for message in heard} == {_task().name}
    assert len({message.headers["id"] for message in heard}) == 2


def test_a_dead_broker_is_nobodys_error(app: Flask) -> None:
    wake.configure("redis://127.0.0.1:9/0")
    hand_over(10)


def _task() -> Task:
    return current_app.tasks["messages.send"]
