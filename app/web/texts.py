"""Texts for people in templates: the same catalogue that the consoles read."""

import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request

FOLDER = Path(__file__).parent.parent / "static" / "i18n"
FIRST = "zh-CN"
LANGUAGES = (FIRST, "en")


def install(app: Flask) -> None:
    app.jinja_env.globals.update(t=translate, said=said, locale=locale, other_language=other_language)
    app.after_request(_keep)


def _keep(response: Response) -> Response:
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie("lang", locale(), max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    return response


def other_language() -> str:
    """The address of this page in the other language."""
    other = next(each for each in LANGUAGES if each != locale())
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*asked, ('lang', other)])}"


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


def said(words: str) -> str:
    """A word of the field (a state, an action …) in the visitor's language; the second language has it under itself."""
    return _catalogue(locale()).get(f"word.{words}", words)


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts
