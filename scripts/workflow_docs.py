"""Write docs/workflow.md and its picture from the workflow table: `python -m scripts.workflow_docs [--check]`.

`--check` writes nothing and fails if a file no longer says what the table says.
"""

import argparse
import sys
from collections import defaultdict
from html import escape
from pathlib import Path

from app.accounts.roles import Role
from app.cases.guards import LONGEST_SUSPENSION, MOST_CO_UNITS, MOST_EXTENSIONS, PING_PONG, Policy
from app.cases.steps import Demand, Guard, Level, Own, Step, Tick
from app.cases.terms import ACTION_LABELS, ENDED, FACT_LABELS, LABELS, Action, Fact, State
from app.cases.workflow import TABLE
from app.messages.handlers import SAY

ROOT = Path(__file__).parents[1]
PAGE, PICTURE = ROOT / "docs" / "workflow.md", ROOT / "docs" / "pictures" / "workflow.svg"

ROLES = {
    Role.AGENT: "坐席",
    Role.SUPERVISOR: "值班长",
    Role.DISPATCHER: "派遣员",
    Role.INSPECTOR: "监督员",
    Role.HANDLER: "处置人员",
    Role.LEADER: "领导",
    Role.ADMINISTRATOR: "管理员",
    Role.CITIZEN: "来电人",
    Role.SYSTEM: "系统",
}
TICKS = {
    Tick.NONE: "–",
    Tick.START: "starts: a whole limit from now",
    Tick.STOP: "stops, keeps what is left",
    Tick.ADD: "one original limit more",
    Tick.RESUME: "goes on with what was left",
    Tick.DROP: "no limit any more",
}
GUARDS = {
    Guard.NOT_OVERDUE: "not overdue",
    Guard.EXTENSIONS_LEFT: f"fewer than {MOST_EXTENSIONS} extensions",
    Guard.NEVER_SUSPENDED: "never suspended before",
    Guard.NO_EXTENSION_PENDING: "no extension asked and undecided",
    Guard.EXTENSION_PENDING: "an extension is asked",
    Guard.NO_SUSPENSION_PENDING: "no suspension asked and undecided",
    Guard.SUSPENSION_PENDING: "a suspension is asked",
    Guard.APPEAL_PENDING: "an appeal is open",
    Guard.OTHER_THAN_ASKER: "another person than the one who asked",
    Guard.OTHER_REVIEWER: "the second reviewer is another person, of the city",
    Guard.OTHER_PERSON: "another person than the one who proposed it",
    Guard.OVERDUE_MARK: "overdue, and not yet appealed against",
    Guard.VERIFICATION_OPEN: "a verification is open",
    Guard.NOT_BEING_VERIFIED: "no verification is open",
    Guard.DUTY_MANAGER: f"from the {PING_PONG}nd return on only the duty manager, who names the unit and says why",
    Guard.ROOM_FOR_CO_UNITS: f"fewer than {MOST_CO_UNITS} co-units",
    Guard.SUPERVISED: "the case has been supervised",
    Guard.CO_UNIT_OPEN: "the co-unit has not fed back yet",
    Guard.WITHIN_WINDOW: f"within {Policy().reopen_window.days} days (REOPEN_DAYS) of the closing",
}
DEMANDS = {
    Demand.REASON_IF_RETURNED_BEFORE: "a reason if the unit has returned the case before",
    Demand.REASON_IF_CO_UNITS_OPEN: "a reason if a co-unit has not fed back",
    Demand.PHOTO_UNLESS_BY_TELEPHONE: "a photograph (处置后照片), except of a unit that answers by telephone alone",
    Demand.LOOK_IF_UNSEEN: "what was found on the spot, if the unit has sent no photograph and the inspector took none",
    Demand.UNTIL_WITHIN_A_YEAR: f"a date in the future, at most {LONGEST_SUSPENSION.days - 1} days away",
}
INTRODUCTION = """\
# The life of a case

Generated from `app/cases/workflow.py` by `python -m scripts.workflow_docs`; a test fails when the two differ. The words
are those of GB/T 30428.8 ([glossary](glossary.md)). A client names an action, never a state:
`POST /api/v1/cases/{id}/actions/{action}` with `If-Match` and the facts as JSON; `GET /api/v1/cases/{id}` lists under
`actions` what the person asking may do now and which facts each action takes.

![States of a case and the actions between them](pictures/workflow.svg)

A solid arrow is the way of the table; a dashed one is taken where the city keeps the confirmation for itself
(`CITY_CONFIRMS_NON_FILING`, `CITY_CONFIRMS_CLOSING`).

## Who
Two levels: people of a district act on the cases of their district, people of the city on all. Where the table says
“city”, only they do. 处置人员 act for their own unit: the main unit, or, where it is said, a co-unit.
The units above it may look at the case, never act on it or learn who called.

## Clocks
- The **handling limit** starts with the dispatch, on one of the four clocks. Feeding back, checking and suspension cost
  the unit nothing: the clock stops and goes on with what was left. A deadline once missed is never moved.
- An **extension** adds one original limit to the deadline, a **suspension** stops the clock until its date and resumes
  by itself; both are asked by the unit and decided by the dispatcher, and neither helps an overdue case. The clock goes
  on at that date even if the sweep comes later; a case that is closed by force meanwhile is not late for it.
- A **new unit**, and a case done again, has a plain limit: what was extended before counts towards the two a case may
  have, not towards this limit.
- **Stage clocks** run always: 受理 15 min, 核实 30 min, 派遣 15 min, 核查 30 min.
- Every step of the derivation is kept (`deadline_steps`) and shown.

## Side paths
- **核实** before the filing holds it up; beside it (urgent safety classes, at once) it does not.
- **回退** returns the case to the dispatcher. No rule gives it to the same unit again: whoever does so says why. The
  second return makes the case the duty manager's.
- **协办**: the main unit feeds back when every co-unit has, or says why not.
- **申诉** is upheld by two people; statistics may leave the mark out, the times that made it stay visible.
- **督办** follows the case to whoever has it and ends with it: an ended case takes no answer.
- **重新办理**: the citizen, or a second caller about the same matter, says that it is not fixed.

Everybody in the rooms of a case is told of every step: the desk always, the area from the filing or the verification
on, the units that have it, and, for the one step that takes it from them, those that had it.
"""


