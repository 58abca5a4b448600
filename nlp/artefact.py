"""The model as a safe file: arrays and JSON in an npz archive, nothing executable, checked and if wished signed.

The digest in the file finds damage; only a signature made with a secret key finds somebody else's model. The model
shipped with the package is trusted as its code is; whatever a running installation trains should carry its key.
"""

import hashlib
import hmac
import json
import os
import tempfile
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.model import Calibration, Card, LinearModel, Vocabulary

FORMAT = 2
_Arrays = dict[str, NDArray[Any]]


# What zip, deflate and numpy raise over a changed byte: one in forty is found by deflate itself; a changed header may
# ask for another compression (RuntimeError) or for all the memory there is.
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)


class BrokenModel(Exception):
    """The file is no model of ours, damaged, or not signed with the key."""


def save(model: LinearModel, path: Path, key: bytes = b"") -> None:
    """Write beside, flush and rename: a reader never sees half a model, and an interruption leaves the old one.

    With `key`, the file carries an HMAC-SHA256 that `read(path, key)` demands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **_pack(model, key))  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read(path: Path, key: bytes = b"") -> LinearModel:
    """Raises BrokenModel for a file that is damaged, of another format, unsigned, or holds more than plain numbers."""
    try:
        # Opened here: given a path, numpy leaves the file open when the archive is damaged.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        meta = _check(arrays, key)
        model = _assemble(meta, arrays)
    except _DAMAGE as error:
        raise BrokenModel(f"{path.name}: {error}") from error
    if not _fits(model):
        raise BrokenModel(f"{path.name}: the parts do not fit together")
    return model


def _pack(model: LinearModel, key: bytes) -> _Arrays:
    arrays: _Arrays = {
        "words": _bytes("\n".join(model.words.rows)),
        "chars": _bytes("\n".join(model.chars.rows)),
        "word_idf": model.words.idf,
        "char_idf": model.chars.idf,
        "weights": model.weights,
        "scales": model.scales,
        "intercept": model.intercept,
    }
    meta = {
        "format": FORMAT,
        "version": model.version,
        "facts": model.facts,
        "labels": model.labels,
        "calibration": asdict(model.calibration),
        "card": asdict(model.card),
        "digest": _digest(arrays),
    }
    told = json.dumps(meta, ensure_ascii=False).encode()
    signature = hmac.digest(key, told, "sha256") if key else b""
    return arrays | {"meta": np.frombuffer(told, np.uint8), "signature": np.frombuffer(signature, np.uint8)}


def _check(arrays: _Arrays, key: bytes) -> dict[str, Any]:
    """The description, once signature and digest agree with it."""
    told = arrays["meta"].tobytes()
    if key and not hmac.compare_digest(arrays["signature"].tobytes(), hmac.digest(key, told, "sha256")):
        raise ValueError("not signed with the key of this installation")
    meta: dict[str, Any] = json.loads(told)
    if meta["format"] != FORMAT:
        raise ValueError(f"format {meta['format']} is not {FORMAT}")
    if meta["digest"] != _digest({name: arrays[name] for name in arrays if name not in ("meta", "signature")}):
        raise ValueError("the content is not what was written")
    return meta


def _digest(arrays: _Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _assemble(meta: dict[str, Any], arrays: _Arrays) -> LinearModel:
    return LinearModel(
        version=str(meta["version"]),
        facts=str(meta["facts"]),
        labels=tuple(map(str, meta["labels"])),
        words=_vocabulary(arrays["words"], arrays["word_idf"]),
        chars=_vocabulary(arrays["chars"], arrays["char_idf"]),
        weights=arrays["weights"],
        scales=arrays["scales"],
        intercept=arrays["intercept"],
        calibration=_calibration(meta["calibration"]),
        card=_card(meta["card"]),
    )


def _calibration(told: dict[str, Any]) -> Calibration:
    return Calibration(sharpness=float(told["sharpness"]), scope=tuple(map(float, told["scope"])))


def _card(told: dict[str, Any]) -> Card:
    words = {str(code): tuple(map(str, words)) for code, words in told["words"].items()}
    return Card(str(told["trained_at"]), int(told["generated"]), int(told["corrected"]), words)


def _fits(model: LinearModel) -> bool:
    features, labels = len(model.words.rows) + len(model.chars.rows), len(model.labels)
    return bool(
        model.weights.shape == (features, labels)
        and model.weights.dtype == np.int8
        and model.scales.shape == (features,)
        and model.intercept.shape == (labels,)
        and model.words.idf.shape == (len(model.words.rows),)
        and model.chars.idf.shape == (len(model.chars.rows),)
        and all(np.isfinite(part).all() for part in (model.scales, model.intercept, model.words.idf, model.chars.idf))
    )


def _vocabulary(features: NDArray[Any], idf: NDArray[Any]) -> Vocabulary:
    named = features.tobytes().decode().split("\n")
    return Vocabulary({feature: row for row, feature in enumerate(named)}, idf)


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
