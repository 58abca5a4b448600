"""`python -m scripts.local`: the whole product on one machine, until Ctrl-C."""

import fcntl
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.local.journal import say
from scripts.local.parts import processes, servers, steps
from scripts.local.plan import ROOT, Plan, make_plan
from scripts.local.refusal import Refusal
from scripts.local.supervisor import StopAsked, Supervisor, status_writer, write_atomically


def main() -> int:
    try:
        plan = make_plan(os.environ)
        with _alone(plan):
            check_settings(plan)
            run(plan)
    except Refusal as refusal:
        print(f"\n无法启动 / cannot start: {refusal}\n", file=sys.stderr, flush=True)
        return 2
    except KeyboardInterrupt:  # before anything was started
        return 130
    return 0


@contextmanager
def _alone(plan: Plan) -> Iterator[None]:
    """Two systems on one data directory would spoil it; the kernel gives the lock back however we end."""
    with (plan.run_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(
                f"数据目录 {plan.data_dir} 已有一套系统在运行,请先停止它或另设 DATA_DIR。"
                " (Another system is running on this DATA_DIR.)"
            ) from None
        yield


def check_settings(plan: Plan) -> None:
    """Before anything starts: a wrong setting should cost a second, and read as one sentence."""
    from app.config import BrokenSettings, read_settings

    os.environ.update(plan.environment)
    try:
        read_settings()
    except BrokenSettings as error:
        raise Refusal(str(error)) from None


def run(plan: Plan) -> None:
    write_atomically(plan.run_dir / "environment", _as_shell(plan), 0o600)
    shutil.rmtree(plan.run_dir / "metrics", ignore_errors=True)
    (plan.run_dir / "metrics").mkdir()
    facts = {"url": plan.url, "emulator_url": plan.emulator_url, "data_dir": str(plan.data_dir)}
    supervisor = Supervisor(
        plan.log_dir, plan.environment, ROOT, tell=status_writer(plan.run_dir / "status.json", facts)
    )
    supervisor.obey_signals()
    try:
        start(plan, supervisor)
        _say_where_to_look(plan)
        supervisor.watch()
    except StopAsked:
        pass
    except Refusal:
        # Ctrl-C reaches one-off helpers such as initdb as well: their failing is then no news.
        if not supervisor.is_stopping:
            raise
    finally:
        say("hotline", "正在停止 … / stopping …")
        supervisor.stop()
        say("hotline", "已停止,数据保留在 / stopped, the data stay in " + str(plan.data_dir))


def start(plan: Plan, supervisor: Supervisor) -> None:
    supervisor.start(servers(plan))
    if plan.postgres is not None:
        plan.postgres.create_database()
    for step in steps():
        supervisor.run_step(step)
    supervisor.start(processes(plan))


def _as_shell(plan: Plan) -> str:
    """For `set -a; . var/run/environment`: the product's commands against the running system."""
    from app.config import Settings

    own = {name.upper() for name in Settings.model_fields} | {"PROMETHEUS_MULTIPROC_DIR"}
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in sorted(plan.environment.items()) if name in own)
    return "".join(lines)


def _say_where_to_look(plan: Plan) -> None:
    lines = ["", "城市热线已就绪 / the hotline is ready", f"  打开 / open       {plan.url}"]
    if plan.emulator_url:
        lines.append(f"  网页电话 / phone  {plan.emulator_url}")
    lines += [
        f"  数据 / data       {plan.data_dir}",
        f"  日志 / logs       {plan.log_dir}",
        "  停止 / stop       Ctrl-C",
        "",
    ]
    for line in lines:
        say("hotline", line)


if __name__ == "__main__":
    sys.exit(main())
