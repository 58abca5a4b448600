"""The whole product under its supervisor, as `make run` starts it."""

import os
import signal
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import create_engine, pool, text

from scripts.local.parts import answers_ok
from tests.support.system import System, eventually, process_is_gone

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]


def cases_in(system: System) -> int:
    engine = create_engine(system.environment()["DATABASE_URL"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        count = connection.execute(text('SELECT count(*) FROM "case"')).scalar_one()
    engine.dispose()
    return int(count)


def fetch(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_says_where_to_look_and_how_to_stop(system: System) -> None:
    printed = system.printed()
    assert f"{system.url}/" in printed
    assert f"{system.emulator_url}/" in printed
    assert "Ctrl-C" in printed
    assert str(system.data_dir / "log") in printed


def test_shows_no_secret_on_the_terminal_or_in_its_logs(system: System) -> None:
    seen = system.printed() + "".join(file.read_text(errors="replace") for file in (system.data_dir / "log").iterdir())
    environment = system.environment()
    for name in ("SECRET_KEY", "DATA_KEY", "TWILIO_AUTH_TOKEN", "TWILIO_API_SECRET"):
        assert environment[name] not in seen, name


def test_answers_on_its_pages_and_on_the_web_phone(system: System) -> None:
    assert fetch(f"{system.url}/")[0] == 200
    assert fetch(f"{system.emulator_url}/")[0] == 200
    assert fetch(f"{system.url}/healthz")[0] == 200


@pytest.mark.parametrize("part", ["beat", "emulator"])
def test_a_killed_part_comes_back(sqlite_system: System, part: str) -> None:
    """The others are killed under load: test_crashes.py."""
    sqlite_system.kill_and_wait(part)
    eventually(lambda: answers_ok(f"{sqlite_system.emulator_url}/healthz"), "the carrier")
    assert sqlite_system.is_ready()


def test_killing_the_supervisor_and_starting_again_keeps_the_data(postgres_system: System) -> None:
    before = cases_in(postgres_system)
    assert before > 0
    kill_the_supervisor(postgres_system)
    postgres_system.start()
    assert cases_in(postgres_system) == before


def test_ctrl_c_during_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    system = System(tmp_path / "var", "postgresql")
    process = system.launch()
    pids = eventually(lambda: [part["pid"] for part in system.status().get("parts", {}).values()], "the first part")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, system.printed()
    assert "Traceback" not in system.printed()
    assert all(process_is_gone(pid) for pid in pids)


def kill_the_supervisor(system: System) -> None:
    """kill -9: the kernel ends its children. PostgreSQL entered a user namespace, at which the kernel forgets whose
    death it should follow, so the next start ends what is left of it."""
    pids = {name: part["pid"] for name, part in system.parts().items()}
    assert system.process is not None
    os.kill(system.process.pid, signal.SIGKILL)
    system.process.wait()
    for name in set(pids) - {"postgres"}:
        eventually(lambda pid=pids[name]: process_is_gone(pid), f"the end of {name}")


def test_a_second_system_on_the_same_data_is_refused(sqlite_system: System) -> None:
    with pytest.raises(AssertionError, match="Another system is running on this DATA_DIR"):
        System(sqlite_system.data_dir).start()
