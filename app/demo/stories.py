"""The life of an invented case, told as steps in time. What lies in the future of `now` has not happened."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app import clock
from app.cases.deadlines import VERIFICATION, deadline_of
from app.cases.photos import PURPOSE_LABELS
from app.cases.service import RATINGS, SOURCES
from app.cases.workflow import State
from app.catalogue.calendars import WorkCalendar
from app.catalogue.clocks import Limit, advance
from app.catalogue.entries import Catalogue, ClassEntry, Condition
from app.demo.cast import CITIZEN_ACTOR, Actor, Caller, Cast
from app.demo.city import DATA
from app.demo.pictures import Picture
from app.demo.places import Spot, Spots
from app.network.routing import Route, RouteQuery, RuleIndex, route

# How often a district's units are late, in per cent: the ranking then has something to tell.
_LATE = {"330203": 4, "330205": 5, "330212": 6, "330211": 7, "330206": 9, "330213": 13}
_SOURCES = {"call": 82, "web": 11, "sms": 7}
_RATINGS = {5: 64, 4: 30, 3: 4, 2: 1, 1: 1}
_FAILED = ("现场仍有残留，未处理到位", "修复不牢固，需重新处置", "照片位置与现场不符，请重新处置")
_URGES = ("来电人再次来电，问题仍未解决", "来电人询问进度，要求尽快处理", "来电人反映情况加重")
_INSPECTOR_HOURS = (8, 20)
_RECENT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Complaint:
    code: str
    condition_no: int
    weight: int
    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the case: lines of history that share a version, and the values it leaves."""

    at: datetime
    actor: Actor
    lines: tuple[tuple[str, str], ...]
    values: dict[str, Any]
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """`facts` hold from the first moment on; `steps` are in the order of time and none lies after now."""

    source: str
    caller: Caller
    agent: Actor
    facts: dict[str, Any]
    steps: list[Step] = field(default_factory=list)

    @property
    def opened_at(self) -> datetime:
        return self.steps[0].at


@dataclass(frozen=True, slots=True)
class World:
    """What a story is drawn from."""

    catalogue: Catalogue
    calendar: WorkCalendar
    rules: RuleIndex
    spots: Spots
    cast: Cast
    complaints: list[Complaint]
    pictures: tuple[Picture, ...] = ()

    def draw_complaint(self, random: Random) -> Complaint:
        return random.choices(self.complaints, [each.weight for each in self.complaints])[0]


def read_complaints() -> list[Complaint]:
    with (DATA / "complaints.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Complaint(row["code"], int(row["condition_no"]), int(row["weight"]), row["text"], row["result"])
            for row in csv.DictReader(lines)
        ]


def tell(world: World, opened: datetime, now: datetime, random: Random) -> Story:
    """A whole story, cut off at `now`."""
    complaint, spot = world.draw_complaint(random), world.spots.draw(random)
    source = random.choices(list(_SOURCES), list(_SOURCES.values()))[0]
    entry = world.catalogue.class_of(complaint.code)
    condition = entry.condition(complaint.condition_no)
    agent = world.cast.agent(opened, random)
    story = Story(source, world.cast.caller(random), agent, _facts(complaint, spot, entry, random))
    plot = _Plot(world, story, spot, entry, condition, complaint, random, now)
    steps = sorted(plot.steps(opened), key=lambda step: step.at)
    story.steps.extend(step for step in steps if step.at <= now)
    return story


def tell_draft(world: World, opened: datetime, random: Random) -> Story:
    """An SMS that still waits for an agent; nothing but its text is known."""
    complaint, spot = world.draw_complaint(random), world.spots.draw(random)
    story = Story("sms", world.cast.caller(random), CITIZEN_ACTOR, {"description": _fill(complaint.text, spot.spoken)})
    story.steps.append(Step(opened, CITIZEN_ACTOR, (("case.opened", f"来源：{SOURCES['sms']}"),), {}))
    return story


