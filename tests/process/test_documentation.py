"""What the documents say about settings stays true."""

import re

from app.config import Settings
from scripts.local.plan import ROOT

LOCAL_ONLY = {"HOST", "DATABASE", "EMULATOR_PORT"}
FIELDS = {name.upper() for name in Settings.model_fields}


def test_the_example_lists_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == FIELDS | LOCAL_ONLY


def test_the_deployment_guide_explains_every_setting() -> None:
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert {name for name in FIELDS if f"`{name}`" not in guide} == set()
