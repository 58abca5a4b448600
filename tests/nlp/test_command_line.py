"""`python -m nlp` as a shell sees it."""

import json
import subprocess
import sys
from pathlib import Path


def run(*arguments: str, said: str | bytes = "") -> subprocess.CompletedProcess[bytes]:
    given = said.encode() if isinstance(said, str) else said
    return subprocess.run([sys.executable, "-m", "nlp", *arguments], input=given, capture_output=True, timeout=100)


def test_classify_answers_each_line_in_its_order() -> None:
    lines = '{"id": "a", "text": "江东区百丈路井盖丢失"}\n\n{"id": 2, "text": ""}\n'
    done = run("classify", said=lines)
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert first["id"] == "a"
    assert second["id"] == 2
    assert first["candidates"][0]["code"] == "C0114"
    assert first["candidates"][0]["terms"][0]["text"] == "井盖丢失"
    assert [matter["candidates"][0]["code"] for matter in first["matters"]] == ["C0114"]
    assert first["places"][0]["street"] == {"code": "330212008", "name": "百丈街道"}
    assert (first["places"][0]["kind"], first["places"][0]["address"]) == ("road", "鄞州区百丈路")
    assert [slot["text"] for slot in first["slots"] if slot["name"] == "where"] == ["江东区百丈路"]
    assert set(first) == {
        "id",
        "candidates",
        "in_scope",
        "intent",
        "urgency",
        "urgency_reason",
        "mood",
        "mood_reason",
        "places",
        "slots",
        "matters",
        "question",
        "model_version",
        "latency_us",
    }


def test_a_broken_line_is_told_and_the_next_one_answered() -> None:
    good = '{"id":5,"text":"路灯坏了"}\n'.encode()
    done = run("classify", said=b'{"id":1}\nnonsense\n[]\n\xff\xfe\n' + good)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert ["error" in answer for answer in answers] == [True, True, True, True, False]
    assert answers[4]["id"] == 5


def test_evaluate_prints_figures_as_text_and_as_json(tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("text,label_codes\n路灯不亮,C0118\n河水发臭,E2109|E0105\n请问医保怎么报销,OOS\n", encoding="utf-8")
    assert b"top-1 1.000" in run("evaluate", str(cases)).stdout
    figures = json.loads(run("evaluate", str(cases), "--json").stdout)
    assert (figures["texts"], figures["outside"], figures["top1"], figures["auc"]) == (2, 1, 1.0, 1.0)


def test_explain_names_the_deciding_words() -> None:
    told = run("explain", "江东区百丈路路灯不亮").stdout.decode()
    assert "C0118 路灯" in told
    assert "路灯不亮" in told
    assert "百丈街道" in told
