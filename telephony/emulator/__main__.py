"""`python -m telephony.emulator`: run the carrier until SIGTERM or Ctrl-C."""

import asyncio
import dataclasses
import logging
import signal
import sys
from argparse import Namespace

from aiohttp import web

from telephony.emulator.chaos import Chaos
from telephony.emulator.clock import RunningClock
from telephony.emulator.config import BadSetting, Settings, read_settings
from telephony.emulator.office import open_office
from telephony.emulator.server import build_app


async def run(settings: Settings, options: Namespace) -> None:
    chaos = Chaos(delay=options.chaos_delay, shuffle=options.chaos_shuffle, repeat=options.chaos_repeat)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(
        build_app(open_office(settings, RunningClock(settings.rate), chaos)), access_log=None, shutdown_timeout=2
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        sys.stdout.write(f"carrier ready on {settings.own_url} (web phone: {settings.own_url}/phone)\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings, options = read_settings()
        settings = dataclasses.replace(settings, data_dir=settings.data_dir.resolve())
        asyncio.run(run(settings, options))
    except BadSetting as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"The carrier cannot start: {error.strerror or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
