"""An agent calls a citizen back: takes a task, hears the answers, and writes down what follows."""

from app import clock
from app.accounts.models import Account
from app.accounts.roles import Principal
from app.cases import service as cases
from app.cases.models import Case
from app.cases.rows import record
from app.cases.schemas import ActionFacts
from app.cases.terms import Action
from app.db import session
from app.errors import Conflict, Invalid
from app.followup import promises
from app.followup.models import WAITING, CallBack, Kind, Task
from app.followup.rows import locked, tell
from app.followup.schemas import CallBackResult
from app.followup.times import CLAIM_LASTS, next_attempt

ANSWERS = {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "很满意"}
NOBODY = "当前没有可拨打的电话号码"


def claim(actor: Principal, task_id: int) -> tuple[CallBack, Case]:
    """The first agent has it; 409 with the winner's name for the others. Again by the same agent changes nothing."""
    task, case = locked(actor, task_id)
    _check_waiting(task)
    if task.claimed_by == actor.id:
        return task, case
    if task.claimed_by is not None and task.claimed_at and task.claimed_at > clock.now() - CLAIM_LASTS:
        holder = session().get_one(Account, task.claimed_by)
        raise Conflict(f"{holder.name}正在回访", winner=holder.name)
    task.state, task.claimed_by, task.claimed_at = Task.CLAIMED, actor.id, clock.now()
    tell(task, case, actor)
    return task, case


def release(actor: Principal, task_id: int) -> tuple[CallBack, Case]:
    task, case = locked(actor, task_id)
    _check_own(task, actor)
    task.state, task.claimed_by, task.claimed_at = Task.OPEN, None, None
    tell(task, case, actor)
    return task, case


def note_call(actor: Principal, task_id: int, call_id: int) -> None:
    """The call in which it is asked; its recording proves the answer."""
    task, case = locked(actor, task_id)
    _check_own(task, actor)
    task.call_id = call_id
    tell(task, case, actor)


def number_to_call(actor: Principal, task_id: int) -> tuple[str, Case]:
    task, case = locked(actor, task_id)
    _check_own(task, actor)
    if not case.reporter_phone:
        raise Conflict(NOBODY)
    return case.reporter_phone, case


def complete(actor: Principal, task_id: int, result: CallBackResult) -> tuple[CallBack, Case]:
    """What was heard goes to the case's history; not reached leads to another attempt, up to three."""
    task, case = locked(actor, task_id)
    _check_own(task, actor)
    _check(task, result)
    task.attempts += 1
    task.contacted, task.remark = result.contacted, result.remark
    task.claimed_by, task.claimed_at = None, None
    words = _reached(task, result, actor) if result.contacted else _missed(task)
    record(actor, case, [("case.called_back", "；".join(part for part in (words, result.remark) if part))])
    tell(task, case, actor)
    if result.promised_until is not None:
        promises.promise(actor, case, result.promised_until)
    if result.reopen:
        cases.take(actor, case, Action.REOPEN, ActionFacts(reason=result.remark or "回访：市民反映问题未解决"))
    return task, case


def _reached(task: CallBack, result: CallBackResult, actor: Principal) -> str:
    task.state, task.done_by, task.done_at = Task.DONE, actor.id, clock.now()
    task.solved, task.satisfied = result.solved, result.satisfied
    said = ["已接通"]
    if result.solved is not None:
        said.append("已解决" if result.solved else "未解决")
    if result.satisfied is not None:
        said.append(f"满意度 {result.satisfied}（{ANSWERS[result.satisfied]}）")
    return "，".join(said)


def _missed(task: CallBack) -> str:
    again = next_attempt(clock.now(), task.attempts)
    if again is None:
        task.state, task.done_at = Task.UNREACHABLE, clock.now()
        return f"未接通（第 {task.attempts} 次），不再回访"
    task.state, task.next_at = Task.OPEN, again
    task.due_at = max(task.due_at, again)
    return f"未接通（第 {task.attempts} 次），{clock.local(again):%m月%d日%H:%M}后再回访"


def _check(task: CallBack, result: CallBackResult) -> None:
    if not result.contacted:
        if result.solved is not None or result.satisfied is not None or result.reopen or result.promised_until:
            raise Invalid("未接通时没有回答可记", fields={"contacted": "未接通"})
        return
    if task.kind == Kind.SURVEY and result.solved is None:
        raise Invalid("请记录问题是否解决", fields={"solved": "请选择"})
    if result.reopen and result.solved is not False:
        raise Invalid("只有未解决的问题才重新办理", fields={"reopen": "问题已解决"})
    if task.kind == Kind.PROMISE and result.promised_until is None and not result.remark:
        raise Invalid("请填写新告知的时间，或说明情况", fields={"promised_until": "请填写"})


def _check_waiting(task: CallBack) -> None:
    if task.state not in WAITING:
        raise Conflict("这个回访任务已结束")


def _check_own(task: CallBack, actor: Principal) -> None:
    _check_waiting(task)
    if task.claimed_by != actor.id or actor.id is None:
        raise Conflict("请先领取这个回访任务")
