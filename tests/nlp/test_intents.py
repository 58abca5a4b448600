import pytest

from nlp.types import Classifier, Intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("小区门口路灯坏了没人修", Intent.COMPLAINT),
        ("投诉楼下饭店油烟扰民", Intent.COMPLAINT),
        ("举报有人半夜偷倒渣土", Intent.REPORT),
        ("有人私自搭建阳光房", Intent.REPORT),
        ("有车堵住我家车库，麻烦联系车主挪车", Intent.HELP),
        ("请问停车场收费标准是多少", Intent.CONSULT),
        ("想问一下公积金怎么提取", Intent.CONSULT),
        ("建议在学校门口装个红绿灯", Intent.SUGGESTION),
        ("希望能增加几个垃圾桶", Intent.SUGGESTION),
        ("表扬一下你们，井盖修得真快", Intent.PRAISE),
        ("第三次反映了，路灯还是不亮", Intent.URGE),
        ("上次说的井盖到现在还没人来修", Intent.URGE),
        ("麻烦催一下我昨天的单子", Intent.URGE),
        ("查询NB261124-00001", Intent.STATUS_QUERY),
        ("我的投诉处理得怎么样了", Intent.STATUS_QUERY),
        ("快来人有人掉河里了", Intent.EMERGENCY),
        ("兴宁路这边着火了", Intent.EMERGENCY),
        ("有人触电了", Intent.EMERGENCY),
        ("喂", Intent.PRANK),
        ("你会唱首歌吗哈哈哈", Intent.PRANK),
        ("打错了不好意思", Intent.PRANK),
    ],
)
def test_what_the_caller_wants(classifier: Classifier, text: str, intent: Intent) -> None:
    assert classifier.understand(text).intent is intent


@pytest.mark.parametrize(
    "text", ["消防通道堵了，万一着火了怎么办", "井盖没了怕有人掉井里了", "去年这里有人掉河里了，护栏还没装"]
)
def test_a_feared_or_past_danger_is_no_emergency(classifier: Classifier, text: str) -> None:
    assert classifier.understand(text).intent is not Intent.EMERGENCY
