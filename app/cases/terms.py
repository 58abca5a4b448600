"""The words of a case's life (docs/glossary.md): states, actions, facts and what people read for them. Pure."""

from enum import StrEnum


class State(StrEnum):
    REPORTED = "reported"
    VERIFYING = "verifying"
    REJECTING = "rejecting"
    REJECTED = "rejected"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    CHECKING = "checking"
    CONFIRMING = "confirming"
    CLOSED = "closed"
    VOID = "void"


LABELS = {
    State.REPORTED: "待受理",
    State.VERIFYING: "待核实",
    State.REJECTING: "待不予立案确认",
    State.REJECTED: "不予立案",
    State.FILED: "待派遣",
    State.DISPATCHED: "待接单",
    State.HANDLING: "处置中",
    State.SUSPENDED: "挂账",
    State.CHECKING: "待核查",
    State.CONFIRMING: "待结案确认",
    State.CLOSED: "已结案",
    State.VOID: "已作废",
}

ENDED = frozenset({State.CLOSED, State.REJECTED, State.VOID})
OPEN = frozenset(State) - ENDED
# Where the unit's clock runs.
AT_THE_UNIT = frozenset({State.DISPATCHED, State.HANDLING})
FED_BACK = frozenset({State.CHECKING, State.CONFIRMING, State.CLOSED})


class Action(StrEnum):
    FILE = "file"
    ASK_VERIFICATION = "ask_verification"
    CONFIRM_EXISTS = "confirm_exists"
    DENY_EXISTS = "deny_exists"
    REJECT = "reject"
    CONFIRM_REJECTION = "confirm_rejection"
    OVERRULE_REJECTION = "overrule_rejection"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    HAND_TO_CREW = "hand_to_crew"
    FEED_BACK = "feed_back"
    RETURN = "return"
    ASK_EXTENSION = "ask_extension"
    ASK_SUSPENSION = "ask_suspension"
    CO_FEED_BACK = "co_feed_back"
    ADD_CO_UNIT = "add_co_unit"
    REASSIGN = "reassign"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    GRANT_SUSPENSION = "grant_suspension"
    REFUSE_SUSPENSION = "refuse_suspension"
    RESUME = "resume"
    PASS_CHECK = "pass_check"
    FAIL_CHECK = "fail_check"
    CONFIRM_CLOSING = "confirm_closing"
    OVERRULE_CLOSING = "overrule_closing"
    REOPEN = "reopen"
    APPEAL = "appeal"
    UPHOLD_APPEAL = "uphold_appeal"
    DISMISS_APPEAL = "dismiss_appeal"
    SUPERVISE = "supervise"
    REPLY_SUPERVISION = "reply_supervision"
    FORCE_CLOSE = "force_close"
    VOID = "void"
    URGE = "urge"
    EDIT = "edit"
    RATE = "rate"


ACTION_LABELS = {
    Action.FILE: "立案",
    Action.ASK_VERIFICATION: "要求核实",
    Action.CONFIRM_EXISTS: "核实属实",
    Action.DENY_EXISTS: "核实不属实",
    Action.REJECT: "不予立案",
    Action.CONFIRM_REJECTION: "确认不予立案",
    Action.OVERRULE_REJECTION: "退回受理，应予立案",
    Action.DISPATCH: "派遣",
    Action.ACCEPT: "接单",
    Action.HAND_TO_CREW: "交班组处置",
    Action.FEED_BACK: "处置完成，提交核查",
    Action.RETURN: "回退",
    Action.ASK_EXTENSION: "申请延期",
    Action.ASK_SUSPENSION: "申请挂账",
    Action.CO_FEED_BACK: "协办反馈",
    Action.ADD_CO_UNIT: "增派协办单位",
    Action.REASSIGN: "改派",
    Action.GRANT_EXTENSION: "同意延期",
    Action.REFUSE_EXTENSION: "不同意延期",
    Action.GRANT_SUSPENSION: "同意挂账",
    Action.REFUSE_SUSPENSION: "不同意挂账",
    Action.RESUME: "恢复处置",
    Action.PASS_CHECK: "核查通过，结案",
    Action.FAIL_CHECK: "核查不通过，返工",
    Action.CONFIRM_CLOSING: "确认结案",
    Action.OVERRULE_CLOSING: "不同意结案，返工",
    Action.REOPEN: "重新办理",
    Action.APPEAL: "申诉超期",
    Action.UPHOLD_APPEAL: "申诉成立",
    Action.DISMISS_APPEAL: "驳回申诉",
    Action.SUPERVISE: "督办",
    Action.REPLY_SUPERVISION: "答复督办",
    Action.FORCE_CLOSE: "强制结案",
    Action.VOID: "作废",
    Action.URGE: "催办",
    Action.EDIT: "补正",
    Action.RATE: "评价",
}


