"""Fetch the browser modules the pages load, exactly as their authors published them on npm.

Only a person who bumps a version runs this; the product and its tests never do. It needs `npm` in the PATH:

    python scripts/vendor.py            # every package, lock file, import map and icon sprite
    python scripts/vendor.py --icons    # only the sprite, after a name was added to scripts/icons.txt

A package whose content differs from the locked integrity at an unchanged version is refused.
"""

import argparse
import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "app" / "static"
VENDOR = STATIC / "vendor"
LOCK = VENDOR / "lock.json"
SPRITE = STATIC / "icons.svg"
ICONS = Path(__file__).with_name("icons.txt")


@dataclass(frozen=True)
class Pin:
    """One npm package: the files taken from it, and the bare name the import map gives to the first of them."""

    name: str
    version: str
    license: str
    files: tuple[str, ...]
    bare_names: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> str:
        return self.name.removeprefix("@").replace("/", "-")


LUCIDE = Pin("lucide-static", "1.62.0", "ISC", ("LICENSE",))
PINS = (
    Pin(
        "preact",
        "11.2.0",
        "MIT",
        ("LICENSE", "dist/preact.mjs", "hooks/dist/hooks.mjs"),
        (("preact", "dist/preact.mjs"), ("preact/hooks", "hooks/dist/hooks.mjs")),
    ),
    Pin(
        "@preact/signals-core",
        "1.14.5",
        "MIT",
        ("LICENSE", "dist/signals-core.mjs"),
        (("@preact/signals-core", "dist/signals-core.mjs"),),
    ),
    Pin(
        "@preact/signals",
        "2.11.4",
        "MIT",
        ("LICENSE", "dist/signals.mjs"),
        (("@preact/signals", "dist/signals.mjs"),),
    ),
    Pin("morphdom", "2.7.8", "MIT", ("LICENSE", "dist/morphdom-esm.js"), (("morphdom", "dist/morphdom-esm.js"),)),
    Pin("htm", "3.1.1", "Apache-2.0", ("LICENSE", "dist/htm.mjs"), (("htm", "dist/htm.mjs"),)),
    Pin(
        "socket.io-client",
        "4.8.4",
        "MIT",
        ("LICENSE", "dist/socket.io.esm.min.js"),
        (("socket.io-client", "dist/socket.io.esm.min.js"),),
    ),
    Pin(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        (
            "LICENSE",
            "dist/leaflet-src.esm.js",
            "dist/leaflet.css",
            "dist/images/layers.png",
            "dist/images/layers-2x.png",
            "dist/images/marker-icon.png",
            "dist/images/marker-icon-2x.png",
            "dist/images/marker-shadow.png",
        ),
        (("leaflet", "dist/leaflet-src.esm.js"),),
    ),
    # A UMD script that expects a global `L`; lib/map.js gives it one before importing it.
    Pin(
        "leaflet.markercluster",
        "1.5.3",
        "MIT",
        ("MIT-LICENCE.txt", "dist/leaflet.markercluster.js", "dist/MarkerCluster.css"),
    ),
    Pin(
        "echarts",
        "6.1.0",
        "Apache-2.0",
        ("LICENSE", "dist/echarts.esm.min.mjs"),
        (("echarts", "dist/echarts.esm.min.mjs"),),
    ),
    # Defines the global `SwaggerUIBundle`; loaded by the page /api/docs only.
    Pin(
        "swagger-ui-dist",
        "5.35.0",
        "Apache-2.0",
        ("LICENSE", "NOTICE", "swagger-ui-bundle.js", "swagger-ui.css"),
    ),
    # Defines the global `Twilio`; imported by the agent console only when the Twilio carrier is on.
    Pin("@twilio/voice-sdk", "2.18.5", "Apache-2.0", ("LICENSE.md", "dist/twilio.min.js")),
    LUCIDE,
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--icons", action="store_true", help="only rebuild the icon sprite")
    only_icons = options.parse_args().icons
    locked = json.loads(LOCK.read_text("utf-8")) if LOCK.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        for pin in (LUCIDE,) if only_icons else PINS:
            archive = fetch(pin, Path(scratch), locked.get(pin.name, {}))
            locked[pin.name] = unpack(pin, archive)
            if pin is LUCIDE:
                SPRITE.write_text(draw_sprite(archive), "utf-8")
    LOCK.write_text(json.dumps(dict(sorted(locked.items())), indent=1, ensure_ascii=False) + "\n", "utf-8")
    (VENDOR / "importmap.json").write_text(json.dumps(import_map(), indent=1) + "\n", "utf-8")


def fetch(pin: Pin, scratch: Path, locked: dict[str, Any]) -> bytes:
    told = subprocess.run(
        ["npm", "pack", "--silent", "--json", f"{pin.name}@{pin.version}"],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = next(scratch.glob("*.tgz")).read_bytes()
    next(scratch.glob("*.tgz")).unlink()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if integrity not in told.stdout:
        sys.exit(f"{pin.name}: npm named another integrity than the archive has")
    if locked.get("version") == pin.version and locked.get("integrity", integrity) != integrity:
        sys.exit(f"{pin.name} {pin.version}: the registry now serves another archive than the one locked")
    return archive


def unpack(pin: Pin, archive: bytes) -> dict[str, Any]:
    """Write the pinned files below vendor/ and return the package's lock entry."""
    folder = VENDOR / pin.folder
    sums = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for name in pin.files:
            member = tar.extractfile(f"package/{name}")
            if member is None:
                sys.exit(f"{pin.name}: {name} is not a file")
            content = member.read()
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            sums[f"{pin.folder}/{name}"] = hashlib.sha256(content).hexdigest()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    return {"version": pin.version, "license": pin.license, "integrity": integrity, "sha256": sums}


def import_map() -> dict[str, dict[str, str]]:
    names = {bare: f"/static/vendor/{pin.folder}/{path}" for pin in PINS for bare, path in pin.bare_names}
    return {"imports": names}


def draw_sprite(archive: bytes) -> str:
    """One SVG of symbols, so a page asks once and an icon is `<use href="/static/icons.svg#name">`."""
    symbols = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for name in sorted(set(ICONS.read_text("utf-8").split())):
            member = tar.extractfile(f"package/icons/{name}.svg")
            drawing = member.read().decode() if member else ""
            shapes = re.sub(r"\s+", " ", drawing.split(">", 2)[2].rsplit("</svg>", 1)[0]).strip()
            symbols.append(
                f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
                f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
            )
    note = f"<!-- lucide-static {LUCIDE.version}, ISC; drawn by scripts/vendor.py -->"
    return '<svg xmlns="http://www.w3.org/2000/svg">' + note + "\n" + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    main()