def page() -> str:
    parts = [INTRODUCTION]
    for state in State:
        steps = [(action, step) for (at, action), step in TABLE.items() if at is state]
        ended = " (ended)" if state in ENDED else ""
        parts.append(f"## {LABELS[state]} `{state.value}`{ended}\n")
        parts.append(
            "| action | who | needs | only if | leads to | handling clock | event |\n|---|---|---|---|---|---|---|"
        )
        parts.extend(_row(state, action, step) for action, step in steps)
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _row(state: State, action: Action, step: Step) -> str:
    cells = [
        f"{ACTION_LABELS[action]} `{action.value}`",
        _who(step),
        _needs(step),
        "; ".join(GUARDS[guard] for guard in step.guards) or "–",
        _target(state, step),
        TICKS[step.clock],
        _event(step),
    ]
    return f"| {' | '.join(cells)} |"


def _who(step: Step) -> str:
    names = "、".join(ROLES[role] for role in Role if role in step.roles)
    city = " (city)" if step.level is Level.CITY else ""
    co_unit = " (co-unit)" if step.own is Own.CO else ""
    return names + city + co_unit


def _needs(step: Step) -> str:
    must = "、".join(f"**{FACT_LABELS[fact]}**" for fact in Fact if fact in step.requires)
    may = "、".join(FACT_LABELS[fact] for fact in Fact if fact in step.takes)
    return "; ".join([part for part in (must, may) if part] + [DEMANDS[each] for each in step.demands]) or "–"


def _target(state: State, step: Step) -> str:
    target = "stays" if step.target is state else LABELS[step.target]
    return f"{target}; {LABELS[step.waits.target]} where the city confirms" if step.waits else target


def _event(step: Step) -> str:
    names = [step.event, *([step.waits.event] if step.waits else [])]
    texts = [f"`{name}`{' + SMS' if name in SAY else ''}" for name in names]
    return " / ".join(texts)


# --- the picture -----------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, BOX_W, BOX_H = 1490, 660, 116, 46
PLACES = {
    State.REPORTED: (110, 310),
    State.FILED: (370, 310),
    State.DISPATCHED: (610, 310),
    State.HANDLING: (850, 310),
    State.CHECKING: (1140, 310),
    State.CLOSED: (1400, 310),
    State.SUSPENDED: (850, 150),
    State.VERIFYING: (110, 130),
    State.REJECTING: (240, 460),
    State.REJECTED: (370, 590),
    State.CONFIRMING: (1270, 460),
    State.VOID: (610, 590),
}
# How far an arrow swings to the left of its direction; without an entry it goes straight.
BENDS = {
    (State.REPORTED, State.VERIFYING): 70,
    (State.VERIFYING, State.REPORTED): 70,
    (State.REJECTING, State.REPORTED): 60,
    (State.REPORTED, State.REJECTED): -170,
    (State.FILED, State.REJECTED): 40,
    (State.FILED, State.DISPATCHED): 30,
    (State.DISPATCHED, State.FILED): 30,
    (State.DISPATCHED, State.HANDLING): 30,
    (State.HANDLING, State.DISPATCHED): 30,
    (State.HANDLING, State.FILED): -150,
    (State.HANDLING, State.CHECKING): 30,
    (State.CHECKING, State.HANDLING): 30,
    (State.HANDLING, State.SUSPENDED): 70,
    (State.SUSPENDED, State.HANDLING): 70,
    (State.CONFIRMING, State.HANDLING): 30,
    (State.CLOSED, State.DISPATCHED): -500,
}
# They come from nearly everywhere: named at their target instead of drawn.
GATHERED = (Action.VOID, Action.FORCE_CLOSE)
TONES = {State.CLOSED: "#dcf5e3", State.REJECTED: "#e8eaee", State.VOID: "#e8eaee", State.SUSPENDED: "#e8eaee"}

