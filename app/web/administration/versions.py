"""Versions of the catalogue: who changed what and when, what a version held, and what differs between two."""

from flask import Response, render_template, request

from app.accounts import queries as accounts
from app.catalogue import queries
from app.catalogue.entries import Catalogue
from app.catalogue.sheets import COLUMNS, export_rows, rows_of
from app.tables import compare
from app.web.administration.blueprint import bp, cut, number_from
from app.web.administration.imports import send_table


@bp.get("/classes/versions")
def list_versions() -> str:
    page = cut(queries.versions())
    return render_template(
        "admin/versions.html",
        section="classes",
        page=page,
        names=accounts.names_of({each.created_by for each in page.rows if each.created_by}),
        sizes={each.number: len(_at(each.number)) for each in page.rows[:10]},
    )


@bp.get("/classes/versions/<int:number>")
def show_version(number: int) -> str:
    version, text = queries.version_of(number), request.args.get("q", "")
    held = _at(number)
    shown = held.search(text, limit=len(held)) if text.strip() else list(held)
    names = accounts.names_of({version.created_by} if version.created_by else set())
    return render_template(
        "admin/version.html",
        section="classes",
        version=version,
        by=names.get(version.created_by or 0, ""),
        page=cut(shown),
        newest=queries.versions()[0].number,
    )


@bp.get("/classes/versions/<int:number>/export.<form>")
def export_version(number: int, form: str) -> Response:
    return send_table(export_rows(_at(number)), COLUMNS, "admin.classes", form)


@bp.get("/classes/versions/compare")
def compare_versions() -> str:
    """`from` and `to` are version numbers; the newest against the one before if not told."""
    numbers = [each.number for each in queries.versions()]
    after = _asked("to", numbers, numbers[0])
    before = _asked("from", numbers, next((each for each in numbers if each < after), after))
    return render_template(
        "admin/versions_compare.html",
        section="classes",
        numbers=numbers,
        before=before,
        after=after,
        comparison=compare(rows_of(_at(before)), rows_of(_at(after)), COLUMNS),
    )


def _asked(name: str, numbers: list[int], otherwise: int) -> int:
    number = number_from(request.args.get(name, ""))
    return number if number in numbers else otherwise


def _at(number: int) -> Catalogue:
    return queries.catalogue(queries.version_of(number).id)
