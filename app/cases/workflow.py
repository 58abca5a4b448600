"""The life of a case as a pure table: (state, action) -> what follows, who may, with which facts, on which clock.

Source: GB/T 30428.8 — 受理, 核实, 立案, 派遣, 处置, 反馈, 核查, 结案 — and the side paths around them (words in
docs/glossary.md, the table for people in docs/workflow.md). Nothing else assigns a state.
"""

from collections.abc import Iterable, Mapping

from app.accounts.roles import Role
from app.cases.steps import Confirmation, Demand, Guard, Level, Own, Step, Tick, Wait
from app.cases.terms import (
    ACTION_LABELS,
    AT_THE_UNIT,
    ENDED,
    EVENT_LABELS,
    FACT_KINDS,
    FACT_LABELS,
    LABELS,
    OPEN,
    Action,
    Fact,
    State,
)
from app.errors import Forbidden, IllegalAction, Invalid

__all__ = [
    "ACTION_LABELS",
    "AT_THE_UNIT",
    "ENDED",
    "EVENT_LABELS",
    "FACT_KINDS",
    "FACT_LABELS",
    "LABELS",
    "OPEN",
    "TABLE",
    "Action",
    "Fact",
    "State",
    "Step",
    "offered",
    "step",
]


_DESK = frozenset({Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER})
# The system files and dispatches text messages of classes that are proven and allowed (app.learning.autofiling).
_TAKE_IN = _DESK | {Role.SYSTEM}
_COMMAND = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
_DUTY_MANAGER = frozenset({Role.SUPERVISOR})
_UNIT = frozenset({Role.HANDLER})
_FIELD = frozenset({Role.INSPECTOR, Role.SUPERVISOR})
_CALLER = _DESK | {Role.CITIZEN}

_TO_FILE = frozenset({Fact.CLASS, Fact.CONDITION, Fact.PLACE})
_REASON = frozenset({Fact.REASON})
_RESULT = frozenset({Fact.RESULT})
_UNITS = frozenset({Fact.UNIT, Fact.CO_UNITS, Fact.REASON})

_S, _A = State, Action
_AFTER_DISPATCH = (_S.DISPATCHED, _S.HANDLING)
_RUNNING = (_S.FILED, _S.DISPATCHED, _S.HANDLING)
_JUDGED = (_S.DISPATCHED, _S.HANDLING, _S.CHECKING, _S.CONFIRMING, _S.CLOSED)
_REVIEWED = (*_JUDGED, _S.FILED, _S.SUSPENDED)
_COMMANDED = (_S.FILED, _S.DISPATCHED, _S.HANDLING, _S.SUSPENDED, _S.CHECKING, _S.CONFIRMING)
_CORRECTED = (_S.REPORTED, _S.VERIFYING, _S.FILED, _S.DISPATCHED, _S.HANDLING, _S.SUSPENDED)

Table = dict[tuple[State, Action], Step]


def _filing() -> Table:
    """受理, 核实, 立案 or 不予立案. 核实 runs beside the dispatch for urgent safety classes."""
    rejected = Wait(Confirmation.NON_FILING, _S.REJECTING, "case.rejection_proposed")
    table = {
        (_S.REPORTED, _A.FILE): Step(_S.FILED, _TAKE_IN, "case.filed", _TO_FILE),
        (_S.REPORTED, _A.ASK_VERIFICATION): Step(
            _S.VERIFYING, _DESK, "case.verification_asked", frozenset({Fact.PLACE}), frozenset({Fact.REASON})
        ),
        (_S.VERIFYING, _A.CONFIRM_EXISTS): Step(_S.REPORTED, _FIELD, "case.verified", takes=_REASON),
        (_S.VERIFYING, _A.DENY_EXISTS): Step(_S.REPORTED, _FIELD, "case.denied", _REASON),
        (_S.REJECTING, _A.CONFIRM_REJECTION): Step(
            _S.REJECTED,
            _DUTY_MANAGER,
            "case.rejected",
            takes=_REASON,
            level=Level.CITY,
            guards=(Guard.OTHER_PERSON,),
            should_resolve=False,
        ),
        (_S.REJECTING, _A.OVERRULE_REJECTION): Step(
            _S.REPORTED, _DUTY_MANAGER, "case.rejection_overruled", _REASON, level=Level.CITY
        ),
    }
    for state in (_S.REPORTED, _S.FILED):
        table[state, _A.REJECT] = Step(
            _S.REJECTED, _DESK, "case.rejected", _REASON, waits=rejected, clock=Tick.DROP, should_resolve=False
        )
    for state in _RUNNING:
        beside = (Guard.NOT_BEING_VERIFIED,)
        table[state, _A.ASK_VERIFICATION] = Step(state, _DESK, "case.verification_asked", takes=_REASON, guards=beside)
        open_one = (Guard.VERIFICATION_OPEN,)
        table[state, _A.CONFIRM_EXISTS] = Step(state, _FIELD, "case.verified", takes=_REASON, guards=open_one)
        table[state, _A.DENY_EXISTS] = Step(state, _FIELD, "case.denied", _REASON, guards=open_one)
    return table


