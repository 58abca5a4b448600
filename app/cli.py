"""The command line: `flask --app wsgi hotline …`."""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import Flask, current_app
from flask.cli import AppGroup

from app import clock
from app.config import Settings
from app.db import transaction
from app.errors import DomainError

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


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
