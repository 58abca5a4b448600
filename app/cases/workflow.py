"""The life of a case as a pure table: (state, action) -> what follows, who may, and which facts it takes.

Source: GB/T 30428.8 — 受理, 立案, 派遣, 处置, 反馈, 核查, 结案 (words in docs/glossary.md). Nothing else assigns a
state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.accounts.roles import Role
from app.errors import Forbidden, IllegalAction, Invalid


class State(StrEnum):
    REPORTED = "reported"  # 待受理
    FILED = "filed"  # 待派遣
    DISPATCHED = "dispatched"  # 待接单
    HANDLING = "handling"  # 处置中
    CHECKING = "checking"  # 待核查
    CLOSED = "closed"  # 已结案
    VOID = "void"  # 已作废


LABELS = {
    State.REPORTED: "待受理",
    State.FILED: "待派遣",
    State.DISPATCHED: "待接单",
    State.HANDLING: "处置中",
    State.CHECKING: "待核查",
    State.CLOSED: "已结案",
    State.VOID: "已作废",
}

ENDED = frozenset({State.CLOSED, State.VOID})
OPEN = frozenset(State) - ENDED
AT_THE_UNIT = frozenset({State.DISPATCHED, State.HANDLING})


class Action(StrEnum):
    FILE = "file"  # 立案
    DISPATCH = "dispatch"  # 派遣
    ACCEPT = "accept"  # 接单
    FEED_BACK = "feed_back"  # 反馈
    PASS_CHECK = "pass_check"  # 核查通过, 结案
    FAIL_CHECK = "fail_check"  # 核查不通过, 返工
    VOID = "void"  # 作废
    URGE = "urge"  # 催办
    EDIT = "edit"  # 补正
    RATE = "rate"  # 评价


ACTION_LABELS = {
    Action.FILE: "立案",
    Action.DISPATCH: "派遣",
    Action.ACCEPT: "接单",
    Action.FEED_BACK: "处置完成，提交核查",
    Action.PASS_CHECK: "核查通过，结案",
    Action.FAIL_CHECK: "核查不通过，返工",
    Action.VOID: "作废",
    Action.URGE: "催办",
    Action.EDIT: "补正",
    Action.RATE: "评价",
}


class Fact(StrEnum):
    """What an action cannot do without."""

    CLASS = "class_code"
    CONDITION = "condition_no"
    PLACE = "place"
    REASON = "reason"
    RESULT = "result"
    PHOTO = "photo"
    RATING = "rating"


FACT_LABELS = {
    Fact.CLASS: "类别",
    Fact.CONDITION: "立案条件",
    Fact.PLACE: "事发地点",
    Fact.REASON: "原因",
    Fact.RESULT: "处置说明",
    Fact.PHOTO: "处置后照片",
    Fact.RATING: "1 至 5 的评分",
}


@dataclass(frozen=True, slots=True)
class Step:
    target: State
    roles: frozenset[Role]
    event: str
    requires: frozenset[Fact] = frozenset()


_DESK = frozenset({Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER})
_UNIT = frozenset({Role.HANDLER})
_CHECK = frozenset({Role.INSPECTOR, Role.SUPERVISOR})
_CALLER = _DESK | {Role.CITIZEN}
_TO_FILE = frozenset({Fact.CLASS, Fact.CONDITION, Fact.PLACE})

TABLE: Mapping[tuple[State, Action], Step] = {
    (State.REPORTED, Action.FILE): Step(State.FILED, _DESK, "case.filed", _TO_FILE),
    (State.REPORTED, Action.VOID): Step(State.VOID, _DESK, "case.voided", frozenset({Fact.REASON})),
    (State.REPORTED, Action.EDIT): Step(State.REPORTED, _DESK, "case.edited"),
    (State.REPORTED, Action.URGE): Step(State.REPORTED, _CALLER, "case.urged"),
    (State.FILED, Action.DISPATCH): Step(State.DISPATCHED, _DESK, "case.dispatched"),
    (State.FILED, Action.VOID): Step(State.VOID, _DESK, "case.voided", frozenset({Fact.REASON})),
    (State.FILED, Action.EDIT): Step(State.FILED, _DESK, "case.edited"),
    (State.FILED, Action.URGE): Step(State.FILED, _CALLER, "case.urged"),
    (State.DISPATCHED, Action.ACCEPT): Step(State.HANDLING, _UNIT, "case.accepted"),
    (State.DISPATCHED, Action.EDIT): Step(State.DISPATCHED, _DESK, "case.edited"),
    (State.DISPATCHED, Action.URGE): Step(State.DISPATCHED, _CALLER, "case.urged"),
    (State.HANDLING, Action.FEED_BACK): Step(
        State.CHECKING, _UNIT, "case.fed_back", frozenset({Fact.RESULT, Fact.PHOTO})
    ),
    (State.HANDLING, Action.EDIT): Step(State.HANDLING, _DESK, "case.edited"),
    (State.HANDLING, Action.URGE): Step(State.HANDLING, _CALLER, "case.urged"),
    (State.CHECKING, Action.PASS_CHECK): Step(State.CLOSED, _CHECK, "case.closed"),
    (State.CHECKING, Action.FAIL_CHECK): Step(State.HANDLING, _CHECK, "case.check_failed", frozenset({Fact.REASON})),
    (State.CHECKING, Action.URGE): Step(State.CHECKING, _CALLER, "case.urged"),
    # A second answer replaces the first: people correct a slip of the thumb.
    (State.CLOSED, Action.RATE): Step(State.CLOSED, frozenset({Role.CITIZEN}), "case.rated", frozenset({Fact.RATING})),
}


def step(state: State, action: Action, roles: Iterable[Role], facts: Iterable[Fact] = frozenset(Fact)) -> Step:
    """What follows, or IllegalAction (409), Forbidden (403), Invalid (422) in that order."""
    found = TABLE.get((state, action))
    if found is None:
        raise IllegalAction(
            f"“{LABELS[state]}”的案件不能{ACTION_LABELS[action]}", state=state.value, action=action.value
        )
    if not found.roles & frozenset(roles):
        raise Forbidden(f"您的角色不能{ACTION_LABELS[action]}")
    if missing := found.requires - frozenset(facts):
        names = "、".join(FACT_LABELS[fact] for fact in Fact if fact in missing)
        raise Invalid(f"请填写{names}", fields={fact.value: f"请填写{FACT_LABELS[fact]}" for fact in sorted(missing)})
    return found


def offered(state: State, roles: Iterable[Role]) -> list[tuple[Action, Step]]:
    """The actions these roles may take now, in the table's order."""
    mine = frozenset(roles)
    return [(action, s) for (at, action), s in TABLE.items() if at == state and s.roles & mine]
