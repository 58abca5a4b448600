"""The first page: how much there is of everything."""

from flask import render_template
from sqlalchemy import Select, func, select

from app.accounts.models import Account
from app.catalogue.queries import catalogue
from app.db import session
from app.events.queries import count_lines
from app.learning import review
from app.learning.models import CityPlace, CityWord, ModelVersion
from app.network.models import RoutingRule, Unit
from app.web.administration.blueprint import bp


@bp.get("")
@bp.get("/")
def home() -> str:
    counts = {
        "people": _count(select(func.count()).select_from(Account).where(Account.is_active)),
        "units": _count(select(func.count()).select_from(Unit).where(Unit.is_active)),
        "classes": len(catalogue()),
        "rules": _count(select(func.count()).select_from(RoutingRule).where(RoutingRule.is_active)),
        "audit": count_lines(),
        "models": _count(select(func.count()).select_from(ModelVersion)),
        "words": _count(select(func.count()).select_from(CityWord)),
        "places": _count(select(func.count()).select_from(CityPlace)),
        "review": review.count(review.Queue.OVERRIDDEN),
    }
    return render_template("admin/home.html", section="home", counts=counts)


def _count(query: Select[int]) -> int:
    return session().scalar(query) or 0
