"""Rules that are not saved yet, as the router would see them."""

from collections.abc import Iterable
from dataclasses import replace

from app.network import queries
from app.network.routing import Rule, RuleIndex, UnitRef
from app.network.rule_changes import GAP, RuleFields
from app.network.whens import ALWAYS


def with_change(index: RuleIndex, fields: RuleFields, rule_id: int | None) -> RuleIndex:
    """One rule added or changed; whoever stands at its place moves back, as saving would do it."""
    others = [each for each in index.rules if each.id != rule_id]
    old = next((each for each in index.rules if each.id == rule_id), None)
    last = max((each.position for each in others), default=0)
    position = fields.position or (old.position if old else last + GAP)
    if any(each.position == position for each in others):
        others = [replace(each, position=each.position + 1) if each.position >= position else each for each in others]
    return index.with_rules([*others, *_proposed([(rule_id or 0, replace(fields, position=position))])])


def with_rules(index: RuleIndex, rules: Iterable[tuple[int, RuleFields]]) -> RuleIndex:
    """A whole new set; 0 is the id of a rule that is new."""
    return index.with_rules(_proposed(rules))


def _proposed(rules: Iterable[tuple[int, RuleFields]]) -> list[Rule]:
    names = {each.id: each.name for each in queries.units(limit=queries.EVERY_UNIT)}
    return [
        Rule(
            id=rule_id,
            position=fields.position or 0,
            area_code=fields.area_code,
            area_name=queries.area_name(fields.area_code),
            subject_kind=fields.subject_kind,
            subject=fields.subject,
            unit=UnitRef(fields.unit_id, names[fields.unit_id]),
            valid_from=fields.valid_from,
            valid_to=fields.valid_to,
            note=fields.note,
            when=fields.when or ALWAYS,
            co_units=tuple(UnitRef(each, names[each]) for each in fields.co_unit_ids if each in names),
            crew=fields.crew,
        )
        for rule_id, fields in rules
        if fields.is_active and fields.unit_id in names
    ]
