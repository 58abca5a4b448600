"""Invented names of people, drawn from a seeded source."""

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑罗梁宋谢唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖"
    "范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚莫孔向汤"
)
_FIRST = "建志国文明海永春秋玉丽雪晓思子雨佳俊浩宇欣梦嘉一亦以若静慧雅冬立伟"
_SECOND = "华强军平芳敏燕玲涛杰磊鹏飞勇斌波辉刚红霞娟莉婷洁琳琴云宁悦妍瑶峰健成林凯"


def person_name(random: Random) -> str:
    """Two characters in a quarter of the cases, else three."""
    surname = random.choice(_SURNAMES)
    if random.random() < 0.25:
        return surname + random.choice(_SECOND)
    return surname + random.choice(_FIRST) + random.choice(_SECOND)