class Fact(StrEnum):
    """What an action cannot do without, or takes besides. The value is the field of the request."""

    CLASS = "class_code"
    CONDITION = "condition_no"
    PLACE = "place"
    REASON = "reason"
    RESULT = "result"
    PHOTO = "photo"
    UNIT = "unit_id"
    CO_UNITS = "co_unit_ids"
    SUGGESTED = "suggested_unit_id"
    UNTIL = "until"
    CREW = "crew"
    RATING = "rating"


FACT_LABELS = {
    Fact.CLASS: "类别",
    Fact.CONDITION: "立案条件",
    Fact.PLACE: "事发地点",
    Fact.REASON: "原因",
    Fact.RESULT: "处置说明",
    Fact.PHOTO: "处置后照片",
    Fact.UNIT: "处置单位",
    Fact.CO_UNITS: "协办单位",
    Fact.SUGGESTED: "建议的处置单位",
    Fact.UNTIL: "挂账至",
    Fact.CREW: "班组",
    Fact.RATING: "1 至 5 的评分",
}

# How a form asks for it.
FACT_KINDS = {
    Fact.CLASS: "class",
    Fact.CONDITION: "condition",
    Fact.PLACE: "place",
    Fact.REASON: "text",
    Fact.RESULT: "text",
    Fact.PHOTO: "photo",
    Fact.UNIT: "unit",
    Fact.CO_UNITS: "units",
    Fact.SUGGESTED: "unit",
    Fact.UNTIL: "date",
    Fact.CREW: "line",
    Fact.RATING: "rating",
}

EVENT_LABELS = {
    "case.opened": "受理建单",
    "case.filed": "立案",
    "case.verification_asked": "要求核实",
    "case.verified": "核实属实",
    "case.denied": "核实不属实",
    "case.rejection_proposed": "拟不予立案",
    "case.rejected": "不予立案",
    "case.rejection_overruled": "退回受理，应予立案",
    "case.dispatched": "派遣",
    "case.accepted": "接单",
    "case.handed_to_crew": "交班组处置",
    "case.fed_back": "处置反馈",
    "case.returned": "回退",
    "case.extension_asked": "申请延期",
    "case.extension_granted": "同意延期",
    "case.extension_refused": "不同意延期",
    "case.suspension_asked": "申请挂账",
    "case.suspended": "挂账",
    "case.suspension_refused": "不同意挂账",
    "case.resumed": "恢复处置",
    "case.co_unit_added": "增派协办单位",
    "case.co_fed_back": "协办反馈",
    "case.reassigned": "改派",
    "case.checked": "核查通过，待结案确认",
    "case.check_failed": "核查不通过，返工",
    "case.closed": "核查结案",
    "case.closing_overruled": "不同意结案，返工",
    "case.reopened": "重新办理",
    "case.appealed": "申诉超期",
    "case.appeal_reviewed": "申诉初审成立",
    "case.appeal_upheld": "申诉成立",
    "case.appeal_dismissed": "驳回申诉",
    "case.supervised": "督办",
    "case.supervision_replied": "答复督办",
    "case.forced_closed": "强制结案",
    "case.voided": "作废",
    "case.urged": "催办",
    "case.edited": "补正",
    "case.deadline_moved": "日历调整，时限重算",
    "case.rated": "评价",
    "case.joined": "又有市民反映",
    "case.joined_incident": "归入集中事件",
    "case.promised": "告知市民办结时间",
    "case.called_back": "回访",
    "case.repeated": "来电人再次反映",
    "case.messaged": "发短信给来电人",
    "case.written_to": "来电人来信",
    "case.photographed": "上传照片",
    "case.photo_taken_back": "撤回照片",
    "case.photo_hidden": "隐藏照片",
    "case.phoned": "电话通知",
    "case.phone_unanswered": "电话未接通",
    "case.merged": "并入同一问题",
    "case.ticket_undelivered": "短信未送达",
    "case.centre_asked": "请求回电",
}


class RequestKind(StrEnum):
    """What a unit asks the dispatcher to decide."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    APPEAL = "appeal"


REQUEST_LABELS = {RequestKind.EXTENSION: "延期", RequestKind.SUSPENSION: "挂账", RequestKind.APPEAL: "申诉"}


class RequestState(StrEnum):
    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    LAPSED = "lapsed"  # the case left the unit before anybody decided


class UnitRole(StrEnum):
    MAIN = "main"
    CO = "co"


class UnitState(StrEnum):
    """Where a co-unit's part stands, or why a former main unit has the case no longer."""

    DISPATCHED = "dispatched"
    FED_BACK = "fed_back"
    RETURNED = "returned"
    REASSIGNED = "reassigned"


class Verification(StrEnum):
    """Does the reported thing exist? "" where nobody was asked."""

    NONE = ""
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DENIED = "denied"
