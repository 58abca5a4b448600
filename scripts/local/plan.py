"""What is to run on this machine, decided from the environment before anything starts."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.local.ports import LOOPBACK, why_not
from scripts.local.postgres import Postgres
from scripts.local.refusal import Refusal
from scripts.local.valkey import Valkey

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Plan:
    """`environment` is complete: what every part of the product gets. `valkey` or `postgres` None: not ours to run."""

    host: str
    port: int
    emulator_port: int | None
    data_dir: Path
    valkey: Valkey | None
    postgres: Postgres | None
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    @property
    def emulator_url(self) -> str | None:
        return None if self.emulator_port is None else f"http://localhost:{self.emulator_port}/"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "log"

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"


def make_plan(given: Mapping[str, str], root: Path = ROOT) -> Plan:
    """`given` is the caller's environment; empty values count as unset. Refuses with one sentence."""
    wanted = {name: value for name, value in {**read_env_file(root / ".env"), **given}.items() if value.strip()}
    port = _port(wanted, "PORT", 8080)
    emulates = wanted.get("CARRIER", "emulator") == "emulator"
    emulator_port = _port(wanted, "EMULATOR_PORT", port + 1) if emulates else None
    if emulator_port == port:
        raise Refusal(f"PORT 与 EMULATOR_PORT 不能相同({port})。(PORT and EMULATOR_PORT must differ.)")
    data_dir = _data_dir(wanted, root)
    own = own_secrets(data_dir)
    valkey = None
    if "REDIS_URL" not in wanted:
        valkey = Valkey(data_dir / "valkey", password=own["VALKEY_PASSWORD"])
    postgres = _postgres(wanted, data_dir, own["POSTGRES_PASSWORD"])
    plan = Plan(
        host=wanted.get("HOST", LOOPBACK),
        port=port,
        emulator_port=emulator_port,
        data_dir=data_dir,
        valkey=valkey,
        postgres=postgres,
        environment=_environment(wanted, own, port, emulator_port, data_dir, valkey, postgres),
    )
    _check_ports(plan)
    return plan


def _environment(
    wanted: Mapping[str, str],
    own: Mapping[str, str],
    port: int,
    emulator_port: int | None,
    data_dir: Path,
    valkey: Valkey | None,
    postgres: Postgres | None,
) -> dict[str, str]:
    defaults = {
        "ENVIRONMENT": "demo",
        "PORT": str(port),
        "PUBLIC_BASE_URL": f"http://localhost:{port}",
        "DATABASE_URL": postgres.url() if postgres else f"sqlite:///{data_dir / 'hotline.db'}",
        "PROMETHEUS_MULTIPROC_DIR": str(data_dir / "run" / "metrics"),
        "PYTHONUNBUFFERED": "1",
        # Celery's advice not to run as root is for production, where the unit files name a user.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
    }
    if valkey:
        defaults["REDIS_URL"] = valkey.url
    if emulator_port is not None:
        defaults |= _emulator_settings(emulator_port, data_dir)
    if wanted.get("ENVIRONMENT", "demo") == "demo":
        # Only a demonstration may run on secrets that nobody chose; in production their absence refuses the start.
        defaults |= {name: value for name, value in own.items() if not name.endswith("_PASSWORD")}
    return {**defaults, **wanted, "DATA_DIR": str(data_dir)}


def _emulator_settings(port: int, data_dir: Path) -> dict[str, str]:
    return {
        "CARRIER": "emulator",
        "EMULATOR_PORT": str(port),
        "EMULATOR_URL": f"http://localhost:{port}",
        "EMULATOR_DATA_DIR": str(data_dir / "carrier"),
        "TWILIO_API_BASE_URL": f"http://localhost:{port}",
    }


def _postgres(wanted: Mapping[str, str], data_dir: Path, password: str) -> Postgres | None:
    choice = wanted.get("DATABASE", "sqlite")
    if choice not in ("sqlite", "postgresql"):
        raise Refusal(f"DATABASE 只能是 sqlite 或 postgresql,不能是 {choice}。(DATABASE must be sqlite or postgresql.)")
    if "DATABASE_URL" in wanted or choice == "sqlite":
        return None
    return Postgres(data_dir / "postgres", password=password)


def _port(wanted: Mapping[str, str], name: str, default: int) -> int:
    text = wanted.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise Refusal(f"{name} 必须是 1 到 65535 的数字,不能是 {text}。({name} must be a number from 1 to 65535.)")
    return int(text)


def _check_ports(plan: Plan) -> None:
    for name, port, host in (("PORT", plan.port, plan.host), ("EMULATOR_PORT", plan.emulator_port, LOOPBACK)):
        if port is None:
            continue
        fault = why_not(port, host)
        if fault:
            raise Refusal(f"端口 {port} {fault[0]},请换一个:{name}=… make run (port {port} {fault[1]}: set {name})")


def _data_dir(wanted: Mapping[str, str], root: Path) -> Path:
    folder = (root / wanted.get("DATA_DIR", "var")).resolve()
    try:
        for part in (folder, folder / "log", folder / "run"):
            part.mkdir(parents=True, exist_ok=True)
        (folder / "run" / "writable").touch()
    except OSError as error:
        raise Refusal(
            f"DATA_DIR {folder} 无法写入:{error.strerror}。(DATA_DIR cannot be written to: set DATA_DIR.)"
        ) from None
    return folder


def read_env_file(file: Path) -> dict[str, str]:
    """NAME=value lines; `#` begins a comment line; quotes around a value are taken off."""
    if not file.exists():
        return {}
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.removeprefix("export ").partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def own_secrets(data_dir: Path) -> dict[str, str]:
    """Made once for this data directory and kept in a file that only its owner reads; never printed."""
    file = data_dir / "secrets.env"
    known = read_env_file(file)
    made = {name: value for name, value in _new_secrets().items() if name not in known}
    if made:
        known |= made
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.writelines(f"{name}={value}\n" for name, value in known.items())
    return known


def _new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_hex(32),
        "DATA_KEY": secrets.token_hex(32),
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_KEY": f"SK{secrets.token_hex(16)}",
        "TWILIO_API_SECRET": secrets.token_hex(16),
        "TWILIO_APPLICATION_SID": f"AP{secrets.token_hex(16)}",
        "VALKEY_PASSWORD": secrets.token_hex(16),
        "POSTGRES_PASSWORD": secrets.token_hex(16),
    }
