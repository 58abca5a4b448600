"""A small cast around one case, and a clock that the test moves."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.accounts.roles import Role
from app.db import session, work
from app.network.models import Unit
from tests.support.people import Person, file_case, picture, somebody

# A Tuesday morning in working hours, well after the demonstration's own past.
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LOOSE = {"condition_no": 3, "description": "百丈路口雨水井盖松了，车一过就响"}


class Town:
    """People at work on one case, and the hour. Who is not asked for does not sign in."""

    def __init__(self, app: Flask, stack: ExitStack) -> None:
        self.app, self.stack = app, stack

    @cached_property
    def agent(self) -> Person:
        return somebody(self.app, Role.AGENT)

    @cached_property
    def dispatcher(self) -> Person:
        return somebody(self.app, Role.DISPATCHER, area="3302")

    @cached_property
    def district_dispatcher(self) -> Person:
        return somebody(self.app, Role.DISPATCHER, area="330212")

    @cached_property
    def supervisor(self) -> Person:
        return somebody(self.app, Role.SUPERVISOR)

    @cached_property
    def second_supervisor(self) -> Person:
        """What the first proposed, this one confirms."""
        return somebody(self.app, Role.SUPERVISOR, nth=1)

    @cached_property
    def inspector(self) -> Person:
        return somebody(self.app, Role.INSPECTOR, area="330212")

    def at(self, moment: datetime) -> None:
        self.stack.close()
        self.stack.enter_context(clock.standing_at(moment))

    def later(self, **span: float) -> None:
        self.at(clock.now() + timedelta(**span))

    def file(self, **changes: Any) -> dict[str, Any]:
        return file_case(self.agent, **{**LOOSE, **changes})

    def unit(self, unit_id: int) -> Person:
        return somebody(self.app, Role.HANDLER, unit_id=unit_id)

    def other_units(self, case: dict[str, Any], count: int = 1) -> list[int]:
        with self.app.app_context(), work():
            query = select(Unit.id).where(Unit.id != case["unit"]["id"], Unit.is_active, Unit.area_code == "330212")
            return list(session().scalars(query.order_by(Unit.id).limit(count)))

    def see(self, case: dict[str, Any], who: Person | None = None) -> dict[str, Any]:
        shown: dict[str, Any] = (who or self.supervisor).get(f"/api/v1/cases/{case['id']}").json
        return shown

    def try_to(self, who: Person, action: str, case: dict[str, Any], **facts: Any) -> Any:
        version = self.see(case)["version"]
        return who.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=version)

    def act(self, who: Person, action: str, case: dict[str, Any], **facts: Any) -> dict[str, Any]:
        answer = self.try_to(who, action, case, **facts)
        assert answer.status_code == 200, (action, answer.json)
        done: dict[str, Any] = answer.json
        return done

    def offered(self, who: Person, case: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return {each["action"]: each for each in self.see(case, who)["actions"]}

    def feed_back(self, unit: Person, case: dict[str, Any], colour: str = "red", **facts: Any) -> dict[str, Any]:
        unit.upload(f"/api/v1/cases/{case['id']}/attachments", picture(colour), "result")
        return self.act(unit, "feed_back", case, **{"result": "已更换井盖", **facts})


@pytest.fixture
def town(city_app: Flask) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(city_app, stack)


@pytest.fixture
def morning(town: Town) -> Town:
    town.at(MORNING)
    return town
