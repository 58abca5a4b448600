"""What is wrong with the rules as they stand, and which units send cases back and forth."""

from collections import defaultdict
from dataclasses import dataclass, field

from flask import render_template, request

from app import clock
from app.catalogue.queries import catalogue
from app.network import queries
from app.network.analysis import Analysis, Fault, Finding, Gap, Subject
from app.reports.returns import return_pairs
from app.waiting import breathing
from app.web.administration import choices
from app.web.administration.blueprint import bp, cut
from app.web.texts import translate

DAYS = 90


@dataclass(slots=True)
class Hole:
    """A class and the areas in which no rule, or none that always holds, decides."""

    code: str
    name: str
    unit_type: str
    places: int = 0
    areas: list[tuple[str, bool, int]] = field(default_factory=list)


@bp.get("/rules/faults")
def show_faults() -> str:
    district = request.args.get("area", "")
    analysis = _analysis(district)
    lines = {line.rule.id: line for line in queries.rules(active_only=True)}
    working = queries.rule_index().rules
    off = [Finding(rule_id, Fault.UNIT_OFF) for rule_id in lines.keys() - {each.id for each in working}]
    findings = [*off, *analysis.findings(breathing(working))]
    findings.sort(key=lambda each: lines[each.rule_id].rule.position)
    holes = _holes(analysis.gaps())
    return render_template(
        "admin/rule_faults.html",
        section="rules",
        findings=findings,
        lines=lines,
        page=cut(holes),
        pairs=sum(hole.places for hole in holes),
        districts=choices.area_groups(everywhere=""),
    )


@bp.get("/rules/returns")
def show_returns() -> str:
    return render_template("admin/returns.html", section="rules", pairs=return_pairs(DAYS), days=DAYS)


def warning_of(rule_id: int) -> str:
    """Said at once of a rule that was saved and can never decide, or that leaves nothing to those behind it."""
    saved = [each for each in queries.rule_index().rules if each.id == rule_id]
    words = [translate(f"admin.faults.{each.fault}").rstrip("：") for each in _analysis("").findings(saved)]
    return translate("admin.faults.saved", fault=words[0]) if words else ""


def _analysis(district: str) -> Analysis:
    subjects = [
        Subject(
            entry.code,
            entry.primary_unit_type,
            entry.secondary_unit_type,
            tuple(each.no for each in entry.conditions),
        )
        for entry in catalogue()
    ]
    codes = [each.code for each in queries.areas() if each.code.startswith(district)]
    return Analysis(queries.rule_index(), subjects, codes, clock.local(clock.now()).date())


def _holes(gaps: list[Gap]) -> list[Hole]:
    holes: dict[str, Hole] = {}
    tree, classes = queries.areas(), catalogue()
    by_class: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        by_class[gap.class_code].append(gap)
    for code, found in by_class.items():
        entry = classes.class_of(code)
        hole = holes[code] = Hole(code, entry.name, entry.primary_unit_type)
        for gap in found:
            hole.places += gap.places
            hole.areas.append((tree.text(gap.area_code), gap.is_partly, gap.places))
    return list(holes.values())
