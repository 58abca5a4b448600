"""Administration: people, units, classes and limits, routing rules, audit. Server-rendered, works without scripts."""

from app.web.administration import audit, catalogue, home, people, rules, units
from app.web.administration.blueprint import bp

__all__ = ["audit", "bp", "catalogue", "home", "people", "rules", "units"]
