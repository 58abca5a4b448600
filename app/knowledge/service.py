"""Writing articles. Each change is an event; counting a use is not."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from app import clock
from app.accounts.roles import Permission, Principal
from app.db import session
from app.errors import Forbidden, Invalid, StaleVersion
from app.events.service import record
from app.knowledge.models import Article
from app.knowledge.queries import find_article

AUDIENCE = ("administrators",)


@dataclass(frozen=True, slots=True)
class Content:
    """What an article says; texts are trimmed and checked by whoever reads the form or the table."""

    code: str
    title: str
    body: str
    keywords: str = ""
    class_codes: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    unit_id: int | None = None
    is_active: bool = True


def write(actor: Principal, content: Content, article_id: int | None = None, version: int | None = None) -> Article:
    """A new article, or a new version of one. Raises Invalid for a number taken, StaleVersion for an old form."""
    if not actor.may(Permission.ADMINISTER):
        raise Forbidden("您不能修改知识库")
    _check(content, article_id)
    article = find_article(article_id) if article_id is not None else None
    if article is not None and version is not None and article.version != version:
        raise StaleVersion("这篇知识刚被他人修改，请核对后再保存", version=article.version)
    if article is None:
        article = Article(code=content.code, uses=0)
        session().add(article)
        kind = "article.added"
    else:
        kind = "article.changed"
    if _fill(article, content):
        session().flush()
        text = f"{article.code} {article.title}"
        facts = {"by": actor.name, "text": text, "title": article.title, "is_active": article.is_active}
        record(kind, subject=("article", article.id), audience=AUDIENCE, payload=facts, actor_id=actor.id)
    return article


def write_all(actor: Principal, contents: list[Content]) -> int:
    """A table brought in: by number, what it does not name stays. Returns how many it held."""
    known = {row.code: row.id for row in session().scalars(select(Article))}
    for content in contents:
        write(actor, content, known.get(content.code))
    return len(contents)


def note_use(article_id: int) -> None:
    """A call was answered from it. Not by the version's way: no open form and no index is out of date by that."""
    used = update(Article).where(Article.id == article_id).values(uses=Article.uses + 1)
    if not session().execute(used.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        raise Invalid("没有这篇知识", fields={"article_id": "没有这篇知识"})


def _fill(article: Article, content: Content) -> bool:
    """Whether anything is new."""
    values = {
        "code": content.code,
        "title": content.title,
        "body": content.body,
        "keywords": content.keywords,
        "class_codes": list(content.class_codes),
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
        "unit_id": content.unit_id,
        "is_active": content.is_active,
    }
    changed = {name: value for name, value in values.items() if article.id is None or getattr(article, name) != value}
    for name, value in changed.items():
        setattr(article, name, value)
    if changed:
        article.updated_at = clock.now()
    return bool(changed)


def _check(content: Content, article_id: int | None) -> None:
    faults = {}
    if not content.code:
        faults["code"] = "请填写编号"
    if len(content.title) < 2:
        faults["title"] = "请填写标题"
    if len(content.body) < 5:
        faults["body"] = "请填写正文"
    if content.valid_from and content.valid_until and content.valid_from > content.valid_until:
        faults["valid_until"] = "失效日期早于生效日期"
    taken = session().scalar(select(Article.id).where(Article.code == content.code))
    if taken is not None and taken != article_id:
        faults["code"] = "这个编号已经有了"
    if faults:
        raise Invalid("；".join(faults.values()), fields=faults)
