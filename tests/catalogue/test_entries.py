"""Finding classes in the catalogue."""

import pytest

from app.catalogue.entries import Catalogue
from app.catalogue.importing import read_catalogue
from app.errors import NotFound
from nlp.data import data_path


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(1, 1, read_catalogue(data_path("catalogue.csv"), data_path("filing_conditions.csv")))


def test_a_class_is_found_by_code_name_and_part_of_its_name(catalogue: Catalogue) -> None:
    assert catalogue.search("E0102")[0].name == "暴露垃圾"
    assert catalogue.search("暴露垃圾")[0].code == "E0102"
    assert {entry.code for entry in catalogue.search("井盖", limit=40)} >= {"C0101", "C0102", "C2101"}
    assert catalogue.search("street light")[0].code in {"C0118", "C0106"}


def test_an_exact_name_comes_before_longer_ones(catalogue: Catalogue) -> None:
    assert [entry.name for entry in catalogue.search("路灯")][:2] == ["路灯", "路灯井盖"]


def test_an_empty_search_finds_nothing(catalogue: Catalogue) -> None:
    assert catalogue.search("  ") == []


def test_unknown_classes_and_conditions_are_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound):
        catalogue.class_of("E9999")
    with pytest.raises(NotFound):
        catalogue.condition("E0102", 9)


def test_the_classes_of_a_catalogue_cannot_be_changed(catalogue: Catalogue) -> None:
    with pytest.raises(TypeError):
        catalogue.classes["E0102"] = catalogue.class_of("E0101")  # type: ignore[index]
