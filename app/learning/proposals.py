"""New words found in corrected texts, kept until a person accepts or dismisses them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app import clock
from app.accounts.roles import Permission, Principal
from app.db import session
from app.errors import Conflict, Forbidden, NotFound
from app.learning import words
from app.learning.models import WordProposal
from app.learning.newwords import NewWord, find_new_words
from app.learning.port import Words
from app.learning.terms import OUT_OF_SCOPE, ProposalState


def find(told: Sequence[tuple[str, str]], shipped: Words, own: Words) -> list[NewWord]:
    known = {code: [*shipped.get(code, ()), *own.get(code, ())] for code in {*shipped, *own}}
    return [each for each in find_new_words(told, known) if each.class_code != OUT_OF_SCOPE]


def keep(found: Iterable[NewWord]) -> None:
    """What was decided once stays decided; of open ones only the count moves."""
    rows = {(row.class_code, row.word): row for row in session().scalars(select(WordProposal))}
    for each in found:
        row = rows.get((each.class_code, each.word))
        if row is None:
            session().add(WordProposal(class_code=each.class_code, word=each.word, texts=each.texts, at=clock.now()))
        else:
            row.texts = each.texts


def decide(actor: Principal, proposal_id: int, *, accepted: bool) -> WordProposal:
    """An accepted word joins the city's own words of the class, at work in every process within seconds."""
    if not actor.may(Permission.REVIEW_SUGGESTIONS):
        raise Forbidden("您的角色不能审核新词")
    row = session().scalar(select(WordProposal).where(WordProposal.id == proposal_id).with_for_update())
    if row is None:
        raise NotFound("没有这个新词")
    if row.state != ProposalState.OPEN:
        raise Conflict("这个新词已经处理")
    row.state = ProposalState.ACCEPTED if accepted else ProposalState.DISMISSED
    row.decided_by = actor.id
    if accepted:
        words.add(actor, row.class_code, [row.word])
    return row
