"""Kinds of units that the code itself must know; all others are just words of the catalogue. Pure."""

from enum import StrEnum

STREET_OFFICE = "属地街道（镇乡）"
DISTRICT_CENTRE = "区级指挥中心"
CITY_CENTRE = "市级指挥中心"
# Units that lead in their area when nobody else is responsible.
TERRITORIAL = (STREET_OFFICE, DISTRICT_CENTRE, CITY_CENTRE)


class UnitLevel(StrEnum):
    CITY = "city"  # 市级
    DISTRICT = "district"  # 区级
    STREET = "street"  # 街道级


class Channel(StrEnum):
    """How a unit receives and answers its tasks."""

    WEB = "web"  # 互联网或政务网上的工作台
    API = "api"
    SMS = "sms"
    TELEPHONE = "telephone"