def _command() -> Table:
    """派遣, 改派, 协办: who gets the case. After two returns the duty manager alone decides."""
    table = {
        (_S.FILED, _A.DISPATCH): Step(
            _S.DISPATCHED,
            _TAKE_IN,
            "case.dispatched",
            takes=_UNITS,
            clock=Tick.START,
            guards=(Guard.DUTY_MANAGER,),
            demands=(Demand.REASON_IF_RETURNED_BEFORE,),
            should_resolve=True,
        ),
    }
    for state in _AFTER_DISPATCH:
        table[state, _A.REASSIGN] = Step(
            _S.DISPATCHED,
            _COMMAND,
            "case.reassigned",
            frozenset({Fact.UNIT, Fact.REASON}),
            frozenset({Fact.CO_UNITS}),
            clock=Tick.START,
            guards=(Guard.DUTY_MANAGER,),
            should_resolve=True,
        )
        table[state, _A.ADD_CO_UNIT] = Step(
            state,
            _COMMAND,
            "case.co_unit_added",
            frozenset({Fact.UNIT}),
            _REASON,
            guards=(Guard.DUTY_MANAGER, Guard.ROOM_FOR_CO_UNITS),
        )
    return table


def _handling() -> Table:
    """接单, 处置, 反馈 and 回退 by the main unit; the co-units' own feedback."""
    table = {
        (_S.DISPATCHED, _A.ACCEPT): Step(_S.HANDLING, _UNIT, "case.accepted"),
        (_S.HANDLING, _A.HAND_TO_CREW): Step(
            _S.HANDLING, _UNIT, "case.handed_to_crew", frozenset({Fact.CREW}), _REASON
        ),
        (_S.HANDLING, _A.FEED_BACK): Step(
            _S.CHECKING,
            _UNIT,
            "case.fed_back",
            _RESULT,
            _REASON,
            clock=Tick.STOP,
            demands=(Demand.PHOTO_UNLESS_BY_TELEPHONE, Demand.REASON_IF_CO_UNITS_OPEN),
        ),
    }
    for state in _AFTER_DISPATCH:
        table[state, _A.RETURN] = Step(
            _S.FILED,
            _UNIT,
            "case.returned",
            _REASON,
            frozenset({Fact.SUGGESTED}),
            clock=Tick.DROP,
            should_resolve=False,
        )
        table[state, _A.CO_FEED_BACK] = Step(
            state, _UNIT, "case.co_fed_back", _RESULT, own=Own.CO, guards=(Guard.CO_UNIT_OPEN,)
        )
    return table


def _requests() -> Table:
    """延期 and 挂账: the unit asks, the dispatcher decides; what is overdue can no longer be moved."""
    table = {
        (_S.HANDLING, _A.ASK_SUSPENSION): Step(
            _S.HANDLING,
            _UNIT,
            "case.suspension_asked",
            frozenset({Fact.REASON, Fact.UNTIL}),
            guards=(Guard.NOT_OVERDUE, Guard.NEVER_SUSPENDED, Guard.NO_SUSPENSION_PENDING),
            demands=(Demand.UNTIL_WITHIN_A_YEAR,),
        ),
        (_S.HANDLING, _A.GRANT_SUSPENSION): Step(
            _S.SUSPENDED,
            _COMMAND,
            "case.suspended",
            takes=_REASON | {Fact.UNTIL},
            clock=Tick.STOP,
            guards=(Guard.SUSPENSION_PENDING, Guard.OTHER_THAN_ASKER, Guard.NEVER_SUSPENDED, Guard.NOT_OVERDUE),
            demands=(Demand.UNTIL_WITHIN_A_YEAR,),
            should_resolve=False,
        ),
        (_S.HANDLING, _A.REFUSE_SUSPENSION): Step(
            _S.HANDLING, _COMMAND, "case.suspension_refused", _REASON, guards=(Guard.SUSPENSION_PENDING,)
        ),
        (_S.SUSPENDED, _A.RESUME): Step(
            _S.HANDLING,
            _COMMAND | _UNIT | {Role.SYSTEM},
            "case.resumed",
            takes=_REASON,
            clock=Tick.RESUME,
            should_resolve=True,
        ),
    }
    for state in _AFTER_DISPATCH:
        movable = (Guard.NOT_OVERDUE, Guard.EXTENSIONS_LEFT)
        table[state, _A.ASK_EXTENSION] = Step(
            state, _UNIT, "case.extension_asked", _REASON, guards=(*movable, Guard.NO_EXTENSION_PENDING)
        )
        table[state, _A.GRANT_EXTENSION] = Step(
            state,
            _COMMAND,
            "case.extension_granted",
            takes=_REASON,
            clock=Tick.ADD,
            guards=(Guard.EXTENSION_PENDING, Guard.OTHER_THAN_ASKER, *movable),
        )
        table[state, _A.REFUSE_EXTENSION] = Step(
            state, _COMMAND, "case.extension_refused", _REASON, guards=(Guard.EXTENSION_PENDING,)
        )
    return table


