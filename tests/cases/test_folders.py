"""The consoles' folders: each page goes on where the last one ended, and the figures are those of the cases."""

from collections import Counter
from itertools import chain
from typing import Any

import pytest

from app.cases import folders
from tests.cases.conftest import Town
from tests.support.people import Person

TIMED = {"desk": ("todo", "to_accept", "handling", "returned"), "command": ("decide", "confirm", "overdue", "open")}


def pages(who: Person, desk: str, folder: str, limit: int = 200, **asked: str) -> list[list[dict[str, Any]]]:
    """Every page of the folder."""
    query = "".join(f"&{name}={value}" for name, value in asked.items())
    path, cursor, found = f"/api/v1/{desk}/cases?folder={folder}&limit={limit}{query}", "", []
    while cursor is not None:
        answer = who.get(f"{path}&cursor={cursor}" if cursor else path)
        assert answer.status_code == 200, answer.json
        found.append(answer.json["items"])
        cursor = answer.json["next_cursor"]
    return found


def ids(found: list[list[dict[str, Any]]]) -> list[int]:
    return [each["id"] for page in found for each in page]


@pytest.fixture
def working(morning: Town) -> dict[str, Person]:
    """Everybody at a console, with cases that are late, sent back, returned, asked about and handed in."""
    town, cases = morning, [morning.file(address=f"百丈路 {n} 号") for n in range(7)]
    unit = town.unit(cases[0]["unit"]["id"])
    town.act(unit, "return", cases[1], reason="不属于本单位管养范围")
    town.act(unit, "ask_extension", town.act(unit, "accept", cases[2]), reason="配件三天后到货")
    in_time = town.act(unit, "accept", cases[3])
    done = town.feed_back(unit, in_time)
    again = town.feed_back(unit, town.act(unit, "accept", cases[4]))
    town.act(town.inspector, "fail_check", again, reason="仍有异响")
    town.later(days=3)
    late = town.feed_back(unit, town.act(unit, "accept", cases[5]))
    assert done["lamp"] == "grey"
    assert late["lamp"] == "red"
    return {"desk": unit, "command": town.dispatcher, "inspect": town.inspector}


def test_the_figures_are_those_of_the_cases(working: dict[str, Person]) -> None:
    for desk, who in working.items():
        counts = who.get(f"/api/v1/{desk}/counts").json
        assert who.get(f"/api/v1/{desk}/snapshot").json["counts"] == counts
        for folder, count in counts.items():
            found = [each for page in pages(who, desk, folder) for each in page]
            assert len(found) == count["all"], f"{desk}: {folder}"
            if folder in TIMED.get(desk, ()):
                lamps = Counter(each["lamp"] for each in found)
                assert {lamp: lamps[lamp] for lamp in ("red", "yellow", "green")} == {
                    lamp: count[lamp] for lamp in ("red", "yellow", "green")
                }, f"{desk}: {folder}"


def test_a_lamp_shows_just_the_cases_with_that_lamp(working: dict[str, Person]) -> None:
    for desk, names in TIMED.items():
        for folder in names:
            all_of_them = [each for page in pages(working[desk], desk, folder) for each in page]
            for lamp in ("red", "yellow", "green"):
                shown = ids(pages(working[desk], desk, folder, lamp=lamp))
                assert shown == [each["id"] for each in all_of_them if each["lamp"] == lamp], f"{desk}: {folder} {lamp}"
    tasks = [ids(pages(working["inspect"], "inspect", "tasks", lamp=lamp)) for lamp in ("red", "yellow", "green")]
    assert sorted(chain(*tasks)) == sorted(ids(pages(working["inspect"], "inspect", "tasks")))
    assert all(tasks[::2])  # three days ago, and just now


def test_small_pages_bring_every_case_once_in_the_same_order(working: dict[str, Person]) -> None:
    for desk, who in working.items():
        for folder in [*who.get(f"/api/v1/{desk}/counts").json, *(["closed"] if desk == "desk" else [])]:
            whole = ids(pages(who, desk, folder))
            assert ids(pages(who, desk, folder, limit=max(1, len(whole) // 3))) == whole, f"{desk}: {folder}"
    todo = [each["due_at"] for page in pages(working["desk"], "desk", "todo") for each in page]
    assert todo == sorted(todo)


def test_a_desk_with_little_gets_it_all_and_a_full_one_its_first_page(
    working: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = working["desk"]
    little = unit.get("/api/v1/desk/snapshot").json
    assert set(little["pages"].values()) == {None}
    for folder in little["pages"]:
        assert set(ids(pages(unit, "desk", folder))) <= {each["id"] for each in little["cases"]}
    monkeypatch.setattr(folders, "WHOLE", 0)
    full = unit.get("/api/v1/desk/snapshot").json
    assert list(full["pages"]) == ["todo"]
    assert [each["id"] for each in full["cases"]] == ids(pages(unit, "desk", "todo"))
    assert full["counts"] == little["counts"]


def test_a_co_unit_has_the_case_on_its_desk(morning: Town) -> None:
    case = morning.file()
    at_work = morning.act(morning.unit(case["unit"]["id"]), "accept", case)
    (helping,) = morning.other_units(case)
    morning.act(morning.dispatcher, "add_co_unit", at_work, unit_id=helping, reason="需配合")
    assert case["id"] in ids(pages(morning.unit(helping), "desk", "todo"))


def test_a_folder_is_searched_within_itself(working: dict[str, Person]) -> None:
    unit = working["desk"]
    todo = pages(unit, "desk", "todo")[0]
    number = todo[0]["number"]
    assert ids(pages(unit, "desk", "todo", q=number)) == [todo[0]["id"]]
    assert ids(pages(unit, "desk", "checking", q=number)) == []
    road = sorted(each["id"] for each in todo if "百丈路" in each["address"])
    assert sorted(ids(pages(unit, "desk", "todo", limit=1, q="百丈路"))) == road != []


@pytest.mark.parametrize("asked", ["folder=nowhere", "cursor=x", "lamp=blue", "limit=0"])
def test_what_no_folder_can_answer_is_refused(morning: Town, asked: str) -> None:
    answer = morning.dispatcher.get(f"/api/v1/command/cases?{asked}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_nobody_looks_into_anothers_folders(morning: Town) -> None:
    for desk, who in (("desk", morning.agent), ("command", morning.inspector), ("inspect", morning.dispatcher)):
        assert who.get(f"/api/v1/{desk}/cases").status_code == 403
        assert who.get(f"/api/v1/{desk}/counts").status_code == 403
