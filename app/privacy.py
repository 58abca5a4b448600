"""Personal data at rest: sealed for reading by those who may, hashed for finding equal values."""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


class _Keys:
    seal: Fernet | None = None
    hash: bytes = b""


def configure(data_key: str) -> None:
    """Derive the sealing and the hashing key from the one secret; separate, so that neither betrays the other."""
    _Keys.seal = Fernet(base64.urlsafe_b64encode(_derive(data_key, b"seal")))
    _Keys.hash = _derive(data_key, b"hash")
    fingerprint.cache_clear()


def _derive(secret: str, purpose: bytes) -> bytes:
    return hmac.new(secret.encode(), purpose, hashlib.sha256).digest()


@lru_cache(maxsize=4096)
def fingerprint(value: str) -> str:
    """Keyed hash of a telephone number, 64 hex digits: equal numbers are found without being readable."""
    if not _Keys.hash:
        raise RuntimeError("privacy is not configured")
    return hmac.new(_Keys.hash, value.encode(), hashlib.sha256).hexdigest()


class Sealed(TypeDecorator[str]):
    """Text encrypted in the database. A value sealed with another key reads as None rather than breaking the page."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _sealer().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _sealer().decrypt(value.encode()).decode()
        except InvalidToken:
            return None


def _sealer() -> Fernet:
    if _Keys.seal is None:
        raise RuntimeError("privacy is not configured")
    return _Keys.seal


def mask_name(name: str) -> str:
    """周丽华 -> 周**."""
    return name[:1] + "*" * (len(name) - 1) if name else ""