def _facts(complaint: Complaint, spot: Spot, entry: ClassEntry, random: Random) -> dict[str, Any]:
    return {
        "description": _fill(complaint.text, spot.spoken),
        "intent": "report" if random.random() < 0.2 else "complaint",
        "urgency": "urgent" if entry.safety_critical and complaint.condition_no == 1 else "normal",
        "address": spot.address,
        "district_code": spot.district_code,
        "street_code": spot.street_code,
        "community_code": spot.community_code,
        "lng": spot.lng,
        "lat": spot.lat,
        "confidential": random.random() < 0.06,
    }


def _fill(text: str, spoken: str) -> str:
    return text.format(spot=spoken)


@dataclass(frozen=True, slots=True)
class _Plot:
    world: World
    story: Story
    spot: Spot
    entry: ClassEntry
    condition: Condition
    complaint: Complaint
    random: Random
    now: datetime

    def steps(self, opened: datetime) -> Iterator[Step]:
        source = ("case.opened", f"来源：{SOURCES[self.story.source]}")
        if self.story.source != "sms":
            yield self._dispatch(opened, (source,))
            yield from self._at_the_unit(opened)
            return
        yield Step(opened, CITIZEN_ACTOR, (source,), {})
        taken_up = opened + timedelta(seconds=self.random.randint(60, 420))
        if self.random.random() < 0.12:
            values = {"state": State.VOID, "closed_at": taken_up}
            yield Step(taken_up, self.story.agent, (("case.voided", "与在办案件重复，已答复来信人"),), values)
            return
        yield self._dispatch(taken_up, ())
        yield from self._at_the_unit(taken_up)

    def _dispatch(self, at: datetime, before: tuple[tuple[str, str], ...]) -> Step:
        found = self._route(at)
        deadline = deadline_of(at, self.condition.limit, self.world.calendar)
        values = {
            **self._class_values(),
            "state": State.DISPATCHED,
            "filed_at": at,
            "dispatched_at": at,
            "unit_id": found.unit_id,
            "unit_name": found.unit_name,
            "routing": {
                "rule_id": found.rule_id,
                "rule": found.rule,
                "explanation": found.explanation,
                "runner_up": found.runner_up,
            },
            "due_at": deadline.due_at,
            "yellow_at": deadline.yellow_at,
            "deadline_steps": list(deadline.steps),
            "promised_until": deadline.due_at,
            "should_resolve": True,
            "should_resolve_reason": "已派遣",
        }
        lines = (
            *before,
            ("case.filed", f"{self.entry.name} · {self.condition.text}"),
            ("case.dispatched", f"派往 {found.unit_name}，时限 {self.condition.limit.text}"),
        )
        return Step(at, self.story.agent, lines, values)

    def _class_values(self) -> dict[str, Any]:
        limit = self.condition.limit
        return {
            "catalogue_version": self.world.catalogue.version_id,
            "class_code": self.entry.code,
            "class_name": self.entry.name,
            "condition_no": self.condition.no,
            "limit_value": limit.value,
            "limit_unit": limit.clock.value,
        }

    def _route(self, at: datetime) -> Route:
        query = RouteQuery(
            class_code=self.entry.code,
            primary_unit_type=self.entry.primary_unit_type,
            secondary_unit_type=self.entry.secondary_unit_type,
            district=self.spot.district_code,
            street=self.spot.street_code,
            community=self.spot.community_code,
            on=clock.local(at).date(),
            class_name=self.entry.name,
        )
        return route(query, self.world.rules)

    def _at_the_unit(self, dispatched: datetime) -> Iterator[Step]:
        limit, draw = self.condition.limit, self.random
        handler = self.world.cast.handler(self._route(dispatched).unit_id)
        accepted = self._accepted(dispatched, limit)
        used = self._used_share(is_recent=self.now - dispatched < _RECENT)
        is_late = used > 1
        fed_back = max(self._after(dispatched, limit, used), accepted + timedelta(minutes=12))
        yield Step(accepted, handler, (("case.accepted", ""),), {"state": State.HANDLING, "accepted_at": accepted})
        if draw.random() < (0.5 if is_late else 0.05):
            yield self._urge(accepted + (fed_back - accepted) * draw.uniform(0.4, 0.95))
        yield from self._feed_back(fed_back, handler, 1)
        yield from self._check(fed_back, handler)

    def _used_share(self, *, is_recent: bool) -> float:
        """How much of its limit the unit takes. Some recent cases are stuck: red lamps are there to be seen."""
        draw = self.random
        if is_recent and draw.random() < 0.09:
            return draw.uniform(1.5, 30)
        if draw.random() * 100 < _LATE[self.spot.district_code]:
            return draw.uniform(1.03, 2.2)
        # Short limits are met early, long ones are used up: yellow lamps come from the latter.
        typical = 0.5 if self.condition.limit.clock.runs_always else 0.8
        return draw.triangular(0.15, 0.995, typical)

    def _accepted(self, dispatched: datetime, limit: Limit) -> datetime:
        if limit.clock.runs_always:
            return dispatched + timedelta(seconds=self.random.randint(90, 1500))
        opens = self.world.calendar.next_working_moment(dispatched)
        return opens + timedelta(seconds=self.random.randint(180, 3000))

    def _after(self, start: datetime, limit: Limit, used: float) -> datetime:
        return advance(start, limit.duration * used, limit.clock, self.world.calendar)

    def _urge(self, at: datetime) -> Step:
        return Step(at, CITIZEN_ACTOR, (("case.urged", self.random.choice(_URGES)),), {"urges": 1})

    def _feed_back(self, at: datetime, handler: Actor, count: int) -> Iterator[Step]:
        if self.world.pictures:
            picture, taken = (
                self.random.choice(self.world.pictures),
                at - timedelta(seconds=self.random.randint(20, 90)),
            )
            yield Step(taken, handler, (("case.photographed", PURPOSE_LABELS["result"]),), {"photos": count}, picture)
        due, result = at + VERIFICATION, self.complaint.result
        values = {"state": State.CHECKING, "fed_back_at": at, "check_due_at": due, "result": result}
        yield Step(at, handler, (("case.fed_back", self.complaint.result),), values)

    def _check(self, fed_back: datetime, handler: Actor) -> Iterator[Step]:
        inspector = self.world.cast.inspector(self.spot.district_code, self.random)
        checked = self._checked(fed_back)
        if self.random.random() < 0.045:
            why = self.random.choice(_FAILED)
            yield Step(checked, inspector, (("case.check_failed", why),), {"state": State.HANDLING, "reworks": 1})
            again = self._after(checked, self.condition.limit, self.random.uniform(0.1, 0.4))
            yield from self._feed_back(again, handler, 2)
            checked = self._checked(again)
        yield Step(checked, inspector, (("case.closed", ""),), {"state": State.CLOSED, "closed_at": checked})
        if self.random.random() < 0.55:
            yield self._rate(checked + timedelta(minutes=self.random.randint(4, 420)))

    def _checked(self, fed_back: datetime) -> datetime:
        """Inspectors walk by day."""
        at = clock.local(fed_back + timedelta(minutes=self.random.randint(20, 200)))
        first, last = _INSPECTOR_HOURS
        if first <= at.hour < last:
            return at
        morning = at.replace(hour=first, minute=self.random.randint(5, 59))
        return morning if at.hour < first else morning + timedelta(days=1)

    def _rate(self, at: datetime) -> Step:
        rating = self.random.choices(list(_RATINGS), list(_RATINGS.values()))[0]
        return Step(at, CITIZEN_ACTOR, (("case.rated", f"评分 {rating}（{RATINGS[rating]}）"),), {"rating": rating})
