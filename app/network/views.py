"""Places as the agent types them, the area tree below an area, and the units of the network."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import current_app
from pydantic import BaseModel, Field, StringConstraints

from app.accounts.roles import Permission
from app.accounts.sessions import needs
from app.network import queries
from app.network.areas import CITY_CODE
from app.network.schemas import (
    AreaList,
    PlaceLine,
    PlaceList,
    UnitList,
    area_line,
    place_line,
    unit_line,
)
from nlp.types import Classifier

bp = APIBlueprint("network", __name__, url_prefix="/api/v1", tag="网络")

_STAFF_OF_THE_CENTRE = (Permission.CREATE_CASES, Permission.SEE_ALL_CASES, Permission.ADMINISTER)


class PlaceQuery(BaseModel):
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    limit: int = Field(default=10, ge=1, le=50)


class AreaQuery(BaseModel):
    parent: Annotated[str, StringConstraints(pattern=r"^\d{2,12}$")] = CITY_CODE


class UnitQuery(BaseModel):
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    area: Annotated[str, StringConstraints(pattern=r"^\d{0,12}$")] = ""
    type: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    limit: int = Field(default=100, ge=1, le=500)


@bp.get("/places")
@bp.input(PlaceQuery, location="query")
@bp.output(PlaceList)
@bp.doc(summary="按输入的文字查找区、街道、社区")
@needs(*_STAFF_OF_THE_CENTRE)
def find_places(query_data: PlaceQuery) -> PlaceList:
    """First what the classifier understands of an address, then areas whose name holds the text."""
    if not query_data.q:
        return PlaceList(items=[])
    found: dict[str, PlaceLine] = {}
    for each in [*_understood(query_data.q), *_named(query_data.q, query_data.limit)]:
        found.setdefault(each.code, each)
    return PlaceList(items=list(found.values())[: query_data.limit])


@bp.get("/areas")
@bp.input(AreaQuery, location="query")
@bp.output(AreaList)
@bp.doc(summary="某区域的下一级区域")
@needs(*Permission)
def list_areas(query_data: AreaQuery) -> AreaList:
    tree = queries.areas()
    parent = tree.area(query_data.parent)
    return AreaList(items=[area_line(each) for each in tree.children(parent.code)])


@bp.get("/units")
@bp.input(UnitQuery, location="query")
@bp.output(UnitList)
@bp.doc(summary="网络单位")
@needs(*_STAFF_OF_THE_CENTRE, Permission.WORK_UNIT_DESK)
def list_units(query_data: UnitQuery) -> UnitList:
    found = queries.units(
        area_code=query_data.area, unit_type=query_data.type, text=query_data.q, limit=query_data.limit
    )
    return UnitList(items=[unit_line(each) for each in found])


def _understood(text: str) -> list[PlaceLine]:
    classifier: Classifier = current_app.extensions["classifier"]
    tree = queries.areas()
    lines = []
    for place in classifier.find_places(text):
        entry = tree.find(place.code)
        if entry is not None:  # the dictionary of places may be newer than the imported areas
            lines.append(place_line(tree, entry, understood=place, typed=text))
    return lines


def _named(text: str, limit: int) -> list[PlaceLine]:
    tree = queries.areas()
    return [place_line(tree, entry, typed=text) for entry in tree.search(text, limit)]
