"""What a person sees when `make run` cannot start: one sentence, no traceback, nothing left running."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from app.config import BrokenSettings, read_settings
from scripts.local.plan import ROOT, make_plan, own_secrets, read_env_file
from scripts.local.ports import free_port
from scripts.local.refusal import Refusal

pytestmark = pytest.mark.process


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "var"),
        "PORT": str(free_port()),
        "EMULATOR_PORT": str(free_port()),
    }


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def start(given: dict[str, str], **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.local"],
        cwd=ROOT, env={**given, **changes}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of the refusal."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    return line


def test_a_port_in_use_is_named(given: dict[str, str], taken_port: int) -> None:
    line = sentence(start(given, PORT=str(taken_port)))
    assert f"端口 {taken_port} 已被占用" in line
    assert f"port {taken_port} is in use" in line


def test_the_emulators_port_in_use_is_named(given: dict[str, str], taken_port: int) -> None:
    assert "EMULATOR_PORT" in sentence(start(given, EMULATOR_PORT=str(taken_port)))


@pytest.mark.parametrize("port", ["http", "0", "65536", "80 80", "-1", "８０８０"])
def test_a_port_that_is_none_is_named(given: dict[str, str], port: str) -> None:
    with pytest.raises(Refusal, match="PORT 必须是"):
        make_plan({**given, "PORT": port})


def test_the_last_port_leaves_no_room_for_the_emulator(given: dict[str, str]) -> None:
    del given["EMULATOR_PORT"]
    with pytest.raises(Refusal, match="EMULATOR_PORT"):
        make_plan({**given, "PORT": "65535"})


def test_an_unknown_database_is_named(given: dict[str, str]) -> None:
    with pytest.raises(Refusal, match="DATABASE"):
        make_plan({**given, "DATABASE": "oracle"})


def test_a_broken_setting_is_named_and_its_value_is_not_shown(given: dict[str, str]) -> None:
    line = sentence(start(given, SECRET_KEY="short-but-secret"))
    assert "SECRET_KEY" in line
    assert "short-but-secret" not in line


def test_production_does_not_invent_secrets(given: dict[str, str]) -> None:
    line = sentence(start(given, ENVIRONMENT="production"))
    assert "SECRET_KEY" in line
    assert "DATA_KEY" in line
    assert "TWILIO_AUTH_TOKEN" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "change-me" * 4 + "change"),
        ("DATA_KEY", "0123456" * 10),
        ("PUBLIC_BASE_URL", "http://localhost.example.cn"),
        ("PUBLIC_BASE_URL", "http://hotline.example.cn/localhost"),
    ],
)
def test_production_refuses_a_placeholder_for_a_secret_and_an_open_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    good = {
        "ENVIRONMENT": "production",
        "PUBLIC_BASE_URL": "https://hotline.example.cn",
        "DATABASE_URL": "postgresql://localhost/hotline",
        "REDIS_URL": "redis://localhost",
        "SECRET_KEY": token_hex(32),
        "DATA_KEY": token_hex(32),
        "TWILIO_ACCOUNT_SID": "AC" + token_hex(16),
        "TWILIO_AUTH_TOKEN": token_hex(16),
    }
    for setting, given in good.items():
        monkeypatch.setenv(setting, given)
    assert read_settings().public_base_url == good["PUBLIC_BASE_URL"]
    monkeypatch.setenv(name, value)
    with pytest.raises(BrokenSettings, match=name) as refused:
        read_settings()
    assert value not in str(refused.value)


def test_a_data_directory_that_cannot_be_written_is_named(given: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "DATA_DIR" in sentence(start(given, DATA_DIR=str(tmp_path / "file" / "var")))


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first = own_secrets(tmp_path)
    assert own_secrets(tmp_path) == first
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert len(set(first.values())) == len(first)


def test_a_secret_added_by_a_later_release_is_added_to_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("SECRET_KEY=kept\n")
    known = own_secrets(tmp_path)
    assert known["SECRET_KEY"] == "kept"
    assert read_env_file(tmp_path / "secrets.env")["DATA_KEY"] == known["DATA_KEY"]


def test_an_own_redis_and_database_are_used_instead_of_embedded_ones(given: dict[str, str]) -> None:
    plan = make_plan({**given, "REDIS_URL": "redis://cache:6379/1", "DATABASE_URL": "postgresql://db/hotline"})
    assert plan.valkey is None
    assert plan.postgres is None
    assert plan.environment["REDIS_URL"] == "redis://cache:6379/1"


def test_the_callers_environment_comes_before_the_file(given: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# comment\nLOCALE='en'\nPORT=1\nexport LOG_LEVEL=DEBUG\nHOTLINE_NUMBER=\n")
    plan = make_plan(given, root=tmp_path)
    assert plan.port == int(given["PORT"])
    assert plan.environment["LOCALE"] == "en"
    assert plan.environment["LOG_LEVEL"] == "DEBUG"
    assert "HOTLINE_NUMBER" not in plan.environment
