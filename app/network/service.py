"""Changing the network. Each change is an event and renews the stamp by which processes drop what they keep."""

from sqlalchemy import select

from app.accounts.roles import Principal
from app.db import session
from app.errors import Invalid
from app.network import queries
from app.network.areas import CATEGORIES
from app.network.changes import AUDIENCE, must_administer, renew_stamp, tell
from app.network.models import Area
from app.network.rule_changes import GAP, RuleFields, add_rule, change_rule, move_rule, replace_rules, switch_rule
from app.network.unit_changes import UnitFields, add_unit, change_unit, knows_pin, set_channel

__all__ = [
    "AUDIENCE",
    "GAP",
    "RuleFields",
    "UnitFields",
    "add_rule",
    "add_unit",
    "change_rule",
    "change_unit",
    "knows_pin",
    "move_rule",
    "renew_stamp",
    "replace_rules",
    "set_categories",
    "set_channel",
    "switch_rule",
]


def set_categories(actor: Principal, wanted: dict[str, str]) -> int:
    """Area code -> A, B, C or "" (that of the area above); returns how many changed. Open cases keep their limits."""
    must_administer(actor)
    if set(wanted.values()) - {*CATEGORIES, ""}:
        raise Invalid("区域类别只能是 A、B、C")
    tree = queries.areas()
    changed = {code: new for code, new in wanted.items() if tree.area(code).category != new}
    if not changed:
        return 0
    lines = []
    for row in session().scalars(select(Area).where(Area.code.in_(changed))):
        line = {"code": row.code, "name": row.name, "condition_no": ""}
        lines.append({**line, "before": row.category, "after": changed[row.code]})
        row.category = changed[row.code]
    session().flush()
    tell(actor, "area.categories_changed", ("area", 0), {"changes": lines}, stamp="areas")
    return len(changed)
