"""Corrections become a model; the model is judged; every process takes it or keeps the old one."""

import os
import time
from datetime import timedelta

import pytest

from app import clock
from app.db import transaction
from app.errors import Conflict
from app.learning import runs, tasks
from app.learning.registry import refuse_broken
from tests.learning.conftest import NEVER_HEARD, School

GOLD_TEXT = "路灯不亮了"


class Killed(BaseException):
    """As when the worker's process is ended."""


def test_what_agents_corrected_is_suggested_next_time_in_every_process(school: School) -> None:
    other = school.another_process()
    assert school.refresh(other)
    assert school.suggested(NEVER_HEARD) == []
    assert other.understand(NEVER_HEARD).candidates == ()
    school.teach(NEVER_HEARD, "C0118", times=2)
    run = school.train()
    assert (run.state, run.percent, run.slot) == ("done", 100, None), run.note
    assert school.states() == ["active"]
    assert school.refresh(other)
    assert [each.code for each in other.understand(NEVER_HEARD).candidates] == ["C0118"]
    school.refresh()
    assert school.suggested(NEVER_HEARD) == ["C0118"]
    assert not school.refresh(other), "nothing changed since"


def test_overruled_suggestions_weigh_more_and_old_ones_less(school: School) -> None:
    now = clock.now()
    school.teach("路灯又坏了", "C0118", at=now - timedelta(days=30))
    school.teach(NEVER_HEARD, "C0118", at=now - timedelta(days=30))
    school.teach("井盖其实是灯", "C0118", at=now - timedelta(days=30))
    school.teach("井盖还是灯", "C0118", at=now - timedelta(days=210))
    school.train()
    weights = {each.text: each.weight for each in school.workshop.trained[0]}
    assert weights["井盖其实是灯"] == pytest.approx(3 * weights["路灯又坏了"])
    assert weights["井盖还是灯"] == pytest.approx(weights["井盖其实是灯"] / 2, rel=0.02)


def test_the_newest_weeks_judge_before_they_are_learnt(school: School) -> None:
    now = clock.now()
    school.teach(NEVER_HEARD, "C0118", at=now - timedelta(days=30))
    school.teach("门口铁板翘起来", "C0103", at=now - timedelta(days=10))
    school.teach("灯柱子歪了", "C0118", at=now - timedelta(days=2))
    school.train()
    first, second = ([each.text for each in one] for one in school.workshop.trained)
    assert first == [NEVER_HEARD]
    assert set(second) == {NEVER_HEARD, "门口铁板翘起来", "灯柱子歪了"}
    (model,) = school.models()
    assert model.figures["data"]["last_week"] == 1
    assert [one["name"] for one in model.figures["trials"]] == ["金标集", "上周"]


