"""What the pages load from others is exactly what was published, and complete."""

import hashlib
import json
import re
from pathlib import Path

from scripts.vendor import LUCIDE, PINS

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "app/static"
VENDOR = STATIC / "vendor"
OWN_SCRIPTS = sorted((STATIC / "js").rglob("*.js"))


def test_every_vendored_file_is_the_one_that_was_locked() -> None:
    lock = json.loads((VENDOR / "lock.json").read_text("utf-8"))
    sums = {name: digest for entry in lock.values() for name, digest in entry["sha256"].items()}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.parent != VENDOR
    }
    assert found == sums


def test_the_lock_names_the_pinned_versions_with_their_licences() -> None:
    lock = json.loads((VENDOR / "lock.json").read_text("utf-8"))
    assert {pin.name: (pin.version, pin.license) for pin in PINS} == {
        name: (entry["version"], entry["license"]) for name, entry in lock.items()
    }
    assert all(entry["integrity"].startswith("sha512-") for entry in lock.values())
    assert LUCIDE in PINS


def test_every_bare_import_stands_in_the_import_map() -> None:
    known = json.loads((VENDOR / "importmap.json").read_text("utf-8"))["imports"]
    used = {
        name
        for script in OWN_SCRIPTS
        for found in re.findall(
            r'^\S[^\n"]* from "([^"\n]+)";$|\bimport\("([^"\n]+)"\)', script.read_text("utf-8"), re.M
        )
        for name in found
        if name and not name.startswith((".", "/"))
    }
    assert used
    assert used <= set(known)
    assert all((STATIC / target.removeprefix("/static/")).is_file() for target in known.values())


def test_every_icon_that_a_script_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    text = "".join(script.read_text("utf-8") for script in OWN_SCRIPTS)
    named = set(re.findall(r'<\$\{Icon\} name="([^"]+)"', text)) | set(re.findall(r'\bicon="([a-z][a-z0-9-]+)"', text))
    assert len(named) > 30
    assert named <= drawn


def test_no_page_script_is_longer_than_four_hundred_lines() -> None:
    lengths = {script.name: len(script.read_text("utf-8").splitlines()) for script in OWN_SCRIPTS}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}
