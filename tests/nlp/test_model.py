"""The model file: what a city trusts must be a safe format, refused when damaged."""

from pathlib import Path

import numpy as np
import pytest

from nlp.data import data_path
from nlp.generate import generate
from nlp.model import BrokenModel, read, save
from nlp.train import train
from nlp.understand import load_model

SHIPPED = data_path("model.npz")


def test_a_saved_model_reads_back_the_same(tmp_path: Path) -> None:
    model = read(SHIPPED)
    save(model, tmp_path / "deep" / "model.npz")
    again = read(tmp_path / "deep" / "model.npz")
    assert again.version == model.version
    assert np.array_equal(again.weights, model.weights)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["model.npz"]


@pytest.mark.parametrize("damage", ["empty", "half", "text", "pickle", "other"])
def test_a_damaged_model_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "model.npz"
    content = SHIPPED.read_bytes()
    if damage == "pickle":
        np.savez(path, meta=np.array([object()], dtype=object), allow_pickle=True)
    elif damage == "other":
        np.savez(path, meta=np.zeros(3))
    else:
        path.write_bytes({"empty": b"", "half": content[: len(content) // 2], "text": b"not a model"}[damage])
    with pytest.raises(BrokenModel):
        read(path)


def test_a_broken_model_in_the_cache_leaves_the_shipped_one_in_charge(tmp_path: Path) -> None:
    (tmp_path / "model.npz").write_bytes(b"broken")
    assert load_model(tmp_path).version == read(SHIPPED).version


def test_training_is_repeatable() -> None:
    some = list(generate())[::12]
    assert train(some).version == train(some).version


def test_the_generator_is_repeatable_and_covers_every_class() -> None:
    texts = list(generate())
    assert texts == list(generate())
    assert len({label for _, label in texts}) == 185
    assert 6_000 < len(texts) < 12_000
