"""The processes of docs/deployment.md, with the very commands of its unit files: two web processes, a worker, a beat,
PostgreSQL and a Redis-compatible server, in production mode."""

import os
import re
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import create_engine, pool, text

from scripts.local.child import Child
from scripts.local.parts import answers_ok
from scripts.local.plan import ROOT
from scripts.local.ports import free_port
from scripts.local.postgres import Postgres
from scripts.local.valkey import Valkey
from tests.support.system import eventually

pytestmark = [pytest.mark.process, pytest.mark.timeout(240)]
UNITS = ROOT / "docs" / "deployment"


def command_of(unit: str, instance: str, state: Path) -> list[str]:
    """The unit's ExecStart with its specifiers and folders put in."""
    content = (UNITS / unit).read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStart=(.+)$", content, re.MULTILINE)
    line = line.replace("%i", instance).replace("%%", "%").replace("/var/lib/city-hotline", str(state))
    program, *arguments = line.split()
    assert program.startswith("/opt/city-hotline/.venv/bin/")
    return [str(Path(sys.executable).parent / Path(program).name), *arguments]


class Site:
    """One city's installation."""

    def __init__(self, state: Path, database_url: str, redis_url: str) -> None:
        self.state = state
        self.ports = (free_port(), free_port())
        self.children: dict[str, Child] = {}
        (state / "metrics").mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(state),
            "ENVIRONMENT": "production",
            "PUBLIC_BASE_URL": "https://hotline.example.cn",
            "TRUSTED_PROXIES": "1",
            "DATA_DIR": str(state),
            "PROMETHEUS_MULTIPROC_DIR": str(state / "metrics"),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": secrets.token_hex(32),
            "DATA_KEY": secrets.token_hex(32),
            "CARRIER": "twilio",
            "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
            "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
            "TWILIO_API_KEY": "SK" + secrets.token_hex(16),
            "TWILIO_API_SECRET": secrets.token_hex(16),
            "TWILIO_APPLICATION_SID": "AP" + secrets.token_hex(16),
            # A gateway that does not exist: nothing of this test may reach the outside.
            "TWILIO_API_BASE_URL": "http://127.0.0.1:9",
        }

    def hotline(self, *arguments: str, said: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "hotline", *arguments],
            cwd=ROOT, env=self.environment, input=said, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, unit: str, instance: str = "") -> None:
        with (self.state / f"{name}.log").open("ab") as log:
            command = command_of(unit, instance, self.state)
            self.children[name] = Child(command, environment=self.environment, output=log, directory=ROOT)

    def log(self, name: str) -> str:
        return (self.state / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def get(self, port: int, path: str) -> tuple[int, str]:
        # As nginx passes it on.
        headers = {"Host": "hotline.example.cn", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=10
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Site]:
    redis = Valkey(tmp_path_factory.mktemp("redis"), password="of-this-test")
    redis.start()
    made = Site(tmp_path_factory.mktemp("site"), postgres.create_database("production"), redis.url)
    try:
        made.hotline("migrate")
        made.hotline("seed")
        made.hotline("add-administrator", "zhang", "张伟", said="correct horse battery\ncorrect horse battery\n")
        for port in made.ports:
            made.start(f"web{port}", "hotline-web@.service", str(port))
        made.start("worker", "hotline-worker@.service", "1")
        made.start("beat", "hotline-beat.service")
        for port in made.ports:
            eventually(lambda port=port: answers_ok(f"http://127.0.0.1:{port}/readyz"), made.log(f"web{port}"), 60)
        yield made
    finally:
        for child in made.children.values():
            child.kill()  # how parts stop is tried with the whole system
        redis.stop()


def test_both_web_processes_are_ready_and_share_their_figures(site: Site) -> None:
    for port in site.ports:
        assert site.get(port, "/healthz")[0] == 200
    _, figures = site.get(site.ports[0], "/metrics")
    assert "hotline_request_seconds" in figures


def test_there_are_no_doors_and_no_demonstration_people(site: Site) -> None:
    _, page = site.get(site.ports[0], "/")
    assert "agent1001" not in page
    engine = create_engine(site.environment["DATABASE_URL"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        logins = connection.execute(text("SELECT login FROM account")).scalars().all()
    engine.dispose()
    assert [login for login in logins if login != "system"] == ["zhang"]


def test_the_worker_does_what_the_timetable_says(site: Site) -> None:
    with Celery(broker=site.environment["REDIS_URL"]) as outsider:

        def done() -> set[str]:
            answers = outsider.control.inspect(timeout=0.5).stats() or {}
            return {task for worker in answers.values() for task, count in worker["total"].items() if count}

        eventually(lambda: done() >= {"calls.sweep", "messages.sweep"}, "the sweeps", 60)
    for name, child in site.children.items():
        assert child.is_running(), site.log(name)
        assert "Traceback" not in site.log(name), site.log(name)


def test_a_missing_secret_refuses_the_start_with_one_line(site: Site) -> None:
    environment = {name: value for name, value in site.environment.items() if name != "DATA_KEY"}
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "DATA_KEY" in done.stderr
    assert "Traceback" not in done.stderr
