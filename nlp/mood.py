"""How the caller feels, by what is said: the agent takes an angry caller differently, and a supervisor listens in."""

import re

from nlp.types import Intent, Mood
from nlp.wording import any_of

_ANGRY = re.compile(
    any_of(
        """
        他妈 妈的 混蛋 王八 不要脸 狗屁 放屁 气死 气炸 火大 愤怒 忍无可忍 受够 太过分 欺人太甚 什么态度 不作为
        吃干饭 骗子 忽悠 推来推去 踢皮球 互相推诿 推卸责任 还有没有(?:王法|天理|人管) 有没有人管
        到底(?:管不管|有没有人|谁来|什么时候|要拖|想怎么) 投诉你们 曝光 找媒体 找记者 上访 信访 告你们 凭什么
        强烈(?:要求|谴责|抗议|不满) [!！]{2,} 你们领导 自己来(?:住|看|试|闻) 垃圾(?:单位|部门|物业|服务|公司)
        (?:可真|真是|你们真)(?:行|会|好|快|负责)啊 呵呵 好一个 真有你们的 骂人了 有完没完 要疯了 干什么吃的 打官腔
        再不[^，。,]{0,8}就 给个说法吧
        """
    )
)
_UPSET = re.compile(
    any_of(
        """
        没人(?:管|理|来|修|收|清|扫) 一直(?:没|不(?!停)) 还(?:是)?没(?:有)?(?:人|修|处理|解决|动静) 动静都没
        又(?:来了|坏了?|堵了?|满了|这样) 烦死 吵死 臭死 脏死 受不了 忍不了 太(?:吵|臭|脏|乱|差|慢|不像话) 不像话
        不满 失望 无语 没法(?:睡|住|过|走|活|写|休息|生活|开窗|呼吸) 睡不(?:着|好) 多次(?:反映|投诉)
        第[三四五六七八九十]次 (?:打|反映|投诉|说|讲)了?(?:好多|无数|好几|多少|[三四五六七八九十]+)(?:次|遍|回)
        天天(?:这样|都|打电话) 苦不堪言 影响(?:很大|极大|恶劣) 严重影响 怎么(?:还|又|老是|总是) 难道 臭得 吵得 还骂
        骂我 要命 窗户都不敢 等了[^，。,]{1,5}(?:也|都|还)没 (?:都|还)没(?:人来|见人|处理|解决|修好?|弄好|清理?)
        老样子 人呢 没人(?:赔|接) 也不(?:查|管|理) 还没到 关着窗 打人 神经衰弱 给个说法 没几天又
        """
    )
)
_WORRIED = re.compile(
    any_of(
        """
        担心 害怕 很怕 怕[^，。,]{0,8}?(?:掉|摔|砸|倒|塌|受伤|出事|触电|小孩|孩子|老人) 吓(?:死|人|得) 差点 危险
        不放心 着急 急死 心慌 万一 出人命 要出事 救命 快来 快点(?:来|派) 赶快来 求求 帮帮我 安全隐患 怎么办啊
        快(?:要)?(?:掉|倒|塌|断)(?:下来)?了 走丢 走失 提心吊胆 要倒了? 底下就是 吓人 怀疑[^，。,]{0,6}漏 喘不过气
        拜托快 快(?:要)?碰到 一吹就晃 心脏不好
        """
    )
)
_PLEASED = re.compile(
    any_of(
        """
        (?<!要)表扬 点个?赞 很有耐心 感谢 太好了 (?:态度|服务|做得|效率|办事)(?:真|很|非常)(?:好|快|高)
        很(?:满意|负责|及时) 非常(?:满意|负责|及时) 锦旗 辛苦你们 谢谢你们 值得肯定
        """
    )
)
_BUT = re.compile(r"不过|但是?|可是|然而|只是")
_DENIED = re.compile(r"(?:不是|没有?|并不|不会|别)[^，。,]{0,2}$|不$")

_REASONS = {
    Mood.ANGRY: "言辞激烈",
    Mood.UPSET: "表示不满",
    Mood.WORRIED: "表示担忧",
    Mood.PLEASED: "表示感谢",
}
_PATTERNS = {Mood.ANGRY: _ANGRY, Mood.UPSET: _UPSET, Mood.WORRIED: _WORRIED, Mood.PLEASED: _PLEASED}


def find_mood(plain: str, intent: Intent) -> tuple[Mood, str]:
    """The mood and its reason in Chinese, quoting the words that told it; "" when calm."""
    for mood in _order(plain, intent):
        words = _said(_PATTERNS[mood], plain)
        if words:
            return mood, f"{_REASONS[mood]}：“{words}”"
    return Mood.CALM, ""


def _order(plain: str, intent: Intent) -> tuple[Mood, ...]:
    """Anger outweighs everything; thanks with a "but" are a way to begin; in an emergency fear comes first."""
    if intent is Intent.PRAISE:
        return (Mood.ANGRY, Mood.PLEASED)
    if intent in (Intent.PRANK, Intent.CONSULT):
        return (Mood.ANGRY,)
    if intent is Intent.EMERGENCY:
        return (Mood.WORRIED,)
    pleased = () if _BUT.search(plain) else (Mood.PLEASED,)
    return (Mood.ANGRY, Mood.UPSET, Mood.WORRIED, *pleased)


def _said(pattern: re.Pattern[str], plain: str) -> str:
    for found in pattern.finditer(plain):
        if not _DENIED.search(plain, max(0, found.start() - 5), found.start()):
            return found.group()
    return ""
