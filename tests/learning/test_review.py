"""Supervisors look at what is doubtful; their word is the truth from then on."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.accounts.roles import Role
from app.db import session, work
from app.learning.models import SuggestionOutcome
from tests.learning.conftest import School
from tests.support.people import file_case, somebody

RECENT = timedelta(days=20)


def file(school: School, text: str, code: str, at_least: float | None = None) -> int:
    """Files the case as the agent decides; returns the outcome's id."""
    shown = school.agent.post("/api/v1/understand", {"text": text}).json
    if at_least is not None:
        shown["candidates"][0]["confidence"] = at_least
    file_case(school.agent, description=text, class_code=code, suggestion=shown)
    with school.app.app_context(), work():
        return session().scalars(select(SuggestionOutcome.id).order_by(SuggestionOutcome.id.desc()).limit(1)).one()


def row(school: School, outcome_id: int) -> SuggestionOutcome:
    with school.app.app_context(), work():
        found = session().get_one(SuggestionOutcome, outcome_id)
        session().expunge_all()
        return found


def queue(school: School, name: str) -> list[int]:
    page = school.page(f"/review?queue={name}", school.supervisor)
    return [int(each) for each in re.findall(r'<article class="card doubt" aria-labelledby="d(\d+)"', page)]


def test_sure_suggestions_that_were_overridden_come_first_by_sureness(school: School) -> None:
    sure, surer = file(school, "井盖响", "C0118", 0.85), file(school, "井盖歪", "C0118", 0.97)
    file(school, "井盖没了", "C0103", 0.97)
    file(school, "井盖晃", "C0118", 0.5)
    assert queue(school, "overridden") == [surer, sure]


def test_small_margins_are_unsure(school: School) -> None:
    near = file(school, "井盖边的路灯", "C0103")
    file(school, "井盖没了", "C0103")
    assert queue(school, "unsure") == [near]


def test_classes_with_few_decisions_are_rare(school: School) -> None:
    rare = file(school, "垃圾堆着", "E0102")
    for _ in range(6):
        file(school, "井盖没了", "C0103")
    assert queue(school, "rare") == [rare]


def test_a_confirmation_ends_the_doubt_and_weighs_more_in_training(school: School) -> None:
    with clock.standing_at(clock.now() - RECENT):
        doubt = file(school, "井盖像灯一样", "C0118", 0.9)
        file(school, "井盖像锅一样", "C0118", 0.9)
    answer = school.send(f"/review/{doubt}?queue=overridden", school.supervisor, code="C0118")
    assert answer.location == "/review?queue=overridden"
    assert doubt not in queue(school, "overridden")
    kept = row(school, doubt)
    assert (kept.truth_code, kept.reviewed_by) == ("C0118", school.supervisor.account_id)
    school.train()
    weights = {each.text: each.weight for each in school.workshop.trained[-1]}
    assert weights["井盖像灯一样"] == pytest.approx(weights["井盖像锅一样"] * 4 / 3, rel=1e-3)


@pytest.mark.parametrize("typed", ["C0103 雨水井盖", "C0103"])
def test_a_correction_is_what_is_learnt(school: School, typed: str) -> None:
    with clock.standing_at(clock.now() - RECENT):
        doubt = file(school, "井盖像灯一样", "C0118", 0.9)
    school.send(f"/review/{doubt}", school.supervisor, code="", other=typed)
    assert (row(school, doubt).chosen_code, row(school, doubt).truth_code) == ("C0118", "C0103")
    school.train()
    assert {(each.text, each.code) for each in school.workshop.trained[-1]} == {("井盖像灯一样", "C0103")}


def test_what_is_no_matter_of_the_catalogue_is_learnt_as_such(school: School) -> None:
    with clock.standing_at(clock.now() - RECENT):
        doubt = file(school, "井盖像灯一样", "C0118", 0.9)
    school.send(f"/review/{doubt}", school.supervisor, other="OOS 不属于目录")
    school.train()
    assert [each.code for each in school.workshop.trained[-1]] == ["OOS"]


def test_two_supervisors_at_one_doubt_the_second_is_told(school: School) -> None:
    doubt = file(school, "井盖响", "C0118", 0.85)
    assert school.send(f"/review/{doubt}", school.supervisor, code="C0118").status_code == 303
    answer = school.send(f"/review/{doubt}", school.supervisor, code="C0103")
    assert answer.status_code == 409
    assert "已由他人审核" in answer.text
    assert row(school, doubt).truth_code == "C0118"


@pytest.mark.parametrize("code", ["", "C9999", "nonsense"])
def test_an_unknown_class_is_refused(school: School, code: str) -> None:
    doubt = file(school, "井盖响", "C0118", 0.85)
    assert school.send(f"/review/{doubt}", school.supervisor, other=code).status_code == 422
    assert row(school, doubt).reviewed_at is None


def test_supervisors_see_the_queue_and_nothing_else_of_the_administration(school: School) -> None:
    page = school.page("/review", school.supervisor)
    assert "/admin/models" not in page
    assert school.supervisor.get("/admin/models", headers={"Accept": "text/html"}).status_code == 403


@pytest.mark.parametrize("role", [Role.AGENT, Role.DISPATCHER, Role.HANDLER, Role.INSPECTOR, Role.LEADER])
def test_nobody_else_reviews(school: School, role: Role) -> None:
    doubt = file(school, "井盖响", "C0118", 0.85)
    person = somebody(school.app, role)
    assert person.get("/review", headers={"Accept": "text/html"}).status_code == 403
    assert school.send(f"/review/{doubt}", person, code="C0103").status_code == 403
    assert row(school, doubt).reviewed_at is None


def test_the_drift_page_counts_by_week_and_model(school: School) -> None:
    now = clock.now()
    for weeks, chosen in ((1, "C0103"), (1, "C0118"), (3, "C0103")):
        with clock.standing_at(now - timedelta(weeks=weeks)):
            file(school, "井盖响", chosen)
    page = school.page("/admin/drift")
    rows = [re.findall(r'<td class="num">(.*?)</td>', line) for line in re.findall(r"<tr>(<td.*?)</tr>", page)]
    by_week = {cells[0]: cells[1:] for cells in rows if len(cells) == 6}
    last = clock.local(now).date() - timedelta(days=clock.local(now).weekday(), weeks=1)
    assert by_week[last.isoformat()] == ["2", "2", "50.0%", "90.0%", "—"]
    assert by_week[(last - timedelta(weeks=2)).isoformat()][2] == "0.0%"
    assert by_week[(last - timedelta(weeks=1)).isoformat()] == ["0", "0", "—", "—", "—"]
    assert "style=" not in page


def test_decisions_of_a_model_nobody_knows_are_listed_all_the_same(school: School) -> None:
    shown = school.agent.post("/api/v1/understand", {"text": "井盖响"}).json
    file_case(school.agent, suggestion={**shown, "model_version": "from-elsewhere"})
    page = school.page("/admin/drift")
    assert "from-elsewhere" in page
    assert "非本系统训练" in page


# --- the test box ---


def test_the_test_box_shows_what_was_understood_and_why(school: School) -> None:
    answer = school.send("/admin/try", text="百丈路口的井盖不见了，煤气味很大")
    assert answer.status_code == 200
    text = re.sub(r"<[^>]+>", " ", answer.text)
    for told in ("雨水井盖", "90%", "百丈街道", "特急", "毫秒", "shipped"):
        assert told in text, told
    assert '<mark class="term">井盖</mark>' in answer.text


def test_the_test_box_answers_scripts_with_the_part_alone(school: School) -> None:
    answer = school.admin.client.post(
        "/admin/try", data={"text": "井盖", "csrf_token": school.admin.csrf}, headers={"X-Part": "1"}
    )
    assert "<html" not in answer.text
    assert "雨水井盖" in answer.text


@pytest.mark.parametrize("text", ["", "  ", "啊", "😀" * 50, "\x00\x07", "x" * 10_000, "<script>alert(1)</script>井盖"])
def test_the_test_box_takes_anything(school: School, text: str) -> None:
    answer = school.send("/admin/try", text=text)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
