"""The knowledge base for whoever answers callers."""

from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.accounts.roles import Permission
from app.accounts.sessions import needs
from app.knowledge.models import Article
from app.knowledge.queries import find_article, search
from app.network.queries import unit as find_unit

bp = APIBlueprint("knowledge", __name__, url_prefix="/api/v1", tag="知识库")


class ArticleLine(BaseModel):
    """`body` is plain text in paragraphs."""

    id: int
    code: str
    title: str
    body: str
    class_codes: list[str]
    unit: str
    valid_until: str | None
    uses: int


class ArticleList(BaseModel):
    items: list[ArticleLine]


class Question(BaseModel):
    """Without `q`: what callers are told most."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    limit: int = Field(default=3, ge=1, le=20)


# POST: what callers say does not belong into addresses, which are logged.
@bp.post("/articles/search")
@bp.input(Question, arg_name="asked")
@bp.output(ArticleList)
@needs(Permission.CREATE_CASES)
def search_articles(asked: Question) -> ArticleList:
    return ArticleList(items=[_line(article) for article in search(asked.q, asked.limit)])


@bp.get("/articles/<int:article_id>")
@bp.output(ArticleLine)
@needs(Permission.CREATE_CASES)
def show_article(article_id: int) -> ArticleLine:
    """Also one that is no longer valid: calls name it."""
    return _line(find_article(article_id))


def _line(article: Article) -> ArticleLine:
    return ArticleLine(
        id=article.id,
        code=article.code,
        title=article.title,
        body=article.body,
        class_codes=article.class_codes,
        unit=find_unit(article.unit_id).name if article.unit_id is not None else "",
        valid_until=article.valid_until.isoformat() if article.valid_until else None,
        uses=article.uses,
    )
