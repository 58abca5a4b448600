"""Administration: people, units, classes and limits, routing rules, audit. Server-rendered, works without scripts."""

from importlib import import_module

from app.web.administration.blueprint import bp

__all__ = ["bp"]

# Each adds its pages to the blueprint.
NETWORK = ("units", "unit_tables", "channels", "rules", "rule_checks", "rule_tables", "ladder", "surges")
CATALOGUE = ("catalogue", "versions", "calendars", "calendar_tables", "areas")
LEARNING = ("trying", "training", "words", "gazetteer", "drift", "autofiling")
for section in ("home", "people", *NETWORK, *CATALOGUE, "articles", "audit", *LEARNING):
    import_module(f"{__name__}.{section}")
