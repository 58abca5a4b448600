"""Everything a duty officer hears from the system. Nothing about a case before the PIN, never a word about a caller."""

from datetime import datetime

DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))

HELLO = "您好，这里是宁波城管热线{number}，{unit}有{count}件案件待处理。"
HELLO_YOURSELF = "您好，{unit}有{count}件案件在办。"
OFFER = "您好，{unit}。办理本单位案件请按一，其他事项请稍候。"
BUSY_HERE = "本单位正在另一个电话中办理案件，请稍后再拨。再见。"
ASK_PIN = "请输入本单位的密码，按井号键结束。"
WRONG_PIN = "密码不正确。"
LOCKED = "密码连续输错，这部电话已锁定{minutes}分钟，指挥中心已收到通知。再见。"
LOCKED_BEFORE = "密码多次输错，这部电话暂时锁定，请稍后再试。急事请拨{number}。再见。"
NO_PIN_SET = "本单位没有设置密码，不能电话办理，请联系{number}。再见。"

ONE_OF_ONE = "案件尾号{tail}。"
ONE_OF_MANY = "第{place}件，共{count}件，案件尾号{tail}。"
MATTER = "{what}{name}，{condition}。地点：{place}。"
WHAT_TO_DO = "处置要求：{closing}。"
UNTIL = "请在{until}前处置。"
LATE = "处置期限{until}已过，请立即处置。"
AGAIN = "核查未通过，请重新处置："
CO = "请协办："
URGED = "已被催办{times}次。"

ACCEPT, RETURN, REPORT, CO_REPORT = "接单请按一。", "退回请按二。", "已办结请按三。", "协办完成请按三。"
NEXT, REPEAT, CENTRE = "下一件请按八。", "重听请按九。", "找指挥中心请按零。"
NO_SUCH_KEY = "没有这个选项。"
NOTHING_PRESSED = "没有收到您的按键。"

REASONS = {"1": "不属于本单位职责", "2": "不在本单位管辖范围", "3": "地点或情况不清，无法处置"}
ASK_REASON = (
    "退回原因：不属于本单位职责请按一，不在管辖范围请按二，地点或情况不清请按三，其他原因请按四留言，返回请按星号键。"
)
OTHER_REASON = "4"
SPEAK_RESULT = "请在提示音后说明处置情况，说完按井号键。"
SPEAK_REASON = "请在提示音后说明退回原因，说完按井号键。"
NOTHING_SAID = "没有听到您的留言。"
CONFIRM_RESULT = "已录音{seconds}秒。提交办结请按一，重新录音请按二，放弃请按星号键。"
CONFIRM_REASON = "已录音{seconds}秒。确认退回请按一，重新录音请按二，放弃请按星号键。"

ACCEPTED = "已接单。"
RETURNED = "已退回指挥中心。"
REPORTED = "已提交核查，没有照片的案件将由监督员到现场核查。"
CO_REPORTED = "协办反馈已提交。"
REFUSED = "未能办理：{why}。"
GONE = "这件案件已不在本单位。"
CENTRE_TOLD = "已请指挥中心给您回电，急事请拨{number}。"
NOTHING_LEFT = "没有待处理的案件了。再见。"
GOODBYE = "感谢您，再见。"
TROUBLE = "系统正在恢复，稍后再给您来电。再见。"

# What the history keeps of it.
BY_TELEPHONE = "电话反馈"
RETURNED_BY_TELEPHONE = "其他原因（电话录音）"
CO_UNITS_OPEN = "主办单位电话反馈"


def spell(number: str) -> str:
    """ "96310" -> 九六三一零: read out as one number it would be ninety-six thousand."""
    return "".join(DIGITS.get(digit, "") for digit in number)


def moment(local: datetime) -> str:
    """A deadline as one says it: 11月24日20点."""
    minute = f"{local.minute}分" if local.minute else ""
    return f"{local.month}月{local.day}日{local.hour}点{minute}"


def minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))
