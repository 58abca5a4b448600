"""Celery: its settings, its timetable, and the application around each task."""

from importlib import import_module
from typing import Any

from apiflask import APIFlask
from celery import Celery, Task
from celery.schedules import crontab
from celery.signals import setup_logging, worker_init, worker_process_init

from app import db, logs
from app.config import Settings
from app.factory import prepare_process
from app.wiring import make_app

TASKS = (
    "app.messages.tasks",
    "app.calls.tasks",
    "app.cases.tasks",
    "app.learning.tasks",
    "app.events.tasks",
    "app.supervision.tasks",
    "app.followup.tasks",
    "app.incidents.tasks",
    "app.channels.tasks",
    "app.channels.duty_tasks",
)
TIMETABLE = {
    "messages.sweep": 5.0,
    "calls.sweep": 1.0,
    "calls.locate": 3.0,
    "cases.sweep": 60.0,
    "learning.sweep": 60.0,
    "channels.sweep": 10.0,
    "channels.sweep_calls": 5.0,
    "events.seal": 300.0,
    "supervision.sweep": 60.0,
    "supervision.watch": 120.0,
    "followup.sweep": 60.0,
    "incidents.sweep": 5.0,
}

# By the clock, in UTC: two in the morning in Ningbo, when few people call.
NIGHTLY = {"learning.nightly": crontab(hour=18, minute=0)}


def make_celery(settings: Settings) -> Celery:
    """A lost worker's tasks come back within seconds; a dead broker loses nothing because rows and sweeps remember."""
    celery = Celery("hotline", task_cls=_Work)
    celery.conf.update(
        broker_url=settings.redis_url,
        result_backend=None,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=120,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 300,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
        },
        beat_schedule={
            name: {"task": name, "schedule": seconds, "options": {"expires": max(seconds, 5)}}
            for name, seconds in TIMETABLE.items()
        }
        | {name: {"task": name, "schedule": when, "options": {"expires": 3600}} for name, when in NIGHTLY.items()},
        timezone="UTC",
    )
    celery.set_default()
    for name in TASKS:
        import_module(name)
    worker_init.connect(lambda **_: _Work.prepare(settings), weak=False)
    worker_process_init.connect(lambda **_: _Work.take_over(settings), weak=False)
    setup_logging.connect(lambda **_: logs.configure(settings.log_level), weak=False)
    return celery


class _Work(Task):  # type: ignore[misc]
    """One task is one piece of work inside the application: its session is closed whatever happens."""

    application: APIFlask | None = None

    @classmethod
    def prepare(cls, settings: Settings) -> None:
        """Once, before the worker's processes are forked: each would need a second to make it for itself."""
        cls.application = make_app(settings, lazily=True)

    @classmethod
    def take_over(cls, settings: Settings) -> None:
        """In each process after the fork: connections must not be shared with the parent."""
        db.disconnect()
        prepare_process(settings)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.application is None:
            raise RuntimeError("the worker process was not prepared")
        with self.application.app_context(), db.work():
            return super().__call__(*args, **kwargs)
