"""The knowledge base over HTTP: found by those who answer, kept by administrators, counted by the calls it answered."""

import io
import re
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.calls.models import Call, CallState
from app.db import session, transaction
from tests.support.people import Person, somebody

FORM = {
    "code": "T1",
    "title": "紫薇认养怎么办理",
    "body": "先到窗口提出申请。\n\n批准后公示。",
    "keywords": "紫薇 认养",
    "class_codes": "C0103",
    "active": "1",
}


@pytest.fixture
def chief(city_app: Flask) -> Person:
    return somebody(city_app, Role.ADMINISTRATOR)


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


def submit(who: Person, path: str, **form: Any) -> Any:
    return who.client.post(path, data={**form, "csrf_token": who.csrf}, headers={"Accept": "text/html"})


def find(who: Person, words: str) -> list[dict[str, Any]]:
    answer = who.post("/api/v1/articles/search", {"q": words})
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def written(chief: Person, **changes: str) -> None:
    answer = submit(chief, "/admin/articles/new", **{**FORM, **changes})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def call_of(app: Flask, agent: Person) -> int:
    with app.app_context(), transaction():
        now = clock.now()
        call = Call(sid="CA-asks", state=CallState.ENDED, called="96310", started_at=now, last_contact_at=now)
        call.agent_id = agent.account_id
        session().add(call)
        session().flush()
        return call.id


def test_an_article_is_written_found_and_read(chief: Person, agent: Person) -> None:
    written(chief)
    (found,) = find(agent, "我想问紫薇认养")
    assert (found["title"], found["class_codes"], found["uses"]) == ("紫薇认养怎么办理", ["C0103"], 0)
    assert agent.get(f"/api/v1/articles/{found['id']}").json["body"].startswith("先到窗口")


def test_only_what_is_valid_today_is_found(chief: Person, agent: Person) -> None:
    written(chief, code="T2", valid_until="2020-01-01")
    written(chief, code="T3", valid_from="2090-01-01")
    written(chief, code="T4", active="")
    assert find(agent, "紫薇认养") == []


def test_an_answer_from_an_article_is_kept_with_the_call_and_counted_once(
    city_app: Flask, chief: Person, agent: Person
) -> None:
    written(chief)
    (article,) = find(agent, "紫薇认养")
    call = call_of(city_app, agent)
    for note in ("已答复", "已答复办理窗口"):
        body = {"kind": "answered", "note": note, "article_id": article["id"]}
        assert agent.post(f"/api/v1/calls/{call}/disposition", body).status_code == 200
    assert agent.get(f"/api/v1/calls/{call}").json["article_id"] == article["id"]
    assert find(agent, "紫薇认养")[0]["uses"] == 1
    opened_before = {**FORM, "title": "紫薇认养怎么申请", "version": "1"}
    assert submit(chief, f"/admin/articles/{article['id']}", **opened_before).status_code == 303
    missing = {"kind": "answered", "note": "已答复", "article_id": 10**6}
    assert agent.post(f"/api/v1/calls/{call}/disposition", missing).status_code == 422


def test_a_form_says_what_is_wrong_and_an_old_one_is_refused(chief: Person, agent: Person) -> None:
    written(chief)
    bad = submit(chief, "/admin/articles/new", **{**FORM, "title": "", "class_codes": "X9999"})
    assert bad.status_code == 422
    assert "没有类别 X9999" in bad.get_data(as_text=True)
    undated = submit(chief, "/admin/articles/new", **{**FORM, "code": "T8", "valid_from": "明天"})
    assert (undated.status_code, "不是日期" in undated.get_data(as_text=True)) == (422, True)
    (article,) = find(agent, "紫薇认养")
    page = chief.get(f"/admin/articles/{article['id']}", headers={"Accept": "text/html"}).get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    first = {**FORM, "title": "紫薇认养先申请", "version": version[1]}
    assert submit(chief, f"/admin/articles/{article['id']}", **first).status_code == 303
    assert submit(chief, f"/admin/articles/{article['id']}", **{**first, "title": "另一个"}).status_code == 409


def test_a_table_comes_in_after_a_look_at_what_it_changes(chief: Person, agent: Person) -> None:
    written(chief)
    table = "编号,标题,正文,关键词\n"
    table += "T1,紫薇认养怎么申请,先到窗口提出申请。,紫薇\nT9,榉树落果谁扫,由养护单位清扫。,榉树\n"
    upload = {"file": (io.BytesIO(table.encode()), "articles.csv"), "csrf_token": chief.csrf}
    shown = chief.client.post("/admin/articles/import", data=upload, headers={"Accept": "text/html"})
    text = shown.get_data(as_text=True)
    assert "紫薇认养怎么申请" in text
    assert "榉树落果谁扫" in text
    assert find(agent, "榉树落果") == []
    sealed = re.search(r'name="sealed" value="([^"]+)"', text)
    assert sealed
    assert submit(chief, "/admin/articles/import/confirm", sealed=sealed[1]).status_code == 303
    assert [each["code"] for each in find(agent, "榉树落果")] == ["T9"]
    exported = chief.get("/admin/articles/export.csv").get_data(as_text=True)
    assert "紫薇认养怎么申请" in exported
    wrong = "编号,标题,正文\nT1,一,短\nT1,二二,够长的正文\n"
    upload = {"file": (io.BytesIO(wrong.encode()), "articles.csv"), "csrf_token": chief.csrf}
    refused = chief.client.post("/admin/articles/import", data=upload, headers={"Accept": "text/html"})
    assert refused.status_code == 422
    assert "重复" in refused.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.INSPECTOR, Role.LEADER])
def test_who_answers_no_callers_searches_nothing(city_app: Flask, role: Role) -> None:
    assert somebody(city_app, role).post("/api/v1/articles/search", {"q": "垃圾"}).status_code == 403
