"""What must hold besides the state before a step may be taken. Pure: numbers, times and people, no rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.roles import Role
from app.cases import workflow
from app.cases.steps import Confirmation, Demand, Guard, Level, Own, Step
from app.cases.terms import ACTION_LABELS, FED_BACK, Action, Fact, RequestKind, State, Verification
from app.errors import DomainError, Forbidden, IllegalAction, Invalid

MOST_EXTENSIONS = 2
MOST_CO_UNITS = 5
PING_PONG = 2  # returns after which only the duty manager decides
# A year, and what is left of its last day.
LONGEST_SUSPENSION = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a city decides for itself."""

    city_confirms: frozenset[Confirmation] = frozenset({Confirmation.NON_FILING})
    reopen_window: timedelta = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Situation:
    """A case as the guards see it. `marks`: missed deadlines that have been appealed."""

    state: State
    now: datetime
    unit_id: int | None = None
    due_at: datetime | None = None
    fed_back_at: datetime | None = None
    closed_at: datetime | None = None
    extensions: int = 0
    was_suspended: bool = False
    returns: int = 0
    supervisions: int = 0
    returned_by: frozenset[int] = frozenset()
    verification: Verification = Verification.NONE
    co_units: frozenset[int] = frozenset()
    open_co_units: frozenset[int] = frozenset()
    pending: frozenset[RequestKind] = frozenset()
    # Who asked for what is pending.
    askers: frozenset[int] = frozenset()
    until: datetime | None = None
    marks: frozenset[datetime] = frozenset()
    first_reviewer: int | None = None
    proposed_by: int | None = None
    # The unit answers by telephone: it has no way to send a photograph.
    by_telephone: bool = False
    # It has reported without one, and nobody has taken one on the spot.
    unseen: bool = False

    @property
    def is_overdue(self) -> bool:
        """Whether the limit was missed, measured where the clock stood still."""
        if self.due_at is None:
            return False
        stopped = self.fed_back_at if self.state in FED_BACK else None
        return (stopped or self.closed_at or self.now) > self.due_at

    @property
    def is_ping_pong(self) -> bool:
        return self.returns >= PING_PONG


