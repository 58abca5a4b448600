"""All settings, read once from the environment into one frozen object."""

from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class BrokenSettings(Exception):
    """One clear sentence about a setting that keeps the system from starting."""


class Environment(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


# The units of the demonstration city that answer by telephone; no unit of a real city ever gets it.
DEMO_PIN = "2468"
# Different ones in a secret: the same again and again is a placeholder.
LEAST_CHARACTERS = 10


class Settings(BaseSettings):
    """Environment variables are the field names in upper case. Secrets have no defaults anywhere."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file=None, str_strip_whitespace=True)

    environment: Environment = Environment.PRODUCTION
    port: int = Field(default=8080, ge=1, le=65535)
    data_dir: Path = Path("var")
    database_url: str
    redis_url: str
    public_base_url: str
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    # Sessions and links are signed with `secret_key`; personal data is sealed and hashed with `data_key`.
    secret_key: SecretStr = Field(min_length=32)
    data_key: SecretStr = Field(min_length=32)

    carrier: Literal["emulator", "twilio"] = "twilio"
    twilio_account_sid: str
    twilio_auth_token: SecretStr = Field(min_length=16)
    twilio_api_key: str = ""
    twilio_api_secret: SecretStr = SecretStr("")
    twilio_application_sid: str = ""
    twilio_api_base_url: str = ""
    hotline_number: str = "96310"
    sms_sender: str = "96310"
    # Twilio's guideline for +86 forbids links in messages: switch off where the carrier does too.
    sms_links: bool = True

    # Whom agents bring into a talk with one key: NUMBER=NAME, separated by spaces. Add the city's gas and water here.
    outside_numbers: str = "110=公安 119=消防 120=急救 122=交警 95598=供电 12345=政务热线"
    # Whether a unit may listen to the calls behind its own cases. Never those of confidential callers.
    units_hear_recordings: bool = False

    # Two levels: which confirmations of the districts' decisions the city keeps.
    city_confirms_non_filing: bool = True
    city_confirms_closing: bool = False
    # For so long after a closing the citizen may say that the matter is not fixed.
    reopen_days: int = Field(default=15, ge=1, le=365)
    # Of every hundred closed cases so many citizens are called back, within so many working days.
    survey_percent: int = Field(default=20, ge=0, le=100)
    survey_days: int = Field(default=3, ge=1, le=30)
    # Who rings again about a matter closed so lately says that it was not fixed.
    repeat_days: int = Field(default=30, ge=1, le=365)
    # For so long after the centre wrote to a citizen what they text is read as the answer.
    thread_days: int = Field(default=7, ge=1, le=60)

    # Networks besides the public internet to which webhooks may go, such as a government network's 10.20.0.0/16.
    hook_networks: str = ""
    # From which to which hour of the city reminders wait; the same hour twice: never.
    quiet_from: int = Field(default=22, ge=0, le=23)
    quiet_until: int = Field(default=7, ge=0, le=23)
    # Whether citizens, too, hear in the morning only how a matter ended. What answers them goes out at once.
    hold_sms_at_night: bool = False

    # Addresses of map tiles in WGS-84 (天地图), drawn one above the other; empty: the offline map alone.
    map_tiles: str = ""

    locale: Literal["zh-CN", "en"] = "zh-CN"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    max_upload_mb: int = Field(default=10, ge=1, le=100)

    @field_validator("public_base_url", "twilio_api_base_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError("must look like https://hotline.example.cn")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _speaks_to_a_known_database(cls, value: str) -> str:
        if value.startswith("postgresql://"):
            return value.replace("postgresql://", "postgresql+psycopg://", 1)
        if value.startswith(("postgresql+psycopg://", "sqlite:///")):
            return value
        raise ValueError("must begin with postgresql:// or sqlite:///")

    @field_validator("map_tiles")
    @classmethod
    def _are_tile_addresses(cls, value: str) -> str:
        for url in value.split():
            named = all(part in url for part in ("{z}", "{x}", "{y}"))
            if not (named and url.startswith(("http://", "https://"))):
                raise ValueError("must be addresses like https://tiles.example.cn/{z}/{x}/{y}.png, separated by spaces")
        return value

    @field_validator("hook_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for each in value.split():
            ip_network(each)
        return value

    @field_validator("outside_numbers")
    @classmethod
    def _are_named_numbers(cls, value: str) -> str:
        for each in value.split():
            number, _, name = each.partition("=")
            if not number.lstrip("+").isdigit() or not name:
                raise ValueError("must be like 110=公安 95598=供电, separated by spaces")
        return value

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        if self.carrier == "emulator" and not self.twilio_api_base_url:
            raise ValueError("TWILIO_API_BASE_URL must name the emulator when CARRIER=emulator")
        if self.environment is Environment.PRODUCTION:
            here = urlsplit(self.public_base_url)
            if here.scheme == "http" and here.hostname != "localhost":
                raise ValueError("PUBLIC_BASE_URL must be https in production")
            for name in ("secret_key", "data_key"):
                if len(set(getattr(self, name).get_secret_value())) < LEAST_CHARACTERS:
                    raise ValueError(f"{name.upper()} is no secret: make one with `openssl rand -hex 32`")
            if self.secret_key.get_secret_value() == self.data_key.get_secret_value():
                raise ValueError("SECRET_KEY and DATA_KEY must differ")
        return self

    @property
    def is_demo(self) -> bool:
        return self.environment is Environment.DEMO

    @property
    def tile_urls(self) -> tuple[str, ...]:
        return tuple(self.map_tiles.split())

    @property
    def reopen_window(self) -> timedelta:
        return timedelta(days=self.reopen_days)

    @property
    def upload_dir(self) -> Path:
        return self.data_dir / "uploads"


def read_settings() -> Settings:
    """Raises BrokenSettings naming each variable at fault, never its value: it may be a secret."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(_describe(e["loc"], e["msg"]) for e in error.errors(include_input=False))
        raise BrokenSettings(f"设置有误，系统未启动 / settings are wrong, refusing to start: {faults}") from None


def _describe(location: tuple[int | str, ...], message: str) -> str:
    name = ".".join(str(part) for part in location).upper()
    if message == "Field required":
        return f"{name} 未设置 (is missing)"
    return f"{name} {message}".strip()
