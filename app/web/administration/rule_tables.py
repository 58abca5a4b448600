"""Routing rules in and out as a table; what a whole new set would do is tried before it is saved."""

from typing import Any

from app import clock
from app.accounts.sessions import principal
from app.cases.samples import recent_samples
from app.network import queries, service
from app.network.dryrun import dry_run
from app.network.proposals import with_rules
from app.network.rule_sheets import COLUMNS, RuleReader, Wanted, rows_of, rows_of_wanted
from app.tables import Row
from app.waiting import breathing
from app.web.administration import choices
from app.web.administration.imports import Lines, Table, offer
from app.web.texts import translate

TRIED_ON = 1000


def _codes() -> dict[int, str]:
    return {each.id: each.code for each in queries.units(active_only=False, limit=queries.EVERY_UNIT)}


def _read(lines: Lines) -> list[Wanted]:
    units: dict[str, int] = {}
    for each in queries.units(active_only=False, limit=queries.EVERY_UNIT):
        units |= {each.name: each.id, each.code: each.id}
    subjects = {subject for subject, _ in choices.subjects()}
    return RuleReader((line.rule for line in queries.rules()), units, subjects).read(lines)


def _current() -> dict[str, Row]:
    return rows_of((line.rule for line in queries.rules()), _codes())


def _after(lines: Lines) -> dict[str, Row]:
    """What is missing in the file stays as a row that is switched off."""
    after = rows_of_wanted(_read(lines), _codes())
    missing = {key: {**row, "state": "停用"} for key, row in _current().items() if key not in after}
    return {**after, **missing}


def _bring_in(lines: Lines, _note: str) -> str:
    added, changed, off = service.replace_rules(principal(), _read(lines))
    return translate("admin.rules.imported", added=added, changed=changed, off=off)


def _effect(lines: Lines) -> dict[str, Any]:
    now, today = queries.rule_index(), clock.local(clock.now()).date()
    trial = dry_run(breathing(recent_samples(TRIED_ON, today)), now, with_rules(now, _read(lines)))
    return {"template": "admin/import_rules.html", "trial": trial}


offer(
    Table(
        kind="rules",
        section="rules",
        columns=COLUMNS,
        current=_current,
        after=_after,
        apply=_bring_in,
        stamp=queries.routing_stamp,
        effect=_effect,
    )
)
