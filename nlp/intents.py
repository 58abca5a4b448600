"""What the caller wants, by tables of turns of speech: first table that matches, complaints otherwise."""

import re

from nlp.types import Intent

_EMERGENCY = re.compile(
    r"救命|快死|杀人|砍人|持刀|拿刀|有人晕倒|晕过去|昏迷|没有呼吸|跳楼|跳桥|跳河|轻生|自杀|被困|溺水|淹死|落水了|掉(?:进|到|下)?(?:河|江|井|水|坑)里?了"
    r"|着火了|起火了|失火|爆炸了|发生爆炸|房子塌了|倒塌.{0,4}(?:压|埋)|触电了|电死|被电|中毒|大出血|流(?:了)?好多血|撞(?:到|死|伤)人|抢劫|绑架"
)
_NO_EMERGENCY = re.compile(r"怕|担心|容易|可能|差点|万一|会不会|要是|如果|以免|防止|生怕|恐|隐患|去年|上次|曾")
_PRANK = re.compile(
    r"你是(?:男|女|机器|人)|唱首歌|唱个歌|陪我聊|做我女朋友|美女|小姐姐|哈哈哈|打错了|按错了|随便打|测试一下|无聊|神经病|傻"
)
_STATUS = re.compile(
    r"查(?:询|一下|下)?.{0,8}(?:进度|结果|单号|编号|工单|处理情况|到哪)|(?:进度|结果|处理情况).{0,6}(?:怎么样|如何|到哪|出来|了吗|呢)"
    r"|(?:投诉|反映|上报).{0,10}(?:怎么样了|处理了吗|有结果|到哪一步|什么进展)|到哪一步|处理得怎么样|^查询"
)
_URGE = re.compile(
    r"催|(?:反映|投诉|打|说|报|讲)(?:过|了)?(?:好)?(?:几|多|两|三|四|五|第.|无数|好多|很多)(?:次|遍|回)|多次(?:反映|投诉|致电|举报|拨打)"
    r"|第[二三四五六七八九十]次|再次(?:反映|投诉|请求|举报)|(?:上次|之前|前几天|上周|上个月).{0,10}(?:还没|仍|依然|没有(?:处理|解决|人来))|到现在(?:还|都)没"
)
_PRAISE = re.compile(
    r"表扬|点赞|(?:感谢|谢谢)你们|锦旗|态度(?:真|很|非常|特别)好|服务(?:真|很|非常)好|做得(?:真|很)好|值得肯定"
)
_REPORT = re.compile(r"举报|检举|揭发|无证|违法|非法|偷排|偷倒|偷埋|私自|擅自")
_CONSULT = re.compile(
    r"咨询|请问|想问|问一下|问下|了解一下|怎么办理|如何办理|怎么申请|如何申请|需要什么(?:材料|手续)|在哪(?:里|儿)?(?:办|交|领|查|打)|多少钱|什么时候(?:开|能|可以|才|通)"
    r"|能不能办|有没有规定|是否(?:可以|合法|允许|需要)|电话(?:是)?多少|怎么(?:交|补|查|算|领)"
)
_HELP = re.compile(r"求助|帮帮|帮忙|求求|救助|请求帮助|联系不上|挪车|挪一下|打不开门|走丢|迷路|走失|请求(?:支援|派人)")
_SUGGESTION = re.compile(
    r"建议|呼吁|提个意见|(?:希望|最好)(?:能|可以)?(?:增|加|设|装|建|开|多)|(?:能否|可不可以)(?:增|加|设|装|建)"
)
_BAD = re.compile(r"坏|破|堵|乱|脏|臭|吵|没人管|扰民|严重|投诉|倒了|丢了|不亮|噪")

_TABLES: tuple[tuple[re.Pattern[str], Intent], ...] = (
    (_STATUS, Intent.STATUS_QUERY),
    (_URGE, Intent.URGE),
    (_PRAISE, Intent.PRAISE),
)
_LATER: tuple[tuple[re.Pattern[str], Intent], ...] = (
    (_HELP, Intent.HELP),
    (_SUGGESTION, Intent.SUGGESTION),
    (_REPORT, Intent.REPORT),
)


def find_intent(plain: str, in_scope: float) -> Intent:
    """Intent of a normalised text; `in_scope` decides between silence or nonsense and a terse complaint."""
    if _is_emergency(plain):
        return Intent.EMERGENCY
    for pattern, intent in _TABLES:
        if pattern.search(plain):
            return intent
    if _CONSULT.search(plain) and not _BAD.search(plain):
        return Intent.CONSULT
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


def _is_prank(plain: str) -> bool:
    speech = re.sub(r"[\W_]|喂|你好|嗯|啊|呃|哦|哎|那个", "", plain)
    return len(speech) < 2 or bool(_PRANK.search(plain))
