"""Finding a Keycloak distribution, or getting one.

In this order: the folder in `KCPLAN_KEYCLOAK_HOME`, one that was unpacked before, Maven, the
archive among the vendor's releases. What was got is unpacked into the cache and never written to
again; servers run in folders of their own.
"""

import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from kcplan.classes import frozen
from kcplan.errors import UsageError
from kcplan_keycloak.sandbox.model import DEFAULT_VERSION, Progress, SandboxError, cache_folder

HOME_VARIABLE = "KCPLAN_KEYCLOAK_HOME"
RELEASES = "https://github.com/keycloak/keycloak/releases/download"
_SCRIPT = Path("bin/kc.sh")
_CHUNK = 1 << 20
_LARGEST = 1 << 30
"""No release is nearly as large."""


@frozen
class Distribution:
    """An unpacked Keycloak."""

    folder: Path
    version: str


def local(version: str | None) -> Distribution | None:
    """A distribution that needs no download. Raises UsageError where the given home is none."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return _home(Path(home).expanduser().resolve(), version)
    wanted = version or DEFAULT_VERSION
    folder = _cached(wanted)
    return Distribution(folder, wanted) if (folder / _SCRIPT).is_file() else None


def fetch(version: str | None, progress: Progress) -> Distribution:
    """Get a distribution and keep it in the cache. Raises SandboxError."""
    wanted = version or DEFAULT_VERSION
    failures = []
    cache_folder().mkdir(parents=True, exist_ok=True)
    for source in (_from_maven, _from_release):
        with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".fetch-") as scratch:
            try:
                archive = source(wanted, Path(scratch), progress)
                return Distribution(unpack(archive, _cached(wanted), progress), wanted)
            except (OSError, tarfile.TarError, SandboxError) as problem:
                failures.append(str(problem))
    reasons = "".join(f"- {failure}\n" for failure in failures)
    raise SandboxError(
        f"Keycloak {wanted} could not be got",
        f"{reasons}Unpack a distribution yourself and set {HOME_VARIABLE} to its folder, or give "
        "the address of a running server with --url.",
    )


def unpack(archive: Path, folder: Path, progress: Progress) -> Path:
    """Unpack a distribution's archive as `folder`, which appears whole or not at all."""
    progress(f"Unpacking Keycloak into {folder}")
    scratch = archive.parent / "unpacked"
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(scratch, filter="data")
        else:
            tar.extractall(scratch)  # noqa: S202 (only Python before 3.11.4)
    (root,) = scratch.iterdir()
    if not (root / _SCRIPT).is_file():
        raise SandboxError(f"{archive.name} holds no Keycloak: {_SCRIPT} is missing in it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        root.rename(folder)
    return folder


def _cached(version: str) -> Path:
    return cache_folder() / "dist" / version


def _home(home: Path, version: str | None) -> Distribution:
    try:
        found = (home / "version.txt").read_text().split()[-1]
    except (OSError, IndexError):
        found = ""
    if not found or not (home / _SCRIPT).is_file():
        raise UsageError(
            f"{HOME_VARIABLE} is not the folder of a Keycloak: {home}",
            f"It must hold {_SCRIPT} and version.txt, as an unpacked release does.",
        )
    if version not in (None, found):
        raise UsageError(
            f"{HOME_VARIABLE} holds Keycloak {found}, and version {version} is asked for",
            f"Leave out --version, or unset {HOME_VARIABLE}.",
        )
    return Distribution(home, found)


def _from_maven(version: str, scratch: Path, progress: Progress) -> Path:
    program = shutil.which("mvn")
    if program is None:
        raise SandboxError("Maven: there is no mvn on the PATH")
    progress(f"Getting Keycloak {version} (180 MB) with Maven")
    # The working folder keeps a pom.xml of the user's out of this.
    run = subprocess.run(
        [program, *maven_arguments(version, scratch)],
        cwd=scratch,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    archives = list(scratch.glob("*.tar.gz"))
    if run.returncode != 0 or not archives:
        reason = next((line for line in run.stdout.splitlines() if "ERROR" in line), "no archive")
        raise SandboxError(f"Maven: {reason}")
    return archives[0]


def maven_arguments(version: str, folder: Path) -> list[str]:
    """The arguments with which mvn puts the distribution's archive into a folder."""
    return [
        "-q",
        "-B",
        "dependency:copy",
        f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{version}:tar.gz",
        f"-DoutputDirectory={folder}",
    ]


def _from_release(version: str, scratch: Path, progress: Progress) -> Path:
    return download(f"{RELEASES}/{version}/keycloak-{version}.tar.gz", scratch, progress)


def download(url: str, folder: Path, progress: Progress) -> Path:
    """Download a file into a folder. Raises SandboxError."""
    target = folder / url.rpartition("/")[2]
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, target.open("wb") as file:
            total = int(answer.headers.get("Content-Length") or 0)
            progress(f"Downloading {url} ({total // 1_000_000} MB)")
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                if file.tell() > _LARGEST:
                    raise SandboxError(f"{url}: more than {_LARGEST >> 20} MiB came")
    except OSError as problem:
        reason = problem.reason if isinstance(problem, urllib.error.URLError) else problem
        raise SandboxError(f"{url}: {reason}") from problem
    if total and target.stat().st_size != total:
        raise SandboxError(f"{url}: the download broke off")
    return target
