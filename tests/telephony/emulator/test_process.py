"""The carrier as a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from telephony.emulator.config import BadSetting, read_settings
from tests.telephony.emulator.harness import ACCOUNT, KEY, SECRET, TOKEN

ENV = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_API_KEY": KEY,
    "TWILIO_API_SECRET": SECRET,
    "PUBLIC_BASE_URL": "http://127.0.0.1:5000/",
}


def start(*arguments: str, env: dict[str, str] = ENV) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "telephony.emulator", *arguments],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    process = start("--port", str(port), "--data-dir", str(tmp_path / "carrier"), "--chaos-shuffle")
    with process:
        ready = process.stdout.readline()
        assert re.search(rf"ready on http://127\.0\.0\.1:{port} ", ready)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/phone", timeout=5) as page:
            assert "script-src 'self'" in page.headers["Content-Security-Policy"]
            assert "网络电话" in page.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/state.json", timeout=5) as state:
            assert json.load(state)["chaos"]["shuffle"] is True
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


@pytest.mark.process
def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with start("--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path)) as process:
            assert process.wait(10) == 1
            complaint = process.stderr.read()
    assert complaint.count("\n") == 1
    assert "in use" in complaint


@pytest.mark.parametrize("missing", sorted(ENV))
def test_a_missing_secret_or_address_refuses_the_start(missing: str) -> None:
    env = {name: value for name, value in ENV.items() if name != missing}
    with pytest.raises(BadSetting, match=missing):
        read_settings([], env)


def test_webhook_addresses_come_from_the_public_base_url() -> None:
    settings, _ = read_settings(["--port", "8701"], {**ENV, "HOTLINE_NUMBER": "12345"})
    assert settings.voice_url == "http://127.0.0.1:5000/telephony/voice"
    assert settings.fallback_url == "http://127.0.0.1:5000/telephony/voice/fallback"
    assert settings.status_url == "http://127.0.0.1:5000/telephony/voice/status"
    assert settings.sms_url == "http://127.0.0.1:5000/telephony/sms"
    assert settings.numbers == ("12345", "12319")
    assert settings.own_url == "http://127.0.0.1:8701"
    assert settings.web_origins == {"http://127.0.0.1:5000", "http://localhost:5000"}


def test_a_pace_that_is_no_number_is_refused() -> None:
    with pytest.raises(BadSetting, match="EMULATOR_RATE"):
        read_settings([], {**ENV, "EMULATOR_RATE": "fast"})