def _closing() -> Table:
    """核查, 结案, 返工, 重新办理, 评价. The city may keep the confirmation of closings."""
    closing = Wait(Confirmation.CLOSING, _S.CONFIRMING, "case.checked")
    return {
        (_S.CHECKING, _A.PASS_CHECK): Step(
            _S.CLOSED, _FIELD, "case.closed", takes=_REASON, waits=closing, demands=(Demand.LOOK_IF_UNSEEN,)
        ),
        (_S.CHECKING, _A.FAIL_CHECK): Step(_S.HANDLING, _FIELD, "case.check_failed", _REASON, clock=Tick.RESUME),
        (_S.CONFIRMING, _A.CONFIRM_CLOSING): Step(
            _S.CLOSED,
            _DUTY_MANAGER,
            "case.closed",
            takes=_REASON,
            level=Level.CITY,
            guards=(Guard.OTHER_PERSON,),
        ),
        (_S.CONFIRMING, _A.OVERRULE_CLOSING): Step(
            _S.HANDLING, _DUTY_MANAGER, "case.closing_overruled", _REASON, level=Level.CITY, clock=Tick.RESUME
        ),
        (_S.CLOSED, _A.REOPEN): Step(
            _S.DISPATCHED,
            _CALLER,
            "case.reopened",
            _REASON,
            clock=Tick.START,
            guards=(Guard.WITHIN_WINDOW,),
            should_resolve=True,
        ),
        # A second answer replaces the first: people correct a slip of the thumb.
        (_S.CLOSED, _A.RATE): Step(_S.CLOSED, frozenset({Role.CITIZEN}), "case.rated", frozenset({Fact.RATING})),
    }


def _appeals() -> Table:
    """申诉: once for each overdue mark, upheld only by two reviewers; the raw fact stays."""
    table: Table = {}
    for state in _JUDGED:
        table[state, _A.APPEAL] = Step(state, _UNIT, "case.appealed", _REASON, guards=(Guard.OVERDUE_MARK,))
    for state in _REVIEWED:
        review = (Guard.APPEAL_PENDING, Guard.OTHER_THAN_ASKER, Guard.OTHER_REVIEWER)
        table[state, _A.UPHOLD_APPEAL] = Step(state, _COMMAND, "case.appeal_upheld", takes=_REASON, guards=review)
        table[state, _A.DISMISS_APPEAL] = Step(state, _COMMAND, "case.appeal_dismissed", _REASON, guards=review)
    return table


def _pressure() -> Table:
    """催办, 督办, 补正, and the two ways to end a case by decision."""
    table: Table = {}
    for state in OPEN:
        table[state, _A.URGE] = Step(state, _CALLER, "case.urged", takes=_REASON)
    for state in _CORRECTED:
        table[state, _A.EDIT] = Step(state, _DESK, "case.edited")
    for state in _COMMANDED:
        leaders = frozenset({Role.SUPERVISOR, Role.LEADER, Role.SYSTEM})
        table[state, _A.SUPERVISE] = Step(state, leaders, "case.supervised", _REASON)
        table[state, _A.REPLY_SUPERVISION] = Step(
            state, _UNIT | _COMMAND, "case.supervision_replied", _REASON, guards=(Guard.SUPERVISED,)
        )
        table[state, _A.FORCE_CLOSE] = Step(
            _S.CLOSED, _DUTY_MANAGER, "case.forced_closed", _REASON, level=Level.CITY, clock=Tick.STOP
        )
    # 作废 takes a case out of every statistic: the city reviews that by doing it itself.
    for state in (_S.REPORTED, _S.VERIFYING, _S.FILED):
        table[state, _A.VOID] = _void(_DESK)
    for state in (*_AFTER_DISPATCH, _S.SUSPENDED):
        table[state, _A.VOID] = _void(_COMMAND)
    return table


def _void(roles: frozenset[Role]) -> Step:
    return Step(_S.VOID, roles, "case.voided", _REASON, level=Level.CITY, clock=Tick.DROP, should_resolve=False)


def _in_order(table: Table) -> Table:
    states, actions = list(State), list(Action)
    return dict(sorted(table.items(), key=lambda entry: (states.index(entry[0][0]), actions.index(entry[0][1]))))


TABLE: Mapping[tuple[State, Action], Step] = _in_order(
    _filing() | _command() | _handling() | _requests() | _closing() | _appeals() | _pressure()
)


def step(state: State, action: Action, roles: Iterable[Role], facts: Iterable[Fact] = frozenset(Fact)) -> Step:
    """What follows, or IllegalAction (409), Forbidden (403), Invalid (422) in that order. Guards are not asked."""
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
    """The actions these roles may take now, in the table's order; guards are not asked."""
    mine = frozenset(roles)
    return [(action, s) for (at, action), s in TABLE.items() if at == state and s.roles & mine]
