"""Files that trainings left behind."""

import time
from collections.abc import Collection
from pathlib import Path

# A process that has just been told of another model may still be reading the old file.
KEPT_SECONDS = 24 * 3600


def remove_orphans(folder: Path, in_use: Collection[str], underway: Collection[int]) -> list[str]:
    """Model files older than a day that no row names: of killed trainings, refused models and first versions."""
    removed = []
    for path in sorted(folder.glob("*.npz")):
        run = path.stem.split("-")[0]
        is_young = time.time() - path.stat().st_mtime < KEPT_SECONDS
        if path.name not in in_use and not (run.isdecimal() and int(run) in underway) and not is_young:
            path.unlink(missing_ok=True)
            removed.append(path.name)
    return removed
