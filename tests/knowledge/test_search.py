"""Which article answers a question: pure, with jieba's own words."""

import csv
from pathlib import Path

import pytest

from app.knowledge.search import Index, Text
from nlp.understand import load

ARTICLES = Path(__file__).parents[2] / "app/demo/data/articles.csv"


@pytest.fixture(scope="module")
def shipped() -> tuple[Index, dict[int, str]]:
    with ARTICLES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    texts = [Text(i, row["标题"], row["关键词"], row["正文"]) for i, row in enumerate(rows)]
    return Index(texts, load().words), {i: row["编号"] for i, row in enumerate(rows)}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("我想问一下家里的旧沙发要扔掉，放哪里", "K002"),
        ("小区养了条狗，犬证去哪里办啊", "K009"),
        ("我们店门口想挂个新招牌，要不要批的", "K005"),
        ("旁边工地半夜还在打桩，晚上能施工吗", "K008"),
        ("我上个礼拜反映的事情，进度怎么样了", "K011"),
        ("物业一直涨物业费，业委会也不管", "K007"),
        ("装修敲下来的砖头倒哪里", "K003"),
        ("我举报的话你们会不会把我名字告诉他", "K028"),
    ],
)
def test_what_callers_ask_in_their_own_words_finds_the_article(
    shipped: tuple[Index, dict[int, str]], question: str, code: str
) -> None:
    index, codes = shipped
    assert code in [codes[which] for which in index.find(question, 3)]


def test_a_question_about_nothing_finds_nothing(shipped: tuple[Index, dict[int, str]]) -> None:
    assert shipped[0].find("嗯", 3) == []
    assert Index([], str.split).find("垃圾", 3) == []
