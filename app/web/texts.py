"""Texts for people in templates: the same catalogue that the consoles read."""

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, g, request

FOLDER = Path(__file__).parent.parent / "static" / "i18n"
FIRST = "zh-CN"
LANGUAGES = (FIRST, "en")


def install(app: Flask) -> None:
    app.jinja_env.globals.update(t=translate, locale=locale)


def locale() -> str:
    """What the visitor chose by `?lang=`, kept in a cookie; else what the installation is set to."""
    if "locale" not in g:
        asked = request.args.get("lang") or request.cookies.get("lang") or current_app.extensions["settings"].locale
        g.locale = asked if asked in LANGUAGES else FIRST
    return str(g.locale)


def translate(key: str, **values: object) -> str:
    """A missing text shows its key, so a gap is seen and never blank."""
    text = _catalogue(locale()).get(key) or _catalogue(FIRST).get(key) or key
    return text.format_map(values) if values else text


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts
