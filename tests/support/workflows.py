"""Runs the workflows of examples/ci/github as GitHub Actions does, as far as they go without it.

A `run:` goes through bash with the variables of its step; the action of this repository is run step
by step; checkout is a clone, and artifacts are files that are kept. Expressions are evaluated.
Nothing is installed: kcplan is the one of the tests.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import define, field

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL = "Install"
GIT = shutil.which("git") or "git"
_NAME = re.compile(r"\b(?:env|inputs|github|needs|steps|secrets|vars)(?:\.[\w-]+)+")
_EXPRESSION = re.compile(r"\$\{\{([^{}]*)\}\}")

_OURS = str(Path(sys.executable).parent)

Json = dict[str, Any]


@define
class Ran:
    """What a job left."""

    log: str = ""
    succeeded: bool = True
    outputs: dict[str, str] = field(factory=dict)


@define
class Forgery:
    """A place where workflows run.

    Attributes:
        remote: The repository that they check out.
        work: A folder for their checkouts.
        context: What the expressions know, by dotted name: `secrets.X`, `vars.X`, `github.X`.
        environment: Variables that each step has.
        artifacts: What jobs have kept, by name.
        logs: What each job printed.
        programs: Folders with programs that go before others of their names.
    """

    remote: Path
    work: Path
    context: dict[str, Any]
    environment: dict[str, str]
    artifacts: dict[str, dict[str, bytes]] = field(factory=dict)
    logs: list[str] = field(factory=list)
    programs: list[Path] = field(factory=list)

    def run(self, workflow: str, *jobs: str, ref: str = "main") -> dict[str, Ran]:
        """Run these jobs of a workflow, or all; those whose condition does not hold are left out."""
        path = ROOT / "examples" / "ci" / "github" / f"{workflow}.yml"
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        done: dict[str, Ran] = {}
        for name, job in document["jobs"].items():
            if jobs and name not in jobs:
                continue
            for needed, ran in done.items():
                self.context |= {f"needs.{needed}.outputs.{k}": v for k, v in ran.outputs.items()}
            all_well = all(ran.succeeded for ran in done.values())
            if self._holds(job.get("if"), {}, succeeded=all_well):
                done[name] = self._job(job, ref)
        return done

    def _job(self, job: Json, ref: str) -> Ran:
        workspace = self.work / f"job-{len(self.logs)}"
        workspace.mkdir(parents=True)
        ran = Ran()
        outputs: dict[str, str] = {}
        for step in job["steps"]:
            self._step(step, workspace, ref, ran, outputs)
        for name, expression in job.get("outputs", {}).items():
            ran.outputs[name] = str(self._value(expression, outputs))
        self.logs.append(ran.log)
        return ran

    def _step(
        self, step: Json, workspace: Path, ref: str, ran: Ran, outputs: dict[str, str]
    ) -> None:
        if not self._holds(step.get("if"), outputs, succeeded=ran.succeeded):
            return
        values = {
            key: str(self._value(value, outputs)) for key, value in step.get("with", {}).items()
        }
        variables = {
            key: str(self._value(value, outputs)) for key, value in step.get("env", {}).items()
        }
        match step.get("uses", "").split("@")[0]:
            case "":
                self._shell(step["run"], variables, workspace, ran)
            case "actions/checkout":
                _git("clone", "--quiet", "--branch", ref, str(self.remote), ".", at=workspace)
            case "actions/upload-artifact":
                self._keep(values["name"], values["path"].split(), workspace)
            case "actions/download-artifact":
                for name, content in self.artifacts[values["name"]].items():
                    (workspace / name).write_bytes(content)
            case "OWNER/kcplan":
                self._action(step.get("id"), values, variables, workspace, ran, outputs)

    def _action(
        self,
        step: str | None,
        values: Mapping[str, str],
        variables: Mapping[str, str],
        workspace: Path,
        ran: Ran,
        outputs: dict[str, str],
    ) -> None:
        inputs = {key: item.get("default", "") for key, item in ACTION["inputs"].items()}
        given = {f"inputs.{key}": value for key, value in {**inputs, **values}.items()}
        inner = {**given, **{f"env.{name}": text for name, text in variables.items()}}
        for part in ACTION["runs"]["steps"]:
            if part["name"] == INSTALL or not self._holds(
                part.get("if"), inner, succeeded=ran.succeeded
            ):
                continue
            own = {key: str(self._value(text, inner)) for key, text in part.get("env", {}).items()}
            told = self._shell(part["run"], {**variables, **own}, workspace, ran)
            inner |= {f"steps.{part.get('id')}.outputs.{key}": text for key, text in told.items()}
        for name, item in ACTION["outputs"].items():
            outputs[f"steps.{step}.outputs.{name}"] = str(self._value(item["value"], inner))

    def _shell(
        self, script: str, variables: Mapping[str, str], workspace: Path, ran: Ran
    ) -> dict[str, str]:
        told = workspace / ".output"
        told.touch()
        assert not _EXPRESSION.search(script), "an expression in a script is a way in"
        done = subprocess.run(
            ["/bin/bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=workspace,
            env={
                "PATH": os.pathsep.join([*map(str, self.programs), _OURS, os.environ["PATH"]]),
                "HOME": str(self.work),
                **self.environment,
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_WORKSPACE": str(workspace),
                "GITHUB_OUTPUT": str(told),
                "GITHUB_STEP_SUMMARY": str(workspace / ".summary"),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ran.log += done.stdout
        ran.succeeded = ran.succeeded and done.returncode == 0
        return dict(line.split("=", 1) for line in told.read_text().splitlines())

    def _keep(self, name: str, files: list[str], workspace: Path) -> None:
        found = [workspace / file for file in files if (workspace / file).is_file()]
        self.artifacts[name] = {file.name: file.read_bytes() for file in found}

    def _holds(self, condition: str | None, known: Mapping[str, Any], *, succeeded: bool) -> bool:
        if condition is None:
            return succeeded
        text = condition.replace("always()", "True").replace("failure()", str(not succeeded))
        value = self._evaluate(text, known)
        return bool(value) and (succeeded or text != condition)

    def _value(self, text: Any, known: Mapping[str, Any]) -> Any:
        if not isinstance(text, str):
            return text
        whole = _EXPRESSION.fullmatch(text.strip())
        if whole:
            return self._evaluate(whole[1], known)
        return _EXPRESSION.sub(lambda found: str(self._evaluate(found[1], known)), text)

    def _evaluate(self, expression: str, known: Mapping[str, Any]) -> Any:
        values = {**self.context, **known}
        text = _NAME.sub(lambda found: f"value({found[0]!r})", expression)
        text = text.replace("&&", " and ").replace("||", " or ")
        scope = {
            "value": lambda name: values.get(name, ""),
            "contains": lambda items, item: item in items,
            "fromJSON": yaml.safe_load,
        }
        return eval(text.strip(), {"__builtins__": {}}, scope)  # noqa: S307 - our own workflows


def _git(*arguments: str, at: Path) -> str:
    done = subprocess.run([GIT, *arguments], cwd=at, check=True, capture_output=True, text=True)
    return done.stdout


def git(*arguments: str, at: Path) -> str:
    """Run git as somebody who commits."""
    return _git("-c", "user.name=ann", "-c", "user.email=ann@localhost", *arguments, at=at)
