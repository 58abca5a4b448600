"""The review queue: supervisors confirm or correct what was decided, and take in the words people use."""

from dataclasses import dataclass

from apiflask import APIBlueprint
from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.accounts.roles import Permission
from app.accounts.sessions import needs, principal
from app.catalogue.queries import catalogue
from app.learning import proposals, queries, review
from app.learning.models import SuggestionOutcome
from app.learning.review import Queue
from app.learning.terms import OUT_OF_SCOPE
from app.web.administration.blueprint import Refusal, attempt, surroundings
from app.web.texts import translate

# A blueprint of its own: its guard lets supervisors in, who have no business in the rest of the administration.
bp = APIBlueprint("review", __name__, url_prefix="/review", enable_openapi=False)
bp.before_request(needs(Permission.REVIEW_SUGGESTIONS)(lambda: None))
bp.context_processor(surroundings)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One decision to look at. `candidates`: (code, name, share, whether it was chosen)."""

    id: int
    case_id: int
    text: str
    at: str
    chosen: str
    chosen_name: str
    candidates: list[tuple[str, str, str, bool]]


@bp.get("")
def show_queue() -> str:
    return _page()


@bp.post("/<int:outcome_id>")
def judge(outcome_id: int) -> Response | tuple[str, int]:
    """`code`: the class that is right; the agent's own choice confirms it."""
    code = (request.form.get("other", "").strip() or request.form.get("code", "")).split(" ")[0]

    def decide() -> str:
        row = review.judge(principal(), outcome_id, code)
        key = "admin.review.confirmed" if row.truth_code == row.chosen_code else "admin.review.corrected"
        return translate(key, name=_name(row.truth_code))

    return _done(attempt(decide))


@bp.post("/words/<int:proposal_id>")
def decide_word(proposal_id: int) -> Response | tuple[str, int]:
    accepted = request.form.get("accept") == "1"

    def decide() -> str:
        row = proposals.decide(principal(), proposal_id, accepted=accepted)
        key = "admin.review.word_accepted" if accepted else "admin.review.word_dismissed"
        return translate(key, word=row.word, name=_name(row.class_code))

    return _done(attempt(decide))


def _page(refusal: Refusal | None = None) -> str:
    queue = _queue()
    return render_template(
        "admin/review.html",
        section="review",
        queue=queue,
        counts=review.counts(),
        doubts=[_doubt(row) for row in review.waiting(queue)],
        proposals=[(row, _name(row.class_code)) for row in queries.proposals(limit=20)],
        classes=list(catalogue()),
        outside=OUT_OF_SCOPE,
        refusal=refusal,
    )


def _done(refusal: Refusal | None) -> Response | tuple[str, int]:
    if refusal is None:
        return redirect(f"/review?queue={_queue().value}", 303)
    return _page(refusal), refusal.status


def _queue() -> Queue:
    asked = request.args.get("queue", "")
    return Queue(asked) if asked in set(Queue) else Queue.OVERRIDDEN


def _doubt(row: SuggestionOutcome) -> Doubt:
    shown = [(each["code"], each["confidence"]) for each in row.candidates[:4]]
    return Doubt(
        id=row.id,
        case_id=row.case_id,
        text=row.text,
        at=f"{clock.local(row.at):%m-%d %H:%M}",
        chosen=row.chosen_code,
        chosen_name=_name(row.chosen_code),
        candidates=[(code, _name(code), f"{share:.0%}", code == row.chosen_code) for code, share in shown],
    )


def _name(code: str) -> str:
    if code == OUT_OF_SCOPE:
        return translate("admin.review.outside")
    known = catalogue()
    return known.class_of(code).name if code in known else code
