"""What the caller wants, by tables of turns of speech: first table that matches, complaints otherwise."""

import re
from collections.abc import Callable

from nlp.types import Intent

_EMERGENCY = re.compile(
    r"救命|快死|杀人|砍人|持刀|(?:拿|举|挥|拎)着?刀|(?:摔|跌|晕|昏)倒.{0,10}(?:起不来|不动|没反应|不省人事)|(?:河|江|湖|水)里.{0,2}(?:漂|有)(?:着|个|一个)+人|有人晕倒|晕过去|昏迷|没有呼吸|跳楼|从(?:桥|楼)上跳|(?:要|想)(?:往下)?跳(?!绳|舞|广场)(?:下|河|江|楼)?|躺在(?:马?路|地)(?:中间|上)|跳桥|跳河|轻生|自杀|被困|溺水|淹死|落水了|掉(?:进|到|下)?(?:河|江|井|水|坑)里?了"
    r"|着火了|起火了|失火|爆炸了|发生爆炸|房子塌了|(?:倒塌|塌了?).{0,4}(?:压|埋)|压(?:到|住)人|有人触电|触电了|[煤燃]气.{0,16}(?:头晕|晕倒|恶心)|电死|(?<![狗猫鸡鸟])被电(?!瓶|动)|中毒|大出血|流(?:了)?好多血|撞(?:到|死|伤)人|抢劫|绑架"
)
_NO_EMERGENCY = re.compile(r"怕|担心|容易|可能|差点|万一|会不会|要是|如果|以免|防止|生怕|恐|隐患|去年|上次|曾")
_PRANK = re.compile(
    r"你是(?:男|女|机器|人)|唱首歌|唱个歌|陪我聊|做我女朋友|美女|小姐姐|哈哈哈|打错了|按错了|听得?见(?:吗|了)|随便打|测试一下|无聊|神经病|傻"
)
_STATUS = re.compile(
    r"查(?:询|一下|下)?.{0,8}(?:进度|结果|单号|编号|工单|处理情况|到哪)|(?:进度|结果|处理情况).{0,6}(?:怎么样|如何|到哪|出来|了吗|呢)"
    r"|(?:投诉|反映|上报).{0,10}(?:怎么样了|处理了吗|有结果|到哪一步|什么进展)|到哪一步|还要(?:等)?多久|(?:办|处理|进行)到哪|谁在(?:办|处理|跟)|处理得怎么样|^查询"
)
_URGE = re.compile(
    r"催|(?:反映|投诉|打|说|报|讲)(?:过|了)?(?:好)?(?:几|多|[两三四五六七八九十]+|第.|无数|好多|很多)(?:次|遍|回)|多次(?:反映|投诉|致电|举报|拨打)"
    r"|第[二三四五六七八九十]次|再次(?:反映|投诉|请求|举报)|(?:上次|之前|前几天|上周|上个月).{0,10}(?:还没|仍|依然|没有(?:处理|解决|人来))|到现在(?:还|都)没"
    r"|(?:之前|上次|前几天|上周|上个月)(?:反映|投诉|上报|报修)的.{0,12}(?:没|又|还|怎么)|(?:天天|每天|一直)打电话|等了.{1,5}(?:也|都|还)没|(?:反映|投诉|报修|说)了?.{0,2}(?:天|周|星期|个?月|年)了|老样子|(?:昨天|今天|上午|早上|前天|刚才).{0,3}(?:打|报|说)的.{0,10}(?:没到|没来|什么时候|没人)|答应.{0,14}(?:人呢|没|呢)|给个说法"
    r"|(?:昨天|前天|上周|上个?月|上个?礼拜|上个?星期).{0,3}(?:报|说|打|反映|投诉).{0,14}(?:没|又坏|还是)"
)
_PRAISE = re.compile(
    r"表扬|点个?赞|夸夸?你们|(?:非常|很|十分)满意|很有耐心|处理得.{0,4}(?:及时|好|快)|(?:感谢|谢谢)你们|锦旗|态度(?:真|很|非常|特别)好|服务(?:真|很|非常)好|做得(?:真|很)好|值得肯定"
)
_REPORT = re.compile(r"举报|检举|揭发|无证|违法|非法|偷偷.{0,4}(?:排|倒|埋)|偷(?:排|倒|埋)|私自|擅自")
_CONSULT = re.compile(
    r"咨询|请问|想了解|(?:去|到)哪里?(?:办|交|领|打)|标准是|想问|问一下|问下|了解一下|怎么办理|如何办理|怎么申请|如何申请|(?:需)?要(?:带)?什么(?:材料|手续|证件)?$|需要什么|在哪(?:里|儿)?(?:办|交|领|查|打)|多少钱|什么时候(?:开|能|可以|才|通)"
    r"|能不能办|有没有规定|是否(?:可以|合法|允许|需要)|电话(?:是)?多少|几点(?:上班|下班|开门|关门)|上不上班|营业时间|归(?:谁|哪里|你们)管|怎么(?:交|补|查|算|领)"
)
_HELP = re.compile(
    r"求助|帮帮|请帮我|帮我(?:打|找|联系|叫)|能帮忙|找不到(?:妈妈|爸爸|家人|家长|孩子|回家)|(?<!上次)(?<!你们)帮忙|求求|救助|请求帮助|联系不上|挪车|挪一下|打不开门|走丢|迷路|走失|请求(?:支援|派人)"
)
_SUGGESTION = re.compile(
    r"建议|呼吁|提个?意见|(?:希望|最好|能否|能不能|可不可以|可否)[^，。,]{0,12}?(?:增|加(?!重|大|快|班)|装|设(?!施|备)|新建|多放|开通|延长|缩短|改成)"
)
_BAD = re.compile(r"坏|破|堵|乱|脏|臭|吵|没人管|扰民|严重|投诉|倒了|丢了|不亮|噪|满了|漏|塌|不见了|没了|占着|挡住")
_BUT = re.compile(r"(?:不过|但是?|可是|就是)[^。]*")


