"""The model file: what a city trusts must be a safe format, refused when damaged."""

from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.artefact import BrokenModel, read, save
from nlp.data import data_path
from nlp.generate import generate
from nlp.train import train
from nlp.types import Example
from nlp.understand import TextUnderstanding, load_model

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


def rewritten(tmp_path: Path, key: bytes = b"", **changes: NDArray[Any]) -> Path:
    """The shipped model signed, then with some parts exchanged by somebody who cannot sign."""
    path = tmp_path / "model.npz"
    save(read(SHIPPED), path, key)
    with np.load(path, allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files}
    np.savez(path, **(parts | changes))  # type: ignore[arg-type]
    return path


def test_exchanged_weights_are_found(tmp_path: Path) -> None:
    weights = read(SHIPPED).weights.copy()
    weights[0, 0] += 1
    with pytest.raises(BrokenModel, match="not what was written"):
        read(rewritten(tmp_path, weights=weights))


def test_a_model_of_another_format_is_refused_by_its_number(tmp_path: Path) -> None:
    meta = np.frombuffer(b'{"format": 99, "version": "future"}', dtype=np.uint8)
    with pytest.raises(BrokenModel, match="format 99"):
        read(rewritten(tmp_path, meta=meta))


def test_only_the_holder_of_the_key_makes_a_model_for_its_installation(tmp_path: Path) -> None:
    assert read(rewritten(tmp_path, key=b"city"), b"city").version == read(SHIPPED).version
    with pytest.raises(BrokenModel, match="not signed"):
        read(tmp_path / "model.npz", b"another city")
    with pytest.raises(BrokenModel, match="not signed"):
        read(SHIPPED, b"city")


def test_an_unsigned_model_in_the_cache_leaves_the_shipped_one_in_charge(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(replace(read(SHIPPED), version="forged"), tmp_path / "model.npz")
    assert load_model(tmp_path, b"city").version == read(SHIPPED).version
    assert "refused" in caplog.text


def test_an_interrupted_write_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.npz"
    save(read(SHIPPED), path)
    before = path.read_bytes()

    def stop(file: BinaryIO, **parts: object) -> None:
        file.write(b"half a mod")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", stop)
    with pytest.raises(KeyboardInterrupt):
        save(read(SHIPPED), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_broken_model_in_the_cache_leaves_the_shipped_one_in_charge(tmp_path: Path) -> None:
    (tmp_path / "model.npz").write_bytes(b"broken")
    assert load_model(tmp_path).version == read(SHIPPED).version


def test_training_is_repeatable() -> None:
    some = list(generate())[::12]
    first, second = train(generated=some), train(generated=some)
    assert first.version == second.version
    assert np.array_equal(first.weights, second.weights)


def test_the_generator_is_repeatable_and_covers_every_class() -> None:
    texts = list(generate())
    assert texts == list(generate())
    assert len({example.code for example in texts}) == 185
    assert 12_000 < len(texts) < 22_000


def test_people_teach_a_word_that_the_facts_do_not_know() -> None:
    some = list(generate())[::12]
    taught = [Example(f"{place}有人放孔明灯", "E0115", 3.0) for place in ("东门", "西门", "南门", "公园", "河边")]
    lost = Example("有人放孔明灯", "X9999")
    model = train([*taught, lost], generated=some, trained_at="2026-11-24T02:00:00Z")
    assert (model.card.generated, model.card.corrected) == (len(some), 5)
    assert model.card.trained_at == "2026-11-24T02:00:00Z"
    assert "X9999" not in model.labels
    assert TextUnderstanding(model).understand("桥上有人放孔明灯").candidates[0].code == "E0115"


def test_a_word_of_the_city_works_without_training_and_travels_with_the_next_model(tmp_path: Path) -> None:
    shipped, words = read(SHIPPED), {"C0118": ["亮灯灯"], "X9999": ["不存在"]}
    assert TextUnderstanding(shipped, words=words).understand("我们那里的亮灯灯").candidates[0].code == "C0118"
    save(train(generated=list(generate(words=words))[::12], words=words), tmp_path / "model.npz")
    model = read(tmp_path / "model.npz")
    assert model.card.words["C0118"] == ("亮灯灯",)
    assert TextUnderstanding(model).understand("我们那里的亮灯灯").candidates[0].code == "C0118"
