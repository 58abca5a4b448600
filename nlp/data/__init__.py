"""The product's own facts about classes, filing conditions, citizens' words and places, one CSV each."""

from pathlib import Path

_HERE = Path(__file__).parent


def data_path(name: str) -> Path:
    """Path of a shipped data file: catalogue.csv, filing_conditions.csv, synonyms.csv, places.csv, roads.csv …"""
    return _HERE / name
