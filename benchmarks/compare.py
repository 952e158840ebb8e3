"""Measures kcplan beside other tools, those that are here: `make bench-compare SIZES=100 RUNS=3`.

    TERRAFORM    the path of OpenTofu's or Terraform's program, else `tofu` or `terraform`
    PROVIDERS    the folder with the Keycloak provider, as `terraform providers mirror` makes it
    CONFIG_CLI   the path of keycloak-config-cli's jar

The same realm on the same server, the tools in turn, each time from nothing: first apply, a look
that finds nothing to do, one change. What is missing is named, with how to give its path, and
nothing is claimed about it. The table goes to docs/comparison.md, with the versions.

Starts a sandbox of its own, unless KCPLAN_URL names a server (with KCPLAN_USERNAME and
KCPLAN_PASSWORD). It makes and removes the realm `kcplan-benchmark` there.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import peers
import terraform
from attrs import frozen
from measure import run
from run import KCPLAN, Bench, a_server, fresh

from kcplan import __version__

FIRST, NOTHING, CHANGE = "first apply", "nothing to do", "apply one change"
SCENES: Final = (FIRST, NOTHING, CHANGE)
PAGE: Final = Path("docs/comparison.md")

_PLAIN: Final = ("-input=false", "-no-color")
_DETAILED: Final = "-detailed-exitcode"
"""A plan with something to do is then a failure, and no run that counts."""
_PROVIDER: Final = "terraform-provider-keycloak_"
_UNCACHED: Final = "--import.cache.enabled=false"

Medians = Mapping[str, Mapping[str, float]]
"""Seconds, by tool and scene."""


@frozen
class Tool:
    """A program that brings Keycloak to what files say.

    Attributes:
        name: What it is called, with its version.
        write: Writes its files into a folder, for so many services; whether one has changed.
        commands: What is run for each scene.
        environment: What it needs beside the environment.
        setup: What is run before, and not measured.
    """

    name: str
    write: Callable[[Path, int, bool], object]
    commands: Mapping[str, Sequence[str]]
    environment: Mapping[str, str]
    setup: Sequence[str] = ()


def kcplan(bench: Bench) -> Tool:
    """This tool."""
    apply = (KCPLAN, "apply", "--auto-approve", "realm.json")
    return Tool(
        f"kcplan {__version__}",
        lambda folder, size, changed: peers.write(folder, size, changed=changed),
        {FIRST: apply, NOTHING: (KCPLAN, "plan", f"-{_DETAILED}", "realm.json"), CHANGE: apply},
        {**bench.login, **peers.SECRET, "KCPLAN_URL": bench.url},
    )


def of_terraform(program: str, providers: Path, version: str, bench: Bench) -> Tool:
    """OpenTofu or Terraform, with the Keycloak provider from a folder."""
    apply = (program, "apply", "-auto-approve", *_PLAIN)

    def write(folder: Path, size: int, changed: bool) -> None:  # noqa: FBT001
        terraform.write(folder, terraform.configuration(size, changed=changed))

    return Tool(
        f"{_first_line(program, 'version')}, Keycloak provider {version}",
        write,
        {FIRST: apply, NOTHING: (program, "plan", *_PLAIN, _DETAILED), CHANGE: apply},
        {
            "KEYCLOAK_URL": bench.url,
            "KEYCLOAK_CLIENT_ID": "admin-cli",
            "KEYCLOAK_USER": bench.login["KCPLAN_USERNAME"],
            "KEYCLOAK_PASSWORD": bench.login["KCPLAN_PASSWORD"],
        },
        (program, "init", *_PLAIN, f"-plugin-dir={providers}"),
    )


def config_cli(jar: Path, bench: Bench) -> Tool:
    """keycloak-config-cli. It has no plan: with nothing to do it imports once more.

    Files that it has seen before it would skip without a look at Keycloak, so that is off.
    """

    def write(folder: Path, size: int, changed: bool) -> None:  # noqa: FBT001
        text = json.dumps(peers.realm(size, changed=changed))
        secret = peers.SECRET["BENCHMARK_SECRET"]
        document = text.replace("${BENCHMARK_SECRET}", secret)
        (folder / "realm.json").write_text(document, encoding="utf-8")

    imports = ("java", "-jar", str(jar), "--import.files.locations=realm.json", _UNCACHED)
    return Tool(
        jar.stem,
        write,
        dict.fromkeys(SCENES, imports),
        {
            "KEYCLOAK_URL": bench.url,
            "KEYCLOAK_USER": bench.login["KCPLAN_USERNAME"],
            "KEYCLOAK_PASSWORD": bench.login["KCPLAN_PASSWORD"],
        },
    )


def tools() -> Iterator[Callable[[Bench], Tool] | str]:
    """The tools that are here; of each other one what is missing, and how to give it."""
    yield kcplan
    program = os.environ.get("TERRAFORM") or shutil.which("tofu") or shutil.which("terraform")
    providers = Path(os.environ.get("PROVIDERS", "")).resolve()
    found = sorted(providers.rglob(f"{_PROVIDER}*")) if os.environ.get("PROVIDERS") else []
    if program is None or shutil.which(program) is None:
        yield "OpenTofu or Terraform. Give the path of the program in TERRAFORM."
    elif not found:
        yield (
            "The Keycloak provider of OpenTofu and Terraform. Give the folder that "
            "`terraform providers mirror FOLDER` makes in PROVIDERS."
        )
    else:
        version = found[-1].name.removeprefix(_PROVIDER).partition("_")[0]
        yield partial(of_terraform, program, providers, version)
    jar = Path(os.environ.get("CONFIG_CLI", ""))
    if not jar.is_file():
        yield "keycloak-config-cli. Give the path of its jar in CONFIG_CLI."
    elif shutil.which("java") is None:
        yield "Java, which keycloak-config-cli needs. Have `java` in the PATH."
    else:
        yield partial(config_cli, jar.resolve())


def _first_line(*command: str) -> str:
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return shown.partition("\n")[0].strip()


def compare(bench: Bench, chosen: Sequence[Tool], size: int, runs: int) -> Medians:
    """The medians. The tools take turns, so that a busy minute is no one's alone."""
    walls = {tool.name: {scene: list[float]() for scene in SCENES} for tool in chosen}
    for _ in range(runs):
        for tool in chosen:
            bench.remove()
            for scene, seconds in measure(tool, size):
                walls[tool.name][scene].append(seconds)
                print(f"{tool.name:45} {scene:17} {seconds:7.2f} s", file=sys.stderr)
    bench.remove()
    return {name: {s: median(walls[name][s]) for s in SCENES} for name in walls}


