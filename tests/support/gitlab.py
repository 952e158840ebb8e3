"""Runs jobs of examples/ci/gitlab as GitLab does, as far as they go without it.

A job inherits what it extends; its lines go through the shell one after the other until one fails,
and `after_script` follows whatever happened. `pip` is a stand-in: kcplan is the one of the tests.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import yaml
from attrs import frozen

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "ci" / "gitlab" / "kcplan.yml"

Json = dict[str, Any]


@frozen
class Done:
    """What came of a job."""

    succeeded: bool
    log: str


def run(name: str, folder: Path, variables: Mapping[str, str]) -> Done:
    """Run a job in a checkout that has the examples' steps as `ci`."""
    header, jobs = yaml.safe_load_all(TEMPLATE.read_text(encoding="utf-8"))
    job = _whole(jobs[name], jobs)
    inputs = {key: item["default"] for key, item in header["spec"]["inputs"].items()}
    own = {key: _filled(text, inputs, variables) for key, text in job.get("variables", {}).items()}
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "pip").write_text("#!/bin/sh\n")
    (programs / "pip").chmod(0o755)
    ours = str(Path(sys.executable).parent)
    environment = {
        "PATH": os.pathsep.join([str(programs), ours, os.environ["PATH"]]),
        "HOME": str(folder.parent),
        "GITLAB_CI": "true",
        "CI_JOB_NAME": name,
        **variables,
        **own,
    }
    first = _shell([*job.get("before_script", []), *job["script"]], folder, environment)
    last = _shell(job.get("after_script", []), folder, environment)
    return Done(first.returncode == 0, first.stdout + last.stdout)


def _whole(job: Json, jobs: Json) -> Json:
    """A job with what it inherits; of maps each key, as GitLab has it."""
    if "extends" not in job:
        return job
    base = _whole(jobs[job["extends"]], jobs)
    together = {**base.get("variables", {}), **job.get("variables", {})}
    return {**base, **job, "variables": together}


def _filled(text: str, inputs: Mapping[str, str], variables: Mapping[str, str]) -> str:
    for key, value in inputs.items():
        text = text.replace(f"$[[ inputs.{key} ]]", value)
    return Template(text).safe_substitute(variables)


def _shell(
    lines: list[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-e", "-c", "\n".join(lines)],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
