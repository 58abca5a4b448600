"""What the forms let one choose from: areas, units, classes."""

from collections.abc import Iterator, Sequence

from app.catalogue.queries import catalogue
from app.network import queries
from app.network.areas import CITY_CODE, Level
from app.network.models import Unit
from app.web.texts import translate

# A heading and its (value, label) pairs.
Group = tuple[str, list[tuple[str, str]]]


def area_groups(*, everywhere: str = CITY_CODE, chosen: str = "") -> list[Group]:
    """The whole city, then each district with its streets. `everywhere`: the value that stands for the city."""
    return _with_area(chosen, [("", [(everywhere, translate("admin.whole_city"))]), *_districts()])


def place_groups(chosen: str = "") -> list[Group]:
    return _with_area(chosen, list(_districts()))


def unit_groups(units: Sequence[Unit] | None = None, *, chosen: str = "") -> list[Group]:
    """Working units by district, the city's own first; one that was chosen and is switched off by now before all."""
    names = {area.code: area.name for area in queries.areas().at_level(Level.DISTRICT)}
    groups: dict[str, list[tuple[str, str]]] = {}
    for unit in units if units is not None else queries.units():
        heading = names.get(unit.area_code[:6], translate("admin.whole_city"))
        groups.setdefault(heading, []).append((str(unit.id), unit.name))
    city = translate("admin.whole_city")
    ordered = sorted(groups.items(), key=lambda group: group[0] != city)
    name = "" if not chosen or _lists(ordered, chosen) else _name_of(chosen)
    return [("", [(chosen, f"{name} · {translate('admin.inactive')}")]), *ordered] if name else ordered


def subjects() -> list[tuple[str, str]]:
    """What a rule can look at: classes, major classes, kinds of units."""
    entries = list(catalogue())
    majors = {entry.major: entry.major_name for entry in entries}
    classes = [(entry.code, entry.name) for entry in entries]
    return [("*", translate("admin.rules.kind.any")), *majors.items(), *classes, *((name, "") for name in unit_types())]


def unit_types() -> list[str]:
    """Those that exist and those the catalogue asks for."""
    asked = {entry.primary_unit_type for entry in catalogue()} | {entry.secondary_unit_type for entry in catalogue()}
    return sorted((asked | set(queries.unit_types())) - {""})


def _with_area(chosen: str, groups: list[Group]) -> list[Group]:
    """A community, or an area of before the merger, stays chosen: or saving the form would move what it is about."""
    if _lists(groups, chosen) or (area := queries.areas().find(chosen)) is None:
        return groups
    return [("", [(chosen, f"{queries.areas().text(area.code)} · {chosen}")]), *groups]


def _name_of(unit_id: str) -> str:
    every = queries.units(active_only=False, limit=queries.EVERY_UNIT)
    return next((each.name for each in every if str(each.id) == unit_id), "")


def _lists(groups: Sequence[Group], chosen: str) -> bool:
    return any(value == chosen for _, entries in groups for value, _ in entries)


def _districts() -> Iterator[Group]:
    tree = queries.areas()
    for district in tree.at_level(Level.DISTRICT):
        streets = [(street.code, street.name) for street in tree.children(district.code)]
        yield district.name, [(district.code, translate("admin.whole_district", name=district.name)), *streets]
