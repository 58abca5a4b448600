"""A city's own words and names: tried, saved, at work in every process without a restart."""

import html
import re

import pytest

from app.accounts.roles import Role
from app.learning import tasks
from app.learning.newwords import find_new_words
from tests.learning.conftest import NEVER_HEARD, School
from tests.support.people import somebody

WORDS = "/admin/words/C0118"
PLACE = {
    "name": "天一星光里", "kind": "landmark", "area_code": "330203", "aliases": "星光里、天一新里", "lng": "121.55",
    "lat": "29.87", "valid_from": "", "valid_until": "", "note": "2026 年开业", "is_active": "1",
}  # fmt: skip


# The same new word among changing others.
SAID = ("3号楼感应灯瞎了", "门口感应灯瞎了好久", "感应灯瞎，没人管", "走廊的感应灯瞎着", "整层感应灯瞎了")


def test_the_effect_is_shown_first_and_nothing_is_saved_by_it(school: School) -> None:
    page = school.send(WORDS, words="不见了", based_on="", do="try")
    assert page.status_code == 200
    assert "路口井盖不见了" in page.text
    assert re.search(r"66\.7%.*变差", page.text, re.S), "the gold set loses a third of its top-1"
    assert school.suggested("不见了") == []
    school.refresh()
    assert school.suggested("不见了") == []


def test_a_saved_word_works_in_every_process_without_training(school: School) -> None:
    other = school.another_process()
    school.refresh(other)
    assert school.send(WORDS, words="黑漆漆", based_on="", do="save").status_code == 303
    assert school.refresh(other)
    assert [each.code for each in other.understand(NEVER_HEARD).candidates] == ["C0118"]
    assert "黑漆漆" in school.page(WORDS)
    assert "黑漆漆" in school.page("/admin/audit?kind=words.")
    school.send(WORDS, words="", based_on="黑漆漆", do="save")
    assert school.refresh(other)
    assert other.understand(NEVER_HEARD).candidates == ()


def test_of_two_who_change_a_list_the_second_sees_a_conflict(school: School) -> None:
    school.send(WORDS, words="黑漆漆", based_on="", do="save")
    answer = school.send(WORDS, words="乌漆麻黑", based_on="", do="save")
    assert answer.status_code == 409
    assert "已被他人修改" in answer.text
    assert "乌漆麻黑" in answer.text, "what was typed is not lost"


@pytest.mark.parametrize("typed", ["一", "有，标。点！", "长" * 21, "\n".join(f"词{n}号" for n in range(101))])
@pytest.mark.parametrize("do", ["try", "save"])
def test_what_is_no_word_is_refused(school: School, typed: str, do: str) -> None:
    answer = school.send(WORDS, words=typed, based_on="", do=do)
    assert answer.status_code == 422
    assert 'id="err-words"' in answer.text


def test_an_unknown_class_has_no_list(school: School) -> None:
    assert school.send("/admin/words/C9999", words="词语", based_on="", do="try").status_code == 404


def test_words_people_use_are_proposed_once_and_accepted_with_a_click(school: School) -> None:
    for said in SAID:
        school.teach(said, "C0118")
    school.train()
    page = school.page("/review", school.supervisor)
    assert "感应灯瞎" in page
    found = re.search(r'<b>(感应灯瞎)</b>.*?action="(/review/words/\d+)', page, re.S)
    assert found
    assert school.send(found.group(2), school.supervisor, accept="1").status_code == 303
    assert "感应灯瞎" in school.page(WORDS)
    assert school.send(found.group(2), school.supervisor, accept="1").status_code == 409
    school.train()
    assert found.group(2) not in school.page("/review", school.supervisor)


def test_a_dismissed_word_is_not_proposed_again(school: School) -> None:
    for said in SAID:
        school.teach(said, "C0118")
    school.train()
    found = re.search(r'action="(/review/words/\d+)', school.page("/review"))
    assert found
    school.send(found.group(1), accept="0")
    school.train()
    assert found.group(1) not in school.page("/review")


def test_a_word_said_of_everything_names_nothing() -> None:
    told = [(f"{n}幢这里有问题", code) for n in range(8) for code in ("C0118", "E0102")]
    assert find_new_words(told, {}) == []


def test_listed_words_and_their_pieces_are_not_proposed() -> None:
    told = [(said, "C0118") for said in SAID]
    assert [each.word for each in find_new_words(told, {})] == ["感应灯瞎"]
    assert find_new_words(told, {"C0118": ["感应灯"]}) == []
    assert find_new_words(told, {"C0118": ["感应灯瞎掉"]}) == []


def test_a_piece_of_a_longer_word_is_not_proposed() -> None:
    told = [(f"{said}雨污混接口", "E0102") for said in ("这个", "看到", "楼下", "还有", "路边")]
    assert [each.word for each in find_new_words(told, {})] == ["雨污混接口"]


# --- places ---


def test_a_name_is_found_in_every_process_as_soon_as_it_is_added(school: School) -> None:
    other = school.another_process()
    school.refresh(other)
    assert school.send("/admin/places/new", **PLACE).status_code == 303
    assert school.refresh(other)
    (found,) = other.find_places("天一星光里门口") or other.understand("天一星光里门口").places
    assert found.text == "天一星光里"
    page = school.page("/admin/places")
    assert "天一星光里" in page
    assert "海曙区" in page


def test_a_name_that_is_switched_off_is_found_no_more(school: School) -> None:
    school.send("/admin/places/new", **PLACE)
    path = re.search(r'href="(/admin/places/\d+)"', school.page("/admin/places"))
    assert path
    version = re.search(r'name="version" value="(\d+)"', school.page(path.group(1)))
    assert version
    form = {**PLACE, "version": version.group(1)}
    form.pop("is_active")
    assert school.send(path.group(1), **form).status_code == 303
    school.refresh()
    assert school.app.extensions["classifier"].understand("天一星光里门口").places == ()
    assert school.send(path.group(1), **form).status_code == 409, "an old page"
    line = re.search(r"<tr><td.*?</tr>", school.page("/admin/audit?kind=place."), re.S)
    assert line
    assert "启用 → 停用" in re.sub(r"<[^>]+>", "", line.group())


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"name": "短"}, "name"),
        ({"kind": "galaxy"}, "kind"),
        ({"area_code": ""}, "area_code"),
        ({"area_code": "999999"}, "area_code"),
        ({"aliases": "一"}, "aliases"),
        ({"lng": "北京"}, "lng"),
        ({"lng": "nan"}, "lng"),
        ({"lng": "12.1"}, "lng"),
        ({"lat": ""}, "lng"),
        ({"valid_from": "昨天"}, "valid_from"),
        ({"valid_from": "2026-05-01", "valid_until": "2026-04-01"}, "valid_until"),
    ],
)
def test_a_wrong_field_says_so(school: School, change: dict[str, str], at: str) -> None:
    answer = school.send("/admin/places/new", **{**PLACE, **change})
    assert answer.status_code == 422
    assert re.findall(r'id="err-(\w+)"', answer.text) == [at]
    assert html.escape({**PLACE, **change}["name"]) in answer.text


def test_only_administrators_change_words_and_places(school: School) -> None:
    for role in (Role.SUPERVISOR, Role.AGENT):
        person = somebody(school.app, role)
        assert school.send(WORDS, person, words="黑漆漆", do="save").status_code == 403
        assert school.send("/admin/places/new", person, **PLACE).status_code == 403


def test_the_sweep_leaves_everything_as_it_is_when_nothing_is_due(school: School) -> None:
    tasks.sweep_learning()
    assert school.models() == []