Arrow = tuple[State, State, bool]


def picture() -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            f' font-family="Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif" font-size="13">',
            "<title>States of a case and the actions between them</title>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
            ' orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#4a5568"/></marker></defs>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            *(_arrow(arrow, labels) for arrow, labels in _arrows().items()),
            *(_box(state) for state in State),
            *_gathered(),
            "</svg>\n",
        ]
    )


def _arrows() -> dict[Arrow, list[str]]:
    found: dict[Arrow, list[str]] = defaultdict(list)
    for (state, action), step in TABLE.items():
        if action in GATHERED:
            continue
        if step.target is not state:
            found[state, step.target, False].append(ACTION_LABELS[action])
        if step.waits is not None:
            found[state, step.waits.target, True].append(ACTION_LABELS[action])
    return found


def _arrow(arrow: Arrow, labels: list[str]) -> str:
    """A quadratic curve from border to border, its words at the middle."""
    start, end, is_dashed = arrow
    (x1, y1), (x2, y2) = PLACES[start], PLACES[end]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    bend = BENDS.get((start, end), 0)
    cx = (x1 + x2) / 2 + (y2 - y1) / length * bend
    cy = (y1 + y2) / 2 - (x2 - x1) / length * bend
    (sx, sy), (ex, ey) = _border(start, cx, cy), _border(end, cx, cy)
    mx, my = (sx + 2 * cx + ex) / 4, (sy + 2 * cy + ey) / 4
    dashes = ' stroke-dasharray="5 4"' if is_dashed else ""
    lines = [_words(mx, my + 15 * (nth - (len(labels) - 1) / 2), label) for nth, label in enumerate(labels)]
    path = f"M{sx:.0f} {sy:.0f}Q{cx:.0f} {cy:.0f} {ex:.0f} {ey:.0f}"
    return f'<path d="{path}" fill="none" stroke="#4a5568"{dashes} marker-end="url(#tip)"/>' + "".join(lines)


def _border(state: State, towards_x: float, towards_y: float) -> tuple[float, float]:
    x, y = PLACES[state]
    dx, dy = towards_x - x, towards_y - y
    scale = min(BOX_W / 2 / abs(dx) if dx else 9, BOX_H / 2 / abs(dy) if dy else 9)
    return x + dx * scale, y + dy * scale


def _words(x: float, y: float, text: str) -> str:
    halo = 'paint-order="stroke" stroke="#fff" stroke-width="5"'
    return f'<text x="{x:.0f}" y="{y + 4:.0f}" text-anchor="middle" fill="#2d3748" {halo}>{escape(text)}</text>'


def _box(state: State) -> str:
    x, y = PLACES[state]
    tone = TONES.get(state, "#e6f0ff")
    return (
        f'<rect x="{x - BOX_W / 2:.0f}" y="{y - BOX_H / 2:.0f}" width="{BOX_W}" height="{BOX_H}" rx="8" fill="{tone}"'
        f' stroke="#2b6cb0"/><text x="{x}" y="{y - 2}" text-anchor="middle" font-weight="600">{LABELS[state]}</text>'
        f'<text x="{x}" y="{y + 14}" text-anchor="middle" font-size="11" fill="#4a5568">{state.value}</text>'
    )


def _gathered() -> list[str]:
    """In the corner: which states lead where by the gathered actions."""
    lines = []
    for nth, action in enumerate(GATHERED):
        origins = [state for (state, taken) in TABLE if taken is action]
        x, y = PLACES[State.VOID]
        target = LABELS[TABLE[origins[0], action].target]
        text = f"{ACTION_LABELS[action]} → {target}：自{'、'.join(LABELS[state] for state in origins)}"
        lines.append(f'<text x="{x + BOX_W // 2 + 16}" y="{y - 5 + 20 * nth}" fill="#4a5568">{text}</text>')
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    wanted = {PAGE: page(), PICTURE: picture()}
    stale = [file for file, text in wanted.items() if not file.exists() or file.read_text(encoding="utf-8") != text]
    if options.check:
        for file in stale:
            print(f"{file.relative_to(ROOT)} is out of date: python -m scripts.workflow_docs", file=sys.stderr)
        return 1 if stale else 0
    for file in stale:
        file.write_text(wanted[file], encoding="utf-8")
        print(f"wrote {file.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
