"""Which classes of text messages may be filed without a person: the proof, and the permission."""

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.accounts.sessions import principal
from app.catalogue.queries import catalogue
from app.learning import allowances
from app.learning.proof import WANTED
from app.web.administration.blueprint import Refusal, attempt, bp
from app.web.texts import translate


@bp.get("/autofiling")
def show_proofs() -> str:
    return _page()


@bp.post("/autofiling/<code>")
def change_allowance(code: str) -> Response | tuple[str, int]:
    entry, is_allowed = catalogue().class_of(code), request.form.get("allow") == "1"

    def change() -> str:
        allowances.allow(principal(), entry.code, is_allowed=is_allowed)
        key = "admin.autofiling.allowed_now" if is_allowed else "admin.autofiling.forbidden_now"
        return translate(key, name=entry.name)

    refusal = attempt(change)
    return redirect("/admin/autofiling", 303) if refusal is None else (_page(refusal), refusal.status)


def _page(refusal: Refusal | None = None) -> str:
    known = catalogue()
    proofs = sorted(allowances.proofs(), key=lambda each: (-each.classes.lower, each.code))
    decided = allowances.decided_by([each.code for each in proofs])
    return render_template(
        "admin/autofiling.html",
        section="autofiling",
        proofs=proofs,
        names={each.code: known.class_of(each.code).name if each.code in known else each.code for each in proofs},
        decided=decided,
        people=accounts.names_of({row.changed_by for row in decided.values() if row.changed_by}),
        wanted=WANTED,
        days=allowances.PROOF_DAYS,
        confident=allowances.CONFIDENT,
        refusal=refusal,
    )
