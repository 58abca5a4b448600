"""Every line that a part prints: into its own log file, and with its name before it to the terminal."""

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

_COLOURS = {"web": 36, "worker": 33, "beat": 35, "emulator": 32, "hotline": 1}
_terminal = threading.Lock()


def say(name: str, line: str) -> None:
    """One whole line to the terminal, whoever else is writing."""
    label = f"{name:<9}|"
    if sys.stdout.isatty():
        label = f"\x1b[{_COLOURS.get(name, 34)}m{label}\x1b[0m"
    with _terminal:
        print(f"{label} {line}", flush=True)


class Journal:
    """One part's log file of at most 3 × 10 MB, over all its starts."""

    def __init__(self, folder: Path, name: str, *, is_quiet: bool) -> None:
        self.name = name
        self.is_quiet = is_quiet
        self.file = folder / f"{name}.log"
        self._handler = RotatingFileHandler(self.file, maxBytes=10_000_000, backupCount=2, encoding="utf-8")

    def follow(self, stream: IO[bytes]) -> None:
        """Reads in a thread until the process and all its children have closed their end."""
        threading.Thread(target=self._read, args=(stream,), name=f"log of {self.name}", daemon=True).start()

    def write(self, line: str) -> None:
        self._handler.emit(logging.makeLogRecord({"msg": line}))
        if not self.is_quiet:
            say(self.name, line)

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for raw in stream:
                self.write(raw.decode("utf-8", "replace").rstrip())

    def last_lines(self, count: int = 12) -> list[str]:
        return self.file.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]

    def close(self) -> None:
        self._handler.close()
