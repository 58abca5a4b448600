"""Webhooks to units, in the background."""

import ipaddress

from celery import shared_task
from flask import current_app

from app.channels import hooks
from app.channels.reach import Network
from app.config import Settings
from app.db import transaction
from app.handover import give


def hand_over(delivery_id: int) -> None:
    """Ask a worker to send it now. With the broker dead the sweep will find it."""
    give(deliver, delivery_id)


@shared_task(name="channels.deliver")  # type: ignore[untyped-decorator]
def deliver(delivery_id: int) -> None:
    hooks.deliver(delivery_id, allowed_networks())


@shared_task(name="channels.sweep")  # type: ignore[untyped-decorator]
def sweep_hooks() -> None:
    """One hook that hangs must not hold up the others: each delivery is a task of its own."""
    with transaction():
        waiting = list(hooks.due())
    for delivery_id in waiting:
        hand_over(delivery_id)


def allowed_networks() -> list[Network]:
    settings: Settings = current_app.extensions["settings"]
    return [ipaddress.ip_network(each) for each in settings.hook_networks.split()]
