"""Finding articles. What is not valid today is not found; by its id it can still be read."""

from collections.abc import Sequence
from datetime import date

from flask import current_app
from sqlalchemy import ColumnElement, func, or_, select

from app import clock
from app.db import session
from app.errors import NotFound
from app.knowledge.models import Article
from app.knowledge.search import Index, Text
from nlp.types import Classifier


def find_article(article_id: int) -> Article:
    article = session().get(Article, article_id)
    if article is None:
        raise NotFound("没有这篇知识")
    return article


def articles() -> Sequence[Article]:
    """All, in the order of their numbers, retired ones last."""
    return session().scalars(select(Article).order_by(Article.is_active.desc(), Article.code)).all()


def search(question: str, at_most: int) -> list[Article]:
    """The most fitting articles; without a question those that were answered from most."""
    today = clock.local(clock.now()).date()
    if not question.strip():
        query = select(Article).where(_valid(today)).order_by(Article.uses.desc(), Article.code)
        return list(session().scalars(query.limit(at_most)))
    found = _index(_stamp(), today).find(question, at_most)
    rows = {row.id: row for row in session().scalars(select(Article).where(Article.id.in_(found)))}
    return [rows[which] for which in found if which in rows]


def _valid(day: date) -> ColumnElement[bool]:
    begun = or_(Article.valid_from.is_(None), Article.valid_from <= day)
    goes_on = or_(Article.valid_until.is_(None), Article.valid_until >= day)
    return Article.is_active & begun & goes_on


def _stamp() -> str:
    """Changes with every edit, in whatever process it was made: versions only rise."""
    facts = select(func.count(), func.sum(Article.version), func.max(Article.id))
    return ".".join(map(str, session().execute(facts).one()))


def _index(stamp: str, day: date) -> Index:
    """Kept with the application; a second thread that builds it at the same time builds the same."""
    known: tuple[str, date, Index] | None = current_app.extensions.get("knowledge_index")
    if known is not None and known[:2] == (stamp, day):
        return known[2]
    classifier: Classifier = current_app.extensions["classifier"]
    rows = session().scalars(select(Article).where(_valid(day)))
    index = Index([Text(row.id, row.title, row.keywords, row.body) for row in rows], classifier.words)
    current_app.extensions["knowledge_index"] = (stamp, day, index)
    return index
