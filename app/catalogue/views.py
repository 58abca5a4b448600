"""GET /api/v1/catalogue: classes with their conditions, for pickers that search as the agent types."""

from apiflask import APIBlueprint
from flask import current_app, request
from werkzeug import Response

from app.accounts.roles import Permission
from app.accounts.sessions import needs
from app.catalogue.queries import catalogue
from app.catalogue.schemas import CatalogueBook, book_of

bp = APIBlueprint("catalogue", __name__, url_prefix="/api/v1", tag="目录")


@bp.get("/catalogue")
@bp.output(CatalogueBook)
@bp.doc(summary="现行案件分类目录：类别、立案条件、时限")
@needs(*Permission)
def show_catalogue() -> Response:
    """The one answer that a console may keep: the version is its ETag, and asking again costs a 304."""
    current = catalogue()
    response = current_app.make_response(book_of(current).model_dump())
    response.set_etag(current.stamp)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)
