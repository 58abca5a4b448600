"""The command line: `flask --app wsgi hotline …`."""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from alembic import command
from alembic.config import Config
from flask import Flask, current_app
from flask.cli import AppGroup

from app import clock
from app.config import Settings
from app.db import session, transaction, work
from app.errors import DomainError, NotFound

if TYPE_CHECKING:
    from app.events.verification import Fault

ROOT = Path(__file__).parent.parent

hotline = AppGroup("hotline", help="城市热线的维护命令")


def install(app: Flask) -> None:
    app.cli.add_command(hotline)


@hotline.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", _settings().database_url.replace("%", "%%"))
    command.upgrade(config, "head")


@hotline.command()
def seed() -> None:
    """Load the catalogue, the calendar and the areas; in demonstration mode the demonstration city too."""
    from app.demo.seed import SourceFiles, install_basics
    from app.demo.seed import seed as seed_demo
    from nlp.data import data_path

    files = SourceFiles(data_path("catalogue.csv"), data_path("filing_conditions.csv"), data_path("places.csv"))
    with transaction():
        install_basics(files)
    if _settings().is_demo:
        with transaction():
            understand = current_app.extensions["classifier"].understand
            seed_demo(clock.now(), files, understand, _settings().upload_dir)
        _watch_everything()


@hotline.command()
@click.pass_context
def prepare(context: click.Context) -> None:
    """`migrate` and `seed` in one process, where one role of the database may do both."""
    context.invoke(migrate)
    context.invoke(seed)


def _watch_everything() -> None:
    """The stories were written past the workflow; their lamps begin here."""
    from app.supervision.watching import find_unwatched

    found = 1
    while found:
        with transaction():
            found = find_unwatched()


@hotline.command("add-administrator")
@click.argument("login")
@click.argument("name")
@click.password_option()
def add_administrator(login: str, name: str, password: str) -> None:
    """The first person of a production system; everybody else is added in the administration."""
    from app.accounts.roles import SYSTEM
    from app.accounts.service import add_account

    try:
        with transaction():
            add_account(
                SYSTEM,
                login=login,
                name=name,
                work_no=login[:12],
                roles=["administrator"],
                area_code="3302",
                unit_id=None,
                password=password,
            )
    except DomainError as error:
        raise click.ClickException(error.message) from None


@hotline.command("grant-role")
@click.argument("role")
def grant_role(role: str) -> None:
    """Let ROLE run the application on PostgreSQL without being able to change or delete the history."""
    from app.events.roles import grant

    try:
        with transaction():
            grant(role)
    except DomainError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{role}：可以追加历史，不能修改或删除 / may append to the history, cannot change or delete it")


@hotline.command("seal-history")
def seal_history() -> None:
    """Seal the days that are over; the background process does it every night."""
    from app.events.tasks import seal_days

    seal_days.run()


@hotline.command("verify-history")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="只查这一天增长的案件和当天的封存")
@click.option("--case", "number", help="只查一个案件（编号）")
@click.option("--all", "everything", is_flag=True, help="全部（默认）")
def verify_history(day: datetime | None, number: str | None, everything: bool) -> None:
    """Check that no line of the history was changed, taken out or put in; 1 and the first broken line if one was."""
    from app.events import checking

    if sum((day is not None, number is not None, everything)) > 1:
        raise click.UsageError("--day、--case、--all 只能选一个")
    begun = time.perf_counter()
    try:
        with work():
            report = (
                checking.check_history(("case", _case_id(number)))
                if number
                else checking.check_day(day.date())
                if day
                else checking.check_all()
            )
            told = _tell(report.fault) if report.fault else ""
    except DomainError as error:
        raise click.ClickException(error.message) from None
    seconds = time.perf_counter() - begun
    click.echo(f"{report.lines} 行，{report.seals} 个封存，{seconds:.1f} 秒（{report.lines / seconds:.0f} 行/秒）")
    if told:
        raise click.ClickException(told)
    click.echo(f"历史完整 / the history is whole。最近的封存 / last seal: {report.last_seal or '—'}")


def _case_id(number: str) -> int:
    from app.cases.queries import case_numbered

    case = case_numbered(number)
    if case is None:
        raise NotFound(f"没有案件 {number[:20]}")
    return case.id


def _tell(fault: "Fault") -> str:
    """ "案件 GD… 第 3 行：内容被改动（payload）"."""
    from app.cases.models import Case

    kind, subject_id = fault.subject
    case = session().get(Case, subject_id) if kind == "case" else None
    name = f"案件 {fault.number or (case.number if case else subject_id)}" if kind == "case" else f"{kind} {subject_id}"
    where = f"{name} 第 {fault.seq} 行" if kind else "封存"
    about = "；".join(part for part in (fault.field, fault.day and f"{fault.day} 的封存") if part)
    for_machines = f"{fault.kind.value}: {kind} {subject_id} #{fault.seq}"
    return f"{where}：{_FAULTS[fault.kind]}{f'（{about}）' if about else ''} / {for_machines}"


_FAULTS = {
    "changed": "内容被改动",
    "unlinked": "与上一行不衔接，上一行被替换过",
    "missing": "此处的行被删除",
    "renumbered": "行号被改动",
    "cut": "末尾的行被删除",
    "rewritten": "整段历史被改写并重算了散列",
    "inserted": "封存之后被插入",
    "seal": "封存记录本身被改动或删除",
}


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
