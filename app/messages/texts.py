"""What the hotline writes to citizens. Short: a Chinese message of more than 70 characters costs a second segment."""

from collections.abc import Sequence

from app import clock
from app.cases.models import Case
from app.cases.terms import ACTION_LABELS, LABELS, Action, State
from app.config import Settings
from app.letterhead import SIGN, number


def dispatched(case: Case, settings: Settings) -> str:
    until = f"，预计{clock.local(case.due_at):%m月%d日%H:%M}前处置" if case.due_at else ""
    opening = f"{SIGN}您反映的“{case.class_name}”已受理，编号{case.number}"
    return f"{opening}，由{case.unit_name}处置{until}。{_link(case, settings)}"


def closed(case: Case, settings: Settings) -> str:
    rate = "请回复1-5评价：5很满意 4满意 3一般 2较差 1很差。"
    return f"{_about(case)}已办结。{rate}{_link(case, settings)}"


def closed_for_others(case: Case) -> str:
    """To a further reporter: neither the rating nor the case's own page is theirs."""
    return f"{_about(case)}已处置完毕并结案，感谢您的反映。如问题仍在请致电{number()}。"


def ended_by_decision(case: Case) -> str:
    """强制结案: nobody says that it is fixed, and nobody asks for a rating."""
    return f"{_about(case)}已由管理中心决定结案。如有疑问或问题仍在，请致电{number()}。"


def merged(how_far: str) -> str:
    return f"{SIGN}您来信反映的情况我们已知晓：{how_far}办结后将短信告知您。"


def reopened(case: Case, settings: Settings) -> str:
    until = f"，{clock.local(case.due_at):%m月%d日%H:%M}前再次处置" if case.due_at else ""
    return f"{_about(case)}已重新交办{case.unit_name}{until}。{_link(case, settings)}"


def rejected(case: Case, settings: Settings) -> str:
    opening = f"{SIGN}您反映的问题（{case.number}）经核实不符合立案条件"
    return f"{opening}，未予立案。如有疑问请致电{number()}。{_link(case, settings)}"


def in_thread(case: Case, text: str) -> str:
    return f"{thread_opening(case)}{text}"


def thread_opening(case: Case) -> str:
    """What stands before an agent's own words, so that the citizen knows who writes about what."""
    return f"{SIGN}关于您反映的{case.number}："


def received(case: Case) -> str:
    return (
        f"{SIGN}已收到您反映的问题，编号{case.number}，坐席正在核对，处置单位确定后再告知您。危及生命请拨110/119/120。"
    )


def status(case: Case) -> str:
    label = LABELS[State(case.state)]
    unit = f"，承办单位{case.unit_name}" if case.unit_name else ""
    until = f"，时限{clock.local(case.due_at):%m月%d日%H:%M}" if case.due_at and case.closed_at is None else ""
    return f"{SIGN}{case.number}“{case.class_name or '待分类'}”当前状态：{label}{unit}{until}。"


URGED = f"{SIGN}已为您催办{{number}}，承办单位已收到提醒。"
RATED = f"{SIGN}感谢您的评价（{{rating}}分），我们会继续改进。"
TOO_EARLY = f"{SIGN}您反映的{{number}}还在办理，办结后会请您评价。"
STOPPED = f"{SIGN}您已退订，不再收到短信。回复“开通”可恢复。"
STARTED = f"{SIGN}您已恢复接收短信。"


def not_yours() -> str:
    return f"{SIGN}未查到本号码登记的这一编号。请用登记的手机号查询，或致电{number()}。"


def no_case() -> str:
    return f"{SIGN}本号码没有登记中的问题。直接回复问题和地点即可反映，或致电{number()}。"


def urge_ended(case: Case) -> str:
    return f"{SIGN}{case.number}已办结，如问题仍在请致电{number()}。"


def heard_in_thread(case: Case) -> str:
    return f"{SIGN}您对{case.number}的答复已转经办人员。反映其他问题请写明地点和情况，紧急请致电{number()}。"


def how_it_works() -> str:
    steps = "直接发送问题和地点即可反映；“查询 编号”查进度；“催办 编号”催办；“退订”不再接收"
    return f"{SIGN}{steps}。紧急请致电{number()}。"


def ticket(code: int, case: Case, link: str) -> str:
    """To a unit that works by SMS; never a word about the caller."""
    until = f"，{clock.local(case.due_at):%m月%d日%H:%M}前处置" if case.due_at else ""
    return f"{SIGN}工单{code}：{case.class_name}，{case.address}{until}。{_how(code, link)}"


def ticket_again(code: int, case: Case, link: str) -> str:
    return f"{SIGN}工单{code}（{case.class_name}，{case.address}）核查未通过，请重新处置。{_how(code, link)}"


def ticket_urged(code: int, case: Case, _link: str) -> str:
    return f"{SIGN}工单{code}（{case.class_name}，{case.address}）已被催办或督办，请尽快处置。"


def ticket_decided(code: int, case: Case, _link: str) -> str:
    until = f"{clock.local(case.due_at):%m月%d日%H:%M}" if case.due_at else "—"
    return f"{SIGN}工单{code}的延期申请已有结果，处置期限为{until}。"


def ticket_needs_photo(code: int, link: str) -> str:
    return f"{SIGN}工单{code}还没有处置后照片，请先上传：{link} ，再回复“{code} 3 处置说明”。"


def ticket_done(code: int, action: Action) -> str:
    return f"{SIGN}工单{code}已{ACTION_LABELS[action]}。"


def ticket_taken_away(code: int, case: Case) -> str:
    return f"{SIGN}工单{code}（{case.class_name}，{case.address}）已改派或撤销，无须再处置。"


def ticket_which(codes: Sequence[int]) -> str:
    some = "、".join(map(str, codes[:5])) + ("等" if len(codes) > 5 else "")
    return f"{SIGN}您有{len(codes)}张工单在办（{some}），请在前面写上工单号，如“{codes[0]} 1”。"


def ticket_unknown(code: int) -> str:
    return f"{SIGN}本号码没有工单{code}，请核对工单号。"


def ticket_refused(code: int, why: str) -> str:
    return f"{SIGN}工单{code}未能办理：{why.rstrip('。')}。"


def _about(case: Case) -> str:
    return f"{SIGN}您反映的“{case.class_name}”（{case.number}）"


def _how(code: int, link: str) -> str:
    photos = f"照片：{link}" if link else ""
    return f"回复“{code} 1”接单，“{code} 2 原因”退回，“{code} 3 说明”办结。{photos}"


def _link(case: Case, settings: Settings) -> str:
    return f"进度：{settings.public_base_url}/c/{case.link_token}" if settings.sms_links else "回复“查询”看进度。"