@dataclass(frozen=True, slots=True)
class Asker:
    """`covers`: whether the case lies in this person's area."""

    id: int | None
    roles: frozenset[Role]
    level: Level = Level.CITY
    covers: bool = True
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The facts that came with the action; `facts` also names those the case already has."""

    facts: frozenset[Fact]
    reason: str = ""
    unit_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    target: State
    event: str
    step: Step


def decide(case: Situation, asker: Asker, action: Action, given: Given, policy: Policy) -> Outcome:
    """What follows, or IllegalAction (409), Forbidden (403), Invalid (422)."""
    step = workflow.step(case.state, action, asker.roles)
    for refusal in (_who(step, action, case, asker), *(_GUARDS[each](case, asker, policy) for each in step.guards)):
        if refusal is not None:
            raise refusal
    workflow.step(case.state, action, asker.roles, given.facts)
    for demand in step.demands:
        _DEMANDS[demand](case, given)
    return _outcome(step, action, case, policy)


def possible(case: Situation, asker: Asker, policy: Policy) -> Iterable[tuple[Action, Step]]:
    """The actions this person may take now, given the right facts."""
    for action, step in workflow.offered(case.state, asker.roles):
        refusals = (_GUARDS[each](case, asker, policy) for each in step.guards)
        if _who(step, action, case, asker) is None and not any(refusals):
            yield action, step


def required(case: Situation, step: Step) -> frozenset[Fact]:
    """What the form must insist on in this very case."""
    must = set(step.requires)
    if case.is_ping_pong and Demand.REASON_IF_RETURNED_BEFORE in step.demands:
        must |= {Fact.UNIT, Fact.REASON}
    if case.open_co_units and Demand.REASON_IF_CO_UNITS_OPEN in step.demands:
        must.add(Fact.REASON)
    if not case.by_telephone and Demand.PHOTO_UNLESS_BY_TELEPHONE in step.demands:
        must.add(Fact.PHOTO)
    if case.unseen and Demand.LOOK_IF_UNSEEN in step.demands:
        must.add(Fact.REASON)
    return frozenset(must)


def _outcome(step: Step, action: Action, case: Situation, policy: Policy) -> Outcome:
    if step.waits is not None and step.waits.confirmation in policy.city_confirms:
        return Outcome(step.waits.target, step.waits.event, step)
    if action is Action.UPHOLD_APPEAL and case.first_reviewer is None:
        return Outcome(step.target, "case.appeal_reviewed", step)
    return Outcome(step.target, step.event, step)


def _who(step: Step, action: Action, case: Situation, asker: Asker) -> DomainError | None:
    own = {case.unit_id} if step.own is Own.MAIN else case.co_units
    if Role.HANDLER in asker.roles & step.roles and asker.unit_id is not None and asker.unit_id in own:
        return None
    if not (asker.roles & step.roles) - {Role.HANDLER}:
        words = "主办单位" if step.own is Own.MAIN else "协办单位"
        return Forbidden(f"只有{words}可以{ACTION_LABELS[action]}")
    if step.level is Level.CITY and asker.level is not Level.CITY:
        return Forbidden(f"{ACTION_LABELS[action]}须由市级办理")
    return None if asker.covers else Forbidden("案件不在您的辖区")


def _illegal(is_wrong: bool, words: str) -> DomainError | None:
    return IllegalAction(words) if is_wrong else None


def _duty_manager(case: Situation, asker: Asker, _policy: Policy) -> DomainError | None:
    if case.is_ping_pong and Role.SUPERVISOR not in asker.roles:
        return Forbidden(f"案件已被回退 {case.returns} 次，须由值班长确定主办和协办单位")
    return None


def _other_than_asker(case: Situation, asker: Asker, _policy: Policy) -> DomainError | None:
    """Somebody may work at the unit and dispatch: not on what they asked for themselves."""
    return Forbidden("这是您本人申请的，须由他人审核") if asker.id in case.askers else None


def _other_reviewer(case: Situation, asker: Asker, _policy: Policy) -> DomainError | None:
    if case.first_reviewer is None:
        return None
    if asker.id == case.first_reviewer:
        return Forbidden("申诉须由两人审核，您已初审")
    return None if asker.level is Level.CITY else Forbidden("申诉复审须由市级办理")


def _other_person(case: Situation, asker: Asker, _policy: Policy) -> DomainError | None:
    """Four eyes: what the city confirms was proposed by somebody else."""
    if case.proposed_by is not None and case.proposed_by == asker.id:
        return Forbidden("这是您本人提出的，须由另一人确认")
    return None


def _overdue_mark(case: Situation, _asker: Asker, _policy: Policy) -> DomainError | None:
    if not case.is_overdue:
        return IllegalAction("案件没有超期，无须申诉")
    return _illegal(case.due_at in case.marks, "对这次超期已申诉过一次")


def _within_window(case: Situation, _asker: Asker, policy: Policy) -> DomainError | None:
    is_late = case.closed_at is None or case.now > case.closed_at + policy.reopen_window
    return _illegal(is_late, f"结案已超过 {policy.reopen_window.days} 天，请重新反映")


Check = Callable[[Situation, Asker, Policy], DomainError | None]


def _pending(kind: RequestKind, words: str) -> Check:
    return lambda case, _asker, _policy: _illegal(kind not in case.pending, words)


def _not_pending(kind: RequestKind, words: str) -> Check:
    return lambda case, _asker, _policy: _illegal(kind in case.pending, words)


_GUARDS: dict[Guard, Check] = {
    Guard.NOT_OVERDUE: lambda case, _a, _p: _illegal(case.is_overdue, "案件已超期，不能再延期或挂账"),
    Guard.EXTENSIONS_LEFT: lambda case, _a, _p: _illegal(
        case.extensions >= MOST_EXTENSIONS, f"最多延期 {MOST_EXTENSIONS} 次"
    ),
    Guard.NEVER_SUSPENDED: lambda case, _a, _p: _illegal(case.was_suspended, "每个案件只能挂账一次"),
    Guard.NO_EXTENSION_PENDING: _not_pending(RequestKind.EXTENSION, "已有一份延期申请待审"),
    Guard.EXTENSION_PENDING: _pending(RequestKind.EXTENSION, "没有待审的延期申请"),
    Guard.NO_SUSPENSION_PENDING: _not_pending(RequestKind.SUSPENSION, "已有一份挂账申请待审"),
    Guard.SUSPENSION_PENDING: _pending(RequestKind.SUSPENSION, "没有待审的挂账申请"),
    Guard.APPEAL_PENDING: _pending(RequestKind.APPEAL, "没有待审的申诉"),
    Guard.OTHER_THAN_ASKER: _other_than_asker,
    Guard.OTHER_REVIEWER: _other_reviewer,
    Guard.OTHER_PERSON: _other_person,
    Guard.OVERDUE_MARK: _overdue_mark,
    Guard.VERIFICATION_OPEN: lambda case, _a, _p: _illegal(
        case.verification is not Verification.ASKED, "没有待完成的核实任务"
    ),
    Guard.NOT_BEING_VERIFIED: lambda case, _a, _p: _illegal(case.verification is Verification.ASKED, "核实任务已下达"),
    Guard.DUTY_MANAGER: _duty_manager,
    Guard.ROOM_FOR_CO_UNITS: lambda case, _a, _p: _illegal(
        len(case.co_units) >= MOST_CO_UNITS, f"协办单位最多 {MOST_CO_UNITS} 个"
    ),
    Guard.SUPERVISED: lambda case, _a, _p: _illegal(case.supervisions == 0, "案件没有被督办"),
    Guard.CO_UNIT_OPEN: lambda case, asker, _p: _illegal(
        asker.unit_id not in case.open_co_units, "本单位没有待反馈的协办任务"
    ),
    Guard.WITHIN_WINDOW: _within_window,
}


def _reason_if_returned_before(case: Situation, given: Given) -> None:
    if case.is_ping_pong and given.unit_id is None:
        raise Invalid("多次回退的案件须指定主办单位", fields={"unit_id": "请选择主办单位"})
    if case.is_ping_pong and not given.reason:
        raise Invalid("多次回退的案件须说明派遣理由", fields={"reason": "请填写原因"})
    if given.unit_id in case.returned_by and not given.reason:
        raise Invalid("该单位已退回过此案，再派给它须说明原因", fields={"reason": "该单位已退回过此案，请填写原因"})


def _reason_if_co_units_open(case: Situation, given: Given) -> None:
    if case.open_co_units and not given.reason:
        words = f"还有 {len(case.open_co_units)} 个协办单位未反馈，提交核查须说明原因"
        raise Invalid(words, fields={"reason": words})


def _until_within_a_year(case: Situation, given: Given) -> None:
    until = given.until or case.until
    if until is None or until <= case.now:
        raise Invalid("挂账期限须晚于现在", fields={"until": "请选择将来的日期"})
    if until > case.now + LONGEST_SUSPENSION:
        raise Invalid("挂账最长一年", fields={"until": "最长一年"})


def _photo_unless_by_telephone(case: Situation, given: Given) -> None:
    if not case.by_telephone and Fact.PHOTO not in given.facts:
        raise Invalid("请填写处置后照片", fields={"photo": "请填写处置后照片"})


def _look_if_unseen(case: Situation, given: Given) -> None:
    if case.unseen and not given.reason:
        words = "电话反馈没有照片，须到现场核查：请填写核查情况或上传核查照片"
        raise Invalid(words, fields={"reason": words})


_DEMANDS: dict[Demand, Callable[[Situation, Given], None]] = {
    Demand.REASON_IF_RETURNED_BEFORE: _reason_if_returned_before,
    Demand.REASON_IF_CO_UNITS_OPEN: _reason_if_co_units_open,
    Demand.UNTIL_WITHIN_A_YEAR: _until_within_a_year,
    Demand.PHOTO_UNLESS_BY_TELEPHONE: _photo_unless_by_telephone,
    Demand.LOOK_IF_UNSEEN: _look_if_unseen,
}
