"""Where the invented complaints happen: real streets, invented numbers, points near the community's middle."""

import csv
from dataclasses import dataclass
from random import Random

from app.demo.city import DATA, streets
from app.network.areas import AreaEntry, AreaTree

# Share of the calls by district, roughly by population.
DISTRICT_SHARES = {"330203": 27, "330205": 14, "330206": 12, "330211": 8, "330212": 32, "330213": 7}
_PLAIN_WEIGHT = 1
_AT_A_ROAD = ("门口", "附近", "附近", "对面", "旁边")
_AT_A_VILLAGE = ("村口", "文化礼堂旁", "公交站旁", "村委会门口")
_AT_A_COMMUNITY = ("社区门口", "社区菜场旁", "社区公交站旁", "社区卫生站旁")
_SPREAD = 0.0025  # degrees, about 250 m
_ENDINGS = ("社区居委会", "社区", "居委会", "村委会", "村民委员会")


@dataclass(frozen=True, slots=True)
class Spot:
    """`address` is what the case keeps, `spoken` how a caller says it."""

    district_code: str
    street_code: str
    community_code: str | None
    address: str
    spoken: str
    lng: float
    lat: float


class Spots:
    """Draws places; streets of the towns' centres come up more often."""

    def __init__(self, tree: AreaTree) -> None:
        self._tree = tree
        self._roads: dict[str, list[str]] = {}
        self._weights: dict[str, int] = {}
        with (DATA / "street_roads.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                self._roads[row["street_code"]] = row["roads"].split("|")
                self._weights[row["street_code"]] = int(row["weight"])
        self._streets: dict[str, list[AreaEntry]] = {}
        for street in streets(tree):
            self._streets.setdefault(street.code[:6], []).append(street)

    def draw(self, random: Random) -> Spot:
        district = random.choices(list(DISTRICT_SHARES), list(DISTRICT_SHARES.values()))[0]
        choices = self._streets[district]
        weights = [self._weights.get(street.code, _PLAIN_WEIGHT) for street in choices]
        street = random.choices(choices, weights)[0]
        communities = self._tree.children(street.code)
        community = random.choice(communities) if communities else None
        address = self._address(street, community, random)
        spoken = f"{street.name}{address}" if random.random() < 0.4 else address
        middle = community or street
        return Spot(
            district_code=district,
            street_code=street.code,
            community_code=community.code if community else None,
            address=address,
            spoken=spoken,
            lng=round((middle.lng or 0.0) + random.uniform(-_SPREAD, _SPREAD), 6),
            lat=round((middle.lat or 0.0) + random.uniform(-_SPREAD, _SPREAD), 6),
        )

    def _address(self, street: AreaEntry, community: AreaEntry | None, random: Random) -> str:
        if street.code in self._roads and random.random() < 0.85:
            road = random.choice(self._roads[street.code])
            return f"{road}{random.randint(3, 620)}号{random.choice(_AT_A_ROAD)}"
        if community is None:
            return f"{street.name}中心"
        stem = _stem(community.name)
        if community.name.endswith(("村委会", "村民委员会")):
            return f"{stem.removesuffix('村')}村{random.choice(_AT_A_VILLAGE)}"
        return f"{stem}{random.choice(_AT_A_COMMUNITY)}"


def _stem(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name
