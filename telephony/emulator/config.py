"""The carrier's settings, read once from the command line and the environment."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class BadSetting(ValueError):
    """A setting is missing or senseless; the message says which, in one sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`hotline_url` is where the hotline answers webhooks, `own_url` where the world reaches this carrier.

    `rate` is how many carrier seconds pass per real second; `seconds_per_character` is the pace of spoken text.
    """

    account_sid: str
    auth_token: str
    api_key: str
    api_secret: str
    data_dir: Path
    hotline_url: str
    own_url: str
    web_origins: frozenset[str]
    host: str = "127.0.0.1"
    port: int = 0
    numbers: tuple[str, ...] = ("96310", "12319")
    sms_sender: str = ""
    rate: float = 1.0
    seconds_per_character: float = 0.16
    music_seconds: float = 5.0

    @property
    def voice_url(self) -> str:
        return f"{self.hotline_url}/telephony/voice"

    @property
    def fallback_url(self) -> str:
        return f"{self.hotline_url}/telephony/voice/fallback"

    @property
    def status_url(self) -> str:
        return f"{self.hotline_url}/telephony/voice/status"

    @property
    def senders(self) -> frozenset[str]:
        """The numbers text messages may come from and go to."""
        return frozenset((*self.numbers, self.sms_sender)) - {""}

    @property
    def sms_url(self) -> str:
        return f"{self.hotline_url}/telephony/sms"


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m telephony.emulator", description=__doc__)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--own-url", help="the address other processes and browsers reach this carrier at")
    parser.add_argument("--rate", type=float, help="carrier seconds per real second")
    parser.add_argument("--chaos-delay", type=float, default=0.0, help="hold status callbacks back, seconds")
    parser.add_argument("--chaos-shuffle", action="store_true", help="deliver status callbacks out of order")
    parser.add_argument("--chaos-repeat", type=int, default=0, help="deliver each status callback again, times")
    return parser


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise BadSetting(f"{name} is not set: the carrier has no default secrets.")
    return value


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, "").strip()
    try:
        return float(text) if text else default
    except ValueError:
        raise BadSetting(f"{name} must be a number, not {text!r}.") from None


def _numbers(env: Mapping[str, str]) -> tuple[str, ...]:
    text = env.get("EMULATOR_NUMBERS") or f"{env.get('HOTLINE_NUMBER') or '96310'},12319"
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _origins(text: str) -> frozenset[str]:
    """The pages that may use browser clients. Both names of this machine stand for each other."""
    given = {part.strip().rstrip("/") for part in text.split(",") if part.strip()}
    names = ("//localhost:", "//127.0.0.1:")
    return frozenset(origin.replace(a, b) for origin in given for a, b in (names, names[::-1])) | given


def _settings(options: Namespace, env: Mapping[str, str]) -> Settings:
    host = options.host or env.get("EMULATOR_HOST") or "127.0.0.1"
    port = options.port if options.port is not None else int(_number(env, "EMULATOR_PORT", 8700))
    hotline = _required(env, "PUBLIC_BASE_URL").rstrip("/")
    own = options.own_url or env.get("EMULATOR_URL") or f"http://{host}:{port}"
    return Settings(
        account_sid=_required(env, "TWILIO_ACCOUNT_SID"),
        auth_token=_required(env, "TWILIO_AUTH_TOKEN"),
        api_key=_required(env, "TWILIO_API_KEY"),
        api_secret=_required(env, "TWILIO_API_SECRET"),
        data_dir=options.data_dir or Path(env.get("EMULATOR_DATA_DIR") or "var/carrier"),
        hotline_url=hotline,
        own_url=own.rstrip("/"),
        web_origins=_origins(env.get("EMULATOR_WEB_ORIGIN") or hotline),
        host=host,
        port=port,
        numbers=_numbers(env),
        sms_sender=env.get("SMS_SENDER", "").strip(),
        rate=options.rate or _number(env, "EMULATOR_RATE", 1.0),
        seconds_per_character=_number(env, "EMULATOR_SECONDS_PER_CHARACTER", 0.16),
    )


def read_settings(
    arguments: Sequence[str] | None = None, env: Mapping[str, str] | None = None
) -> tuple[Settings, Namespace]:
    """Settings and the raw command line (which carries the chaos switch). Raises BadSetting."""
    options = _parser().parse_args(arguments)
    return _settings(options, os.environ if env is None else env), options
