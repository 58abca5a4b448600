"""General knowledge that any city's agents answer with, to begin a knowledge base from."""

from pathlib import Path

from app.accounts.roles import Principal, Role
from app.catalogue.queries import catalogue
from app.knowledge.service import write_all
from app.knowledge.sheets import COLUMNS, read
from app.tables import read_table

DATA = Path(__file__).parent / "data"
# The seed writes in an administrator's place; nobody's name stands in the history for it.
_EDITOR = Principal(id=None, name="系统", roles=frozenset({Role.ADMINISTRATOR}))


def write_articles() -> int:
    lines = read_table((DATA / "articles.csv").read_bytes(), COLUMNS)
    return write_all(_EDITOR, read(lines, {entry.code for entry in catalogue()}, {}))
