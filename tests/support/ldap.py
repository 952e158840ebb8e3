"""A real LDAP server on loopback: UnboundID's in-memory directory, which needs no root.

Its jar is got with Maven as the distribution of Keycloak is, and kept in the same cache.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from kcplan_keycloak.sandbox.model import cache_folder

_VERSION: Final = "7.0.3"
_TOOL: Final = "com.unboundid.ldap.listener.InMemoryDirectoryServerTool"
_WAIT: Final = 30.0
"""Seconds that it may take to start."""

BASE: Final = "dc=example,dc=org"
PEOPLE: Final = f"ou=people,{BASE}"
MANAGER: Final = "cn=manager"

_ENTRIES: Final = f"""\
dn: {BASE}
objectClass: top
objectClass: domain
dc: example

dn: {PEOPLE}
objectClass: top
objectClass: organizationalUnit
ou: people

dn: uid=ada,{PEOPLE}
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace
mail: ada@example.org
departmentNumber: engines
userPassword: ada-has-a-long-password
"""


@frozen
class Directory:
    """A directory server that runs.

    Attributes:
        url: Its address.
        password: The password of `MANAGER`, who may read everything.
    """

    url: str
    password: str


@contextmanager
def directory() -> Iterator[Directory]:
    """Run a directory server with one person in it."""
    jar, password = _jar(), "the-manager-of-the-directory-0001"
    with tempfile.TemporaryDirectory(prefix="kcplan-ldap-") as folder:
        entries = Path(folder) / "entries.ldif"
        entries.write_text(_ENTRIES)
        port = _free_port()
        program = ["java", "-Xmx64m", "-XX:+UseSerialGC", "-cp", str(jar), _TOOL]
        options = {"--baseDN": BASE, "--port": str(port), "--ldifFile": str(entries)}
        options |= {"--additionalBindDN": MANAGER, "--additionalBindPassword": password}
        arguments = [text for option in options.items() for text in option]
        log = (Path(folder) / "log").open("wb")
        process = subprocess.Popen([*program, *arguments], stdout=log, stderr=log)
        try:
            _wait_for(port, process, Path(log.name))
            yield Directory(f"ldap://127.0.0.1:{port}", password)
        finally:
            process.terminate()
            process.wait()
            log.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _WAIT
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"the directory server did not start:\n{log.read_text()}")


def _jar() -> Path:
    """The jar of the server; Maven gets it once."""
    kept = cache_folder() / "ldap" / f"unboundid-ldapsdk-{_VERSION}.jar"
    if kept.is_file():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    program = shutil.which("mvn")
    assert program is not None, "there is no mvn on the PATH, which gets the directory server"
    with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
        artifact = f"com.unboundid:unboundid-ldapsdk:{_VERSION}:jar"
        subprocess.run(
            [
                *(program, "-q", "-B", "dependency:copy"),
                *(f"-Dartifact={artifact}", f"-DoutputDirectory={scratch}"),
            ],
            cwd=scratch,
            check=True,
        )
        (Path(scratch) / kept.name).replace(kept)
    return kept
