"""A folder for one server, and the command that runs Keycloak in it.

Keycloak writes its data, and a build for its features, into the folder that it runs from. So each
server gets a folder of its own that borrows the large parts of a distribution through symbolic
links, and the build (20 seconds, 5 MB) is kept for the next one with the same features.
"""

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from kcplan.secret import Secret
from kcplan_keycloak.sandbox.distribution import Distribution
from kcplan_keycloak.sandbox.model import ADMIN, Options, cache_folder

_BUILD = Path("lib/quarkus")
_LINKED = ("lib/lib", "lib/app", "providers", "themes")
# Java follows a link, and the server takes the folder of this archive for its own: through a link,
# every server would build in the distribution, under the feet of others that start.
_COPIED = ("bin/kc.sh", "version.txt", "lib/quarkus-run.jar")

_BUILDS_SINCE = "0.2.0"
"""Builds that kcplan kept before this version are another server's, and are not taken."""

# Nothing else reaches the server: a KC_DB_URL of the user's would have it work on a real database.
_PASSED_ON = ("PATH", "HOME", "JAVA", "JAVA_HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")

# With Java's second compiler a start costs 19 seconds of processor time, without it 11; but keys,
# and with them realms and tokens, take four times as long without. So it begins late, and where it
# pays most: a start costs 15 seconds, and from the fifth realm on one takes half the time. A Java
# that does not know these options ignores them.
_QUICK_START = (
    "-XX:+IgnoreUnrecognizedVMOptions -XX:Tier4InvocationThreshold=50000 "
    "-XX:Tier4MinInvocationThreshold=20000 -XX:Tier4CompileThreshold=100000 "
    "-XX:Tier4BackEdgeThreshold=400000"
)


def prepare(distribution: Distribution, features: tuple[str, ...], home: Path) -> bool:
    """Lay out a server's folder. Tells whether its build was at hand.

    The configuration of the distribution (`conf/`) is left out on purpose.
    """
    for name in ("bin", "conf", "data", "lib"):
        (home / name).mkdir(parents=True)
    for name in _LINKED:
        (home / name).symlink_to(distribution.folder / name)
    for name in _COPIED:
        shutil.copy2(distribution.folder / name, home / name)
    build = _build_folder(distribution, features)
    shutil.copytree(build if build.is_dir() else distribution.folder / _BUILD, home / _BUILD)
    return build.is_dir()


def keep_build(distribution: Distribution, features: tuple[str, ...], home: Path) -> None:
    """Keep the build of a server that has started, for others with the same features."""
    build = _build_folder(distribution, features)
    build.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build.parent) as scratch:
        new = shutil.copytree(home / _BUILD, Path(scratch) / "build")
        with suppress(OSError):  # Somebody else was faster, with the same result.
            new.rename(build)


def command(home: Path, options: Options, port: int) -> list[str]:
    """The command line of a server that listens on loopback only."""
    features = [f"--features={','.join(options.features)}"] if options.features else []
    return [
        str(home / "bin/kc.sh"),
        "start-dev",
        "--http-host=127.0.0.1",
        f"--http-port={port}",
        *features,
    ]


def environment(password: Secret, *, optimised: bool) -> dict[str, str]:
    """The environment of a server."""
    inherited = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    quick = {} if optimised else {"JAVA_OPTS_APPEND": _QUICK_START}
    return inherited | quick | bootstrap(password)


def bootstrap(password: Secret) -> dict[str, str]:
    """The variables that tell a new server of its administrator."""
    return {
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": password.value,
    }


def _build_folder(distribution: Distribution, features: tuple[str, ...]) -> Path:
    """A build depends on the distribution, on the features and on custom providers."""
    providers = sorted(
        (file.name, file.stat().st_size, file.stat().st_mtime_ns)
        for file in (distribution.folder / "providers").glob("*.jar")
    )
    inputs = [
        _BUILDS_SINCE,
        str(distribution.folder),
        distribution.version,
        sorted(features),
        providers,
    ]
    digest = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]
    return cache_folder() / "builds" / f"{distribution.version}-{digest}"
