"""One catalogue of texts: complete in Chinese, the same keys in English, and nothing asked for that is not there."""

import json
import re
from pathlib import Path

import pytest

from app.cases import terms
from app.catalogue.clocks import Clock
from app.incidents.models import LABELS as INCIDENTS
from scripts.local.plan import ROOT

STATIC = ROOT / "app/static"
ASKED = re.compile(r"""\bt\(\s*"([a-z0-9_.]+)\"""")
CHOSEN = re.compile(r"""\bt\([^)"`]*\?\s*"([a-z0-9_.]+)"\s*:\s*"([a-z0-9_.]+)\"""")
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))


def catalogue(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((STATIC / f"i18n/{language}.json").read_text(encoding="utf-8"))
    return texts


def keys_in(script: Path) -> set[str]:
    source = script.read_text(encoding="utf-8")
    return set(ASKED.findall(source)) | {key for pair in CHOSEN.findall(source) for key in pair}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(STATIC)))
def test_every_text_a_script_asks_for_exists(script: Path) -> None:
    assert keys_in(script) - catalogue("zh-CN").keys() == set()


def test_both_languages_name_the_same_facts() -> None:
    chinese, english = catalogue("zh-CN"), catalogue("en")
    blanks = re.compile(r"\{(\w+)\}")
    different = {
        key
        for key in chinese.keys() & english.keys()
        if set(blanks.findall(chinese[key])) != set(blanks.findall(english[key]))
    }
    assert different == set()


def test_english_has_no_text_that_chinese_lacks_but_the_fields_own_words() -> None:
    more = catalogue("en").keys() - catalogue("zh-CN").keys()
    assert {key for key in more if not key.startswith("word.")} == set()


def test_every_word_that_the_server_says_has_its_english() -> None:
    tables = (terms.LABELS, terms.ACTION_LABELS, terms.FACT_LABELS, terms.EVENT_LABELS, terms.REQUEST_LABELS, INCIDENTS)
    said = {word for table in tables for word in table.values()} | {each.label for each in Clock}
    assert {word for word in said if f"word.{word}" not in catalogue("en")} == set()
