"""`python -m benchmarks [--smoke] [NAME …]`: the benchmarks one after another, each in a process of its own.

`--smoke` runs each for a moment, to see that it still works; its figures mean nothing.
"""

import argparse
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

from benchmarks._stage import shared

FOLDER = Path(__file__).parent
SMOKE = {"classify": ("--texts", "20", "--no-baseline")}


def names() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_") and _runs(file))


def _runs(file: Path) -> bool:
    return '__name__ == "__main__"' in file.read_text(encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(names())}")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    with shared() if options.smoke else nullcontext():
        failed = [name for name in options.names or names() if not _run(name, options.smoke)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, is_smoke: bool) -> bool:
    print(f"== {name}", flush=True)
    extra = SMOKE.get(name, ("--smoke",)) if is_smoke else ()
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *extra], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
