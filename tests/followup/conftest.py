"""One case whose citizen is followed up, the people around it, and the worker of every minute."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.followup.tasks import sweep_follow_up
from tests.support.carrier import Hook
from tests.support.people import Person, file_case, picture, somebody, stored
from tests.support.sms import CITIZEN, Handset

# A Tuesday morning in working hours.
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


class Desk:
    """The centre at work; `at` and `later` move the clock."""

    def __init__(self, app: Flask, stack: ExitStack) -> None:
        self.app, self.stack = app, stack
        self.agent, self.other = somebody(app, Role.AGENT), somebody(app, Role.AGENT, nth=1)
        self.supervisor = somebody(app, Role.SUPERVISOR)
        self.citizen = Handset(Hook(app.test_client()), CITIZEN)

    def at(self, moment: datetime) -> None:
        self.stack.close()
        self.stack.enter_context(clock.standing_at(moment))

    def later(self, **span: float) -> None:
        self.at(clock.now() + timedelta(**span))

    def sweep(self) -> None:
        with self.app.app_context():
            sweep_follow_up()

    def file(self, **changes: Any) -> dict[str, Any]:
        return file_case(self.agent, **changes)

    def act(self, who: Person, case: dict[str, Any], action: str, **facts: str) -> dict[str, Any]:
        version = stored(self.app, case["id"]).version
        answer = who.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=version)
        assert answer.status_code == 200, answer.json
        done: dict[str, Any] = answer.json
        return done

    def close(self, case: dict[str, Any]) -> dict[str, Any]:
        unit = somebody(self.app, Role.HANDLER, unit_id=case["unit"]["id"])
        self.act(unit, case, "accept")
        unit.upload(f"/api/v1/cases/{case['id']}/attachments", picture(), "result")
        self.act(unit, case, "feed_back", result="井盖已经补上")
        return self.act(somebody(self.app, Role.INSPECTOR, area="330212"), case, "pass_check")

    def call_backs(self, case: dict[str, Any], state: str = "waiting") -> list[dict[str, Any]]:
        answer = self.agent.get(f"/api/v1/call-backs?state={state}&case_id={case['id']}")
        assert answer.status_code == 200, answer.json
        found: list[dict[str, Any]] = answer.json["items"]
        return found

    def due_now(self) -> list[int]:
        """Cases that the agents are asked to call about at this moment."""
        return [each["case"]["id"] for each in self.agent.get("/api/v1/call-backs").json["items"]]

    def finish(self, task: dict[str, Any], who: Person | None = None, **result: Any) -> Any:
        agent = who or self.agent
        claimed = agent.post(f"/api/v1/call-backs/{task['id']}/claim")
        assert claimed.status_code == 200, claimed.json
        return agent.post(f"/api/v1/call-backs/{task['id']}/complete", result)


@pytest.fixture
def desk(city_app: Flask) -> Iterator[Desk]:
    with ExitStack() as stack:
        made = Desk(city_app, stack)
        made.at(MORNING)
        yield made


@pytest.fixture
def everybody_is_asked(make_settings: Callable[..., Any], city_app: Flask) -> Iterator[None]:
    """The city calls back after every closing."""
    before = city_app.extensions["settings"]
    city_app.extensions["settings"] = before.model_copy(update={"survey_percent": 100})
    yield
    city_app.extensions["settings"] = before
