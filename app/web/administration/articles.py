"""The knowledge base: what agents answer consultations with; edited one by one or brought in as a table."""

from collections.abc import Mapping

from flask import redirect, render_template, request
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.accounts.sessions import principal
from app.catalogue.queries import catalogue
from app.db import session
from app.knowledge import queries, sheets
from app.knowledge.models import Article
from app.knowledge.service import Content, write, write_all
from app.network.models import Unit
from app.tables import Row
from app.web.administration import choices
from app.web.administration.blueprint import Refusal, attempt, bp, cut, number_from, seen_version, typed
from app.web.administration.imports import Lines, Table, offer
from app.web.texts import translate

FIELDS = ("code", "title", "body", "keywords", "class_codes", "valid_from", "valid_until", "unit_id")
EMPTY = {**dict.fromkeys(FIELDS, ""), "active": "1"}


@bp.get("/articles")
def list_articles() -> str:
    words = request.args.get("q", "").strip()
    rows = [row for row in queries.articles() if words in f"{row.code}{row.title}{row.keywords}{row.body}"]
    return render_template("admin/articles.html", section="articles", page=cut(rows), unit_names=_unit_names())


@bp.get("/articles/new")
def new_article() -> str:
    return _form(EMPTY, None)


@bp.post("/articles/new")
def add_article() -> Response | tuple[str, int]:
    return _save(None)


@bp.get("/articles/<int:article_id>")
def show_article(article_id: int) -> str:
    article = queries.find_article(article_id)
    row = sheets.row_of(article, {})
    unit_id = "" if article.unit_id is None else str(article.unit_id)
    return _form({**row, "unit_id": unit_id, "active": "1" if article.is_active else ""}, article)


@bp.post("/articles/<int:article_id>")
def change_article(article_id: int) -> Response | tuple[str, int]:
    return _save(queries.find_article(article_id))


def _save(article: Article | None) -> Response | tuple[str, int]:
    form = {**typed(*FIELDS), "active": request.form.get("active", "")}

    def save() -> str:
        version = seen_version() if article is not None else None
        write(principal(), _content(form), article.id if article is not None else None, version)
        return translate("admin.articles.saved")

    refusal = attempt(save)
    if refusal is None:
        return redirect("/admin/articles", 303)
    return _form(form, article, refusal), refusal.status


def _content(form: dict[str, str]) -> Content:
    """The form is a row of the table but for the unit, which it names by its id."""
    names = {name: which for which, name in _unit_names().items()}
    unit = _unit_names().get(number_from(form["unit_id"]) or 0, "")
    row = {**form, "unit": unit, "active": "是" if form["active"] else "否"}
    return sheets.content_of(row, _classes(), names)


def _form(form: Mapping[str, str], article: Article | None, refusal: Refusal | None = None) -> str:
    return render_template(
        "admin/article.html",
        section="articles",
        form=form,
        article=article,
        refusal=refusal,
        errors=refusal.fields if refusal else {},
        units=choices.unit_groups(chosen=form["unit_id"]),
    )


def _classes() -> set[str]:
    return {entry.code for entry in catalogue()}


def _unit_names() -> dict[int, str]:
    return {which: name for which, name in session().execute(select(Unit.id, Unit.name))}


def _current() -> dict[str, Row]:
    names = _unit_names()
    return {row.code: sheets.row_of(row, names) for row in queries.articles()}


def _read(lines: Lines) -> list[Content]:
    return sheets.read(list(lines), _classes(), {name: which for which, name in _unit_names().items()})


def _after(lines: Lines) -> dict[str, Row]:
    """What the table does not name stays."""
    names = _unit_names()
    return {**_current(), **{content.code: sheets.content_row(content, names) for content in _read(lines)}}


def _apply(lines: Lines, _note: str) -> str:
    return translate("admin.articles.brought", n=write_all(principal(), _read(lines)))


def _stamp() -> str:
    return str(session().execute(select(func.count(), func.sum(Article.version))).one())


offer(
    Table(
        kind="articles",
        section="articles",
        columns=sheets.COLUMNS,
        current=_current,
        after=_after,
        apply=_apply,
        stamp=_stamp,
    )
)