def test_a_model_that_loses_on_the_gold_set_is_refused_with_the_reason(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.workshop.spoil[GOLD_TEXT] = "E0102"
    run = school.train()
    assert run.state == "done"
    (model,) = school.models()
    assert model.state == "refused"
    assert "金标集 top-1 由 100.0% 降至 66.7%" in model.reason
    assert not school.refresh() or school.suggested(NEVER_HEARD) == []


def test_the_same_knowledge_again_is_no_new_model(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.train()
    assert "没有学到新内容" in school.train().note
    assert school.states() == ["active", "refused"]


def test_a_tampered_file_is_refused_the_old_one_kept_and_said_so(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.train()
    school.teach("灯柱子歪了", "C0118")
    school.train()
    old, new = school.models()
    path = school.folder / new.file
    path.write_text(path.read_text(encoding="utf-8").replace("C0118", "E0102"), encoding="utf-8")
    other = school.another_process()
    assert school.refresh(other)
    assert other.understand(NEVER_HEARD).model_version == old.version
    assert school.states() == ["active", "refused"]
    page = school.page("/admin/models")
    assert "签名不符" in page
    school.refresh()
    assert school.suggested(NEVER_HEARD) == ["C0118"], "the process that had it loaded goes on with the older one"


@pytest.mark.parametrize("damage", [b"", b"{", b"\x00" * 100], ids=["missing", "cut", "zeros"])
def test_a_damaged_or_missing_file_leaves_the_shipped_model(school: School, damage: bytes) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.train()
    path = school.folder / school.models()[0].file
    path.unlink() if not damage else path.write_bytes(damage)
    other = school.another_process()
    school.refresh(other)
    assert other.understand("路灯不亮").model_version == "shipped"
    assert school.states() == ["refused"]


def test_of_many_processes_that_find_it_broken_one_puts_it_aside(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.train()
    (model,) = school.models()
    with school.app.app_context():
        with transaction():
            assert refuse_broken(model.id, "破损")
        with transaction():
            assert not refuse_broken(model.id, "破损")


def test_one_click_brings_the_model_before_back(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.train()
    school.teach(NEVER_HEARD, "E0102", times=5)
    school.train()
    school.refresh()
    assert school.suggested(NEVER_HEARD) == ["E0102"]
    assert school.send("/admin/models/back").status_code == 303
    school.refresh()
    assert school.suggested(NEVER_HEARD) == ["C0118"]
    assert school.states() == ["active", "retired"]
    school.send("/admin/models/back")
    school.refresh()
    assert school.suggested(NEVER_HEARD) == [], "in the end the shipped one"
    assert school.send("/admin/models/back").status_code == 409


def test_an_older_model_can_be_taken_again(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.train()
    school.send("/admin/models/back")
    (model,) = school.models()
    assert school.send(f"/admin/models/{model.id}/activate").status_code == 303
    school.refresh()
    assert school.suggested(NEVER_HEARD) == ["C0118"]


def test_of_two_starts_the_second_is_told_that_one_is_running(school: School) -> None:
    run_id = school.start()
    with school.app.app_context(), transaction(), pytest.raises(Conflict):
        runs.start(somebody_who_administers(school))
    assert school.send("/admin/models/train").status_code == 409
    tasks.train_model(run_id)
    assert school.run(run_id).state == "done"


def test_a_task_delivered_twice_trains_once(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    run_id = school.start()
    tasks.train_model(run_id)
    tasks.train_model(run_id)
    assert len(school.models()) == 1


def test_a_killed_training_harms_nothing_and_the_next_one_runs(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")

    def die() -> None:
        raise Killed

    school.workshop.during.append(die)
    run_id = school.start()
    with pytest.raises(Killed):
        tasks.train_model(run_id)
    assert (school.run(run_id).state, school.models()) == ("failed", [])
    school.workshop.during.clear()
    assert school.train().state == "done"
    assert school.states() == ["active"]


def test_a_run_whose_worker_vanished_is_ended_by_the_sweep(school: School) -> None:
    run_id = school.start()
    with school.app.app_context(), transaction():
        runs.claim(run_id)
    tasks.sweep_learning()
    assert school.run(run_id).state == "running", "it may still be at work"
    with clock.standing_at(clock.now() + timedelta(minutes=6)):
        tasks.sweep_learning()
        assert school.run(run_id).state == "interrupted"
        school.start()


def test_a_run_that_an_administrator_ended_does_not_promote_any_more(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    run_id = school.start()
    school.workshop.during.append(lambda: school.send(f"/admin/models/runs/{run_id}/stop"))
    tasks.train_model(run_id)
    assert (school.run(run_id).state, school.models()) == ("interrupted", [])


def test_a_run_that_no_worker_took_is_handed_over_again(school: School) -> None:
    run_id = school.start()
    handed: list[int] = []
    with pytest.MonkeyPatch.context() as patch, clock.standing_at(clock.now() + timedelta(minutes=1)):
        patch.setattr(tasks, "hand_over", handed.append)
        tasks.sweep_learning()
    assert handed == [run_id]


def test_the_night_trains_only_when_somebody_decided_something(school: School) -> None:
    handed: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "hand_over", handed.append)
        tasks.train_nightly()
        assert handed == []
        school.teach(NEVER_HEARD, "C0118", at=clock.now())
        tasks.train_nightly()
        assert len(handed) == 1
        tasks.train_nightly()
        assert len(handed) == 1, "one is underway"


def test_files_nobody_names_are_removed_after_a_day(school: School) -> None:
    school.teach(NEVER_HEARD, "C0118")
    school.train()
    kept = school.folder / school.models()[0].file
    stray, young = school.folder / "977-first.npz", school.folder / "978.npz"
    for path in (stray, young):
        path.write_bytes(b"left behind")
    for path in (stray, kept):
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    tasks.sweep_learning()
    assert (kept.exists(), stray.exists(), young.exists()) == (True, False, True)


def somebody_who_administers(school: School) -> "runs.Principal":
    from app.accounts.queries import account

    return account(school.admin.account_id).as_principal()
