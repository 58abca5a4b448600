"""The catalogue as the consoles read it."""

from pydantic import BaseModel

from app.catalogue.entries import Catalogue, ClassEntry, Condition


class ConditionLine(BaseModel):
    no: int
    text: str
    limit: str
    limit_value: int
    limit_unit: str
    closing: str
    certainty: str


class ClassLine(BaseModel):
    code: str
    name: str
    name_en: str
    kind: str
    major: str
    urgency: str
    safety_critical: bool
    frequency: str
    unit_type: str
    secondary_unit_type: str
    conditions: list[ConditionLine]


class CatalogueBook(BaseModel):
    version_id: int
    number: int
    classes: list[ClassLine]


def book_of(catalogue: Catalogue) -> CatalogueBook:
    classes = [class_line(entry) for entry in catalogue]
    return CatalogueBook(version_id=catalogue.version_id, number=catalogue.number, classes=classes)


def class_line(entry: ClassEntry) -> ClassLine:
    return ClassLine(
        code=entry.code,
        name=entry.name,
        name_en=entry.name_en,
        kind=entry.kind.value,
        major=entry.display_major,
        urgency=entry.urgency.value,
        safety_critical=entry.safety_critical,
        frequency=entry.frequency.value,
        unit_type=entry.primary_unit_type,
        secondary_unit_type=entry.secondary_unit_type,
        conditions=[_condition_line(each) for each in entry.conditions],
    )


def _condition_line(condition: Condition) -> ConditionLine:
    return ConditionLine(
        no=condition.no,
        text=condition.text,
        limit=condition.limit.text,
        limit_value=condition.limit.value,
        limit_unit=condition.limit.clock.value,
        closing=condition.closing,
        certainty=condition.certainty.value,
    )
