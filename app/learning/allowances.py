"""Whether a text message may be filed without a person: proven by live data of the class, and allowed for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app import clock
from app.accounts.roles import Permission, Principal
from app.catalogue.queries import catalogue
from app.db import session
from app.errors import Conflict, Forbidden
from app.events.service import record
from app.learning import queries
from app.learning.models import ClassAllowance, SuggestionOutcome
from app.learning.proof import Proof
from app.learning.stamping import AUDIENCE, class_number

PROOF_DAYS = 180
CONFIDENT = 0.9


@dataclass(frozen=True, slots=True)
class ClassProof:
    """`condition_no`: the filing condition people chose nearly always, None when they differ."""

    code: str
    classes: Proof
    conditions: Proof
    condition_no: int | None
    is_allowed: bool

    @property
    def is_proven(self) -> bool:
        return self.classes.holds and self.condition_no is not None

    @property
    def is_open(self) -> bool:
        return self.is_allowed and self.is_proven


def proof_of(code: str) -> ClassProof:
    return _proof(code, queries.suggested(code, PROOF_DAYS, CONFIDENT), queries.allowed_classes())


def proofs() -> list[ClassProof]:
    """Classes with a single confident suggestion at least, and all that are allowed."""
    allowed, groups = queries.allowed_classes(), queries.all_suggested(PROOF_DAYS, CONFIDENT)
    return [_proof(code, groups.get(code, ()), allowed) for code in sorted({*groups, *allowed})]


def allow(actor: Principal, code: str, *, is_allowed: bool) -> None:
    """Forbidding is always possible; allowing only what is proven now. The proof is asked again at every use."""
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以允许自动立案")
    entry = catalogue().class_of(code)
    if is_allowed and not proof_of(code).is_proven:
        raise Conflict(f"“{entry.name}”的实际数据还不足以证明 95% 的准确率")
    row = session().get(ClassAllowance, code) or ClassAllowance(class_code=code)
    row.is_allowed, row.changed_by, row.changed_at = is_allowed, actor.id, clock.now()
    session().add(row)
    session().flush()
    record(
        "class.allowed" if is_allowed else "class.forbidden",
        subject=("class", class_number(code)),
        audience=AUDIENCE,
        payload={"by": actor.name, "name": entry.name},
        actor_id=actor.id,
    )


def _proof(code: str, rows: Sequence[SuggestionOutcome], allowed: frozenset[str]) -> ClassProof:
    right = [row for row in rows if row.truth_code == code]
    counted: dict[int, int] = {}
    for row in right:
        if row.condition_no is not None:
            counted[row.condition_no] = counted.get(row.condition_no, 0) + 1
    usual = max(counted, key=lambda no: counted[no], default=None)
    conditions = Proof(len(right), counted.get(usual or 0, 0))
    return ClassProof(
        code,
        Proof(len(rows), len(right)),
        conditions,
        usual if conditions.holds else None,
        code in allowed,
    )


def decided_by(codes: Sequence[str]) -> dict[str, ClassAllowance]:
    return {row.class_code: row for row in session().scalars(select(ClassAllowance)) if row.class_code in codes}
