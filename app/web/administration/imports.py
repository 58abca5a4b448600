"""Bringing a table in: choose a file, see row by row what it would change, then confirm. And taking it out again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from app import clock, tables
from app.accounts.sessions import principal
from app.errors import Conflict, DomainError, Invalid, NotFound, TooLarge
from app.tables import Column, Comparison, Row
from app.web.administration.blueprint import Refusal, attempt, bp
from app.web.texts import translate

LONGEST_NOTE = 200
PREVIEW_LASTS = 3600
# What a form field may hold before the server refuses the whole request.
MOST_SEALED = 400_000
MOST_SHOWN = 300
_MIME = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

Lines = Sequence[tuple[int, Row]]
View = Response | AnyResponse | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the administration that can be taken out and brought in.

    `after`: what the table would hold, by key; raises Invalid with every bad row. `apply` writes it and says so.
    `stamp`: changes when somebody else has changed the table since the preview.
    """

    kind: str
    section: str
    columns: Sequence[Column]
    current: Callable[[], dict[str, Row]]
    after: Callable[[Lines], dict[str, Row]]
    apply: Callable[[Lines, str], str]
    stamp: Callable[[], str]
    # More to show beside the rows before anything is saved.
    effect: Callable[[Lines], dict[str, Any]] | None = None
    # The page to which the table belongs, if it is not named like the table.
    back: str = ""
    # Whether the reason for the change has a place to be kept: who cannot keep it does not ask.
    keeps_note: bool = False

    @property
    def page(self) -> str:
        return self.back or self.kind


_TABLES: dict[str, Table] = {}


def offer(table: Table) -> None:
    """Paths are spelled out for each table: "/classes/<code>" must not take "import" for a code."""
    _TABLES[table.kind] = table
    for path, view, method in (
        ("export.<form>", export_table, "GET"),
        ("import", choose_file, "GET"),
        ("import", preview_import, "POST"),
        ("import/confirm", confirm_import, "POST"),
    ):
        endpoint = f"{table.kind}_{view.__name__}"
        bp.add_url_rule(f"/{table.kind}/{path}", endpoint, _about(table.kind, view), methods=[method])


def _about(kind: str, view: Callable[..., View]) -> Callable[..., View]:
    # A named function, not a partial: the rate limiter looks for a view's module and name.
    @wraps(view)
    def shown(**values: str) -> View:
        return view(kind, **values)

    return shown


def export_table(kind: str, form: str) -> Response:
    table = _table(kind)
    return send_table(list(table.current().values()), table.columns, f"admin.{kind}", form)


def send_table(rows: Sequence[Row], columns: Sequence[Column], title: str, form: str) -> Response:
    if form not in _MIME:
        raise NotFound(translate("admin.import.no_format"))
    name = translate(title)
    data = tables.write_csv(rows, columns) if form == "csv" else tables.write_workbook(rows, columns, name)
    answer = Response(data, content_type=_MIME[form])
    day = f"{clock.local(clock.now()):%Y%m%d}"
    answer.headers.set("Content-Disposition", "attachment", filename=f"{title.split('.')[-1]}-{day}.{form}")
    return answer


def choose_file(kind: str) -> str:
    return _page(_table(kind))


def preview_import(kind: str) -> str | tuple[str, int]:
    table = _table(kind)
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    try:
        lines = _uploaded(table)
        comparison = tables.compare(table.current(), table.after(lines), table.columns)
        sealed = _seal(table, lines)
        effect = table.effect(lines) if table.effect else {}
    except DomainError as error:
        refusal = Refusal(error.status, error.message)
        return _page(table, refusal, rows=error.facts.get("rows", ()), note=note), error.status
    return _page(table, comparison=comparison, sealed=sealed, note=note, effect=effect)


def confirm_import(kind: str) -> AnyResponse | tuple[str, int]:
    table = _table(kind)
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    bad_rows: list[str] = []

    def bring_in() -> str:
        try:
            return table.apply(_unseal(table, request.form.get("sealed", "")), note)
        except Invalid as error:
            bad_rows.extend(error.facts.get("rows", ()))
            raise

    refusal = attempt(bring_in)
    if refusal is None:
        return redirect(f"/admin/{table.page}", 303)
    return _page(table, refusal, rows=bad_rows, note=note), refusal.status


def _page(
    table: Table,
    refusal: Refusal | None = None,
    *,
    rows: Sequence[str] = (),
    comparison: Comparison | None = None,
    sealed: str = "",
    note: str = "",
    effect: dict[str, Any] | None = None,
) -> str:
    return render_template(
        "admin/import.html",
        section=table.section,
        kind=table.kind,
        back=table.page,
        columns=table.columns,
        keeps_note=table.keeps_note,
        refusal=refusal,
        bad_rows=rows,
        comparison=comparison,
        most=MOST_SHOWN,
        sealed=sealed,
        note=note,
        effect=effect or {},
    )


def _uploaded(table: Table) -> Lines:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(translate("admin.import.no_file"))
    # One byte more than allowed: a longer file is refused without being read to its end.
    return tables.read_table(file.stream.read(tables.MOST_BYTES + 1), table.columns)


def _seal(table: Table, lines: Lines) -> str:
    """The rows travel in the form, signed: what is confirmed is exactly what was shown, and nothing waits here."""
    values = [[line, *(row[each.name] for each in table.columns)] for line, row in lines]
    sealed = _signer(table).dumps({"by": principal().id, "stamp": table.stamp(), "rows": values})
    if len(sealed) > MOST_SEALED:
        raise TooLarge(translate("admin.import.too_many"))
    return sealed if isinstance(sealed, str) else sealed.decode()


def _unseal(table: Table, sealed: str) -> Lines:
    try:
        kept = _signer(table).loads(sealed, max_age=PREVIEW_LASTS)
    except BadSignature:
        raise Invalid(translate("admin.import.expired")) from None
    if kept["by"] != principal().id:
        raise Invalid(translate("admin.import.expired"))
    if kept["stamp"] != table.stamp():
        raise Conflict(translate("admin.import.changed_meanwhile"))
    names = [each.name for each in table.columns]
    return [(line, dict(zip(names, values, strict=True))) for line, *values in kept["rows"]]


def _signer(table: Table) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"import.{table.kind}")


def _table(kind: str) -> Table:
    if kind not in _TABLES:
        raise NotFound(translate("admin.import.no_table"))
    return _TABLES[kind]


def tell_in_flash(refusal: Refusal | None) -> None:
    if refusal is not None:
        flash(refusal.message, "bad")