def find_intent(plain: str, in_scope: float) -> Intent:
    """Intent of a normalised text; `in_scope` decides between silence or nonsense and a terse complaint."""
    for is_meant, intent in _ORDER:
        if is_meant(plain):
            return intent
    if in_scope < 0.5 and _is_prank(plain):
        return Intent.PRANK
    for pattern, intent in _LATER:
        if pattern.search(plain):
            return intent
    return Intent.COMPLAINT


def _is_emergency(plain: str) -> bool:
    """Happening now, not feared: the clause it stands in must not say 怕, 差点, 去年 …"""
    for found in _EMERGENCY.finditer(plain):
        clause = re.split(r"[,，。;；!！?？\s]", plain[: found.end()])[-1]
        if not _NO_EMERGENCY.search(clause):
            return True
    return False


def _is_praise(plain: str) -> bool:
    """Thanks are also a way to begin: 感谢你们上次帮忙，不过路灯又坏了."""
    but = _BUT.search(plain)
    return bool(_PRAISE.search(plain)) and not (but and _BAD.search(but.group()))


def _is_question(plain: str) -> bool:
    return bool(_CONSULT.search(plain)) and not _BAD.search(plain)


def _is_prank(plain: str) -> bool:
    speech = re.sub(r"[\W_]|喂|你好|嗯|啊|呃|哦|哎|那个", "", plain)
    return len(speech) < 2 or bool(_PRANK.search(plain))


_ORDER: tuple[tuple[Callable[[str], object], Intent], ...] = (
    (_is_emergency, Intent.EMERGENCY),
    (_STATUS.search, Intent.STATUS_QUERY),
    (_URGE.search, Intent.URGE),
    (_is_praise, Intent.PRAISE),
    (_is_question, Intent.CONSULT),
)
_LATER: tuple[tuple[re.Pattern[str], Intent], ...] = (
    (_HELP, Intent.HELP),
    (_SUGGESTION, Intent.SUGGESTION),
    (_REPORT, Intent.REPORT),
)