def measure(tool: Tool, size: int) -> Iterator[tuple[str, float]]:
    """The seconds of each scene, in order."""
    with fresh() as folder:
        tool.write(folder, size, False)  # noqa: FBT003
        if tool.setup:
            run(tool.setup, folder, tool.environment)
        for scene in SCENES:
            if scene == CHANGE:
                tool.write(folder, size, True)  # noqa: FBT003
            yield scene, run(tool.commands[scene], folder, tool.environment).wall


INTRODUCTION: Final = """\
# Beside other tools

Written by `make bench-compare` ({when}): medians of {runs} runs in turn, on the same server, for
the realm of [Performance](performance.md) with N = {size:,}. In brackets: how many times as long as
kcplan.
"""


def page(medians: Medians, missing: Sequence[str], size: int, runs: int) -> str:
    """The page: the table, with ratios to kcplan, which is first; and what was not measured."""
    ours = next(iter(medians.values()))
    lines = [
        INTRODUCTION.format(when=f"{datetime.now(UTC):%Y-%m-%d}", runs=runs, size=size),
        "| |" + "".join(f" {scene} |" for scene in SCENES),
        "|---|" + "---|" * len(SCENES),
    ]
    for name, scenes in medians.items():
        cells = "".join(f" {scenes[s]:.1f} s ({scenes[s] / ours[s]:.1f}) |" for s in SCENES)
        lines.append(f"| {name} |{cells}")
    if missing:
        lines += ["", "What was not there to be measured:", "", *(f"- {m}" for m in missing)]
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure what is here, and write the page where there is something to compare with."""
    size, runs = int(os.environ.get("SIZES", "100").split()[0]), int(os.environ.get("RUNS", "3"))
    found = list(tools())
    missing = [item for item in found if isinstance(item, str)]
    chosen = [item for item in found if not isinstance(item, str)]
    for item in missing:
        print(f"Missing: {item}", file=sys.stderr)
    if len(chosen) == 1:
        sys.exit("There is nothing to compare kcplan with. Nothing was measured.")
    with a_server() as bench:
        medians = compare(bench, [tool(bench) for tool in chosen], size, runs)
    PAGE.write_text(page(medians, missing, size, runs), encoding="utf-8")


if __name__ == "__main__":
    main()
