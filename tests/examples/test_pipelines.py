"""The pipelines of examples/ci: the whole life of a change, and what they do when things go wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from kcplan_keycloak import rights
from support import gitlab, killing, readers
from support.forge import Forge, forge
from support.harness import Run, Server
from support.readers import SECRET
from support.workflows import ACTION, ROOT, Forgery, git
from support.world import World

STEPS = ROOT / "examples" / "ci" / "steps"
KEYS = {"KCPLAN_STATE_KEY": "a passphrase of the tests", "KCPLAN_JOURNAL_KEY": "and another one"}
VIEW = [area.view for area in (rights.REALM, rights.CLIENTS, rights.USERS)]
MANAGE = [area.manage for area in (rights.REALM, rights.CLIENTS, rights.USERS)]


@pytest.fixture
def platform() -> Iterator[Forge]:
    with forge() as found:
        yield found


@pytest.fixture
def repository(tmp_path: Path, inhabited: World) -> Path:
    """A remote repository with one realm file, and the branch of the state."""
    remote, clone = tmp_path / "remote.git", tmp_path / "ann"
    git("init", "--quiet", "--bare", "--initial-branch", "main", str(remote), at=tmp_path)
    git("clone", "--quiet", str(remote), str(clone), at=tmp_path)
    git("checkout", "--quiet", "-b", "main", at=clone)
    (clone / "kcplan.toml").write_text('[config]\nfiles = ["realms"]\n')
    (clone / ".gitignore").write_text(".kcplan-state/\n")
    (clone / "realms").mkdir()
    declare(clone, inhabited.realm)
    git("add", "--all", at=clone)
    git("commit", "--quiet", "-m", "Begin", at=clone)
    git("push", "--quiet", "origin", "main", at=clone)
    subprocess.run(["/bin/sh", STEPS / "state.sh", "begin"], cwd=clone, check=True)
    return clone


def declare(clone: Path, realm: str, **fields: object) -> None:
    document = {"realm": realm, "clients": [{"clientId": "orders", **fields}]}
    (clone / "realms" / "shop.json").write_text(json.dumps(document, indent=2))


def propose(clone: Path, branch: str) -> None:
    git("checkout", "--quiet", "-B", branch, at=clone)
    git("commit", "--quiet", "--all", "-m", branch, at=clone)
    git("push", "--quiet", "--force", "origin", branch, at=clone)


def merge(clone: Path, branch: str) -> None:
    git("checkout", "--quiet", "main", at=clone)
    git("merge", "--quiet", branch, at=clone)
    git("push", "--quiet", "origin", "main", at=clone)


@pytest.fixture
def actions(
    tmp_path: Path, keycloak: Server, inhabited: World, repository: Path, platform: Forge
) -> Forgery:
    """Where the workflows run, with an account that may view and one that may apply."""
    assert repository.exists()
    readers.make(inhabited, "kcplan-viewer", VIEW)
    readers.make(inhabited, "kcplan-applier", MANAGE)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 4}}))
    return Forgery(
        remote=tmp_path / "remote.git",
        work=tmp_path / "runners",
        context={
            "vars.KCPLAN_URL": keycloak.url,
            "vars.KCPLAN_AUTH_REALM": inhabited.realm,
            "secrets.KCPLAN_VIEWER_SECRET": SECRET,
            "secrets.KCPLAN_APPLIER_SECRET": SECRET,
            **{f"secrets.{name}": value for name, value in KEYS.items()},
            "github.token": "t",
            "github.event.pull_request.head.repo.full_name": "ann/shop",
            "github.repository": "ann/shop",
            "github.server_url": "https://git.example",
            "github.run_id": "5",
        },
        environment={
            "GITHUB_API_URL": platform.url,
            "GITHUB_REPOSITORY": "ann/shop",
            "GITHUB_EVENT_PATH": str(event),
        },
    )


# -- the whole life of a change -----------------------------------------------------------------


@pytest.mark.long("ten runs of workflows, a process for each step")
def test_from_the_branch_to_the_repair(
    inhabited: World, actions: Forgery, platform: Forge, repository: Path
) -> None:
    world, clone = inhabited, repository
    platform.say("<!-- kcplan-pipeline plan  -->\nsomebody else wrote this")

    # A branch: its plan is a comment, and the next push replaces that.
    declare(clone, world.realm, name="Orders")
    propose(clone, "orders")
    ran = actions.run("kcplan-plan", ref="orders")
    assert all(job.succeeded for job in ran.values()), actions.logs
    declare(clone, world.realm, name="Orders", redirectUris=["*"])
    propose(clone, "orders")
    ran = actions.run("kcplan-plan", ref="orders")
    assert all(job.succeeded for job in ran.values()), actions.logs
    other, comment = platform.comments
    assert "somebody else wrote this" in other["body"]
    assert comment["body"].startswith("<!-- kcplan-pipeline plan  -->")
    assert "**Plan: 1 to add" in comment["body"]
    assert "codes and tokens may be sent to any site" in comment["body"]
    assert "::error file=realms/shop.json,line=" in ran["plan"].log
    assert world.client("orders") is None

    # Merged: a signed plan, and after the approval exactly that.
    merge(clone, "orders")
    ran = actions.run("kcplan-apply", "recover", "plan")
    assert ran["plan"].outputs == {"changes": "true"}
    assert b'"signature"' in actions.artifacts["plan"]["plan.kcplan"]
    assert world.client("orders") is None
    actions.context["needs.plan.outputs.changes"] = "true"
    ran = actions.run("kcplan-apply", "apply")
    assert ran["apply"].succeeded, ran["apply"].log
    live = world.client("orders")
    assert live is not None
    assert live["redirectUris"] == ["*"]
    assert "kcplan.state.json" in git("ls-tree", "--name-only", "kcplan-state", at=actions.remote)

    # By hand: the scheduled refresh opens one issue, and the next leaves it at that.
    world.admin.put(world.in_client("orders"), json={**live, "name": "Tampered"})
    actions.run("kcplan-refresh")
    actions.run("kcplan-refresh")
    (issue,) = platform.open_issues
    assert "Tampered" in issue["body"]

    # The repair, and the issue is closed.
    ran = actions.run("kcplan-apply")
    assert all(job.succeeded for job in ran.values()), actions.logs
    assert set(ran) == {"recover", "plan", "apply"}
    actions.run("kcplan-refresh")
    assert platform.open_issues == []
    repaired = world.client("orders")
    assert repaired is not None
    assert repaired["name"] == "Orders"

    # Nothing to do: nobody is asked.
    assert set(actions.run("kcplan-apply")) == {"recover", "plan"}
    said = "\n".join([*actions.logs, json.dumps(platform.comments), json.dumps(platform.issues)])
    for secret in (SECRET, *KEYS.values()):
        assert secret not in said


@pytest.mark.long("six runs of workflows, a process for each step")
def test_an_apply_whose_runner_is_killed_is_taken_back_by_the_next_run(
    inhabited: World, actions: Forgery, repository: Path, tmp_path: Path
) -> None:
    world, clone = inhabited, repository
    killing_kcplan = tmp_path / "killing" / "kcplan"
    killing_kcplan.parent.mkdir()
    killing_kcplan.write_text(f'#!/bin/sh\nexec {sys.executable} {killing.__file__} 6 "$@"\n')
    killing_kcplan.chmod(0o755)
    actions.run("kcplan-apply", "recover", "plan")
    actions.context["needs.plan.outputs.changes"] = "true"

    actions.programs.append(killing_kcplan.parent)
    ran = actions.run("kcplan-apply", "apply")
    actions.programs.clear()

    assert not ran["apply"].succeeded
    assert "The state is pushed." in ran["apply"].log
    files = git("ls-tree", "--name-only", "kcplan-state", at=actions.remote).split()
    assert "kcplan.state.json.journal" in files
    journal = git("show", "kcplan-state:kcplan.state.json.journal", at=actions.remote)
    assert SECRET not in journal
    assert not actions.run("kcplan-apply", "plan")["plan"].succeeded

    ran = actions.run("kcplan-apply")
    assert all(job.succeeded for job in ran.values()), actions.logs
    assert "rolled back" in ran["recover"].log.lower()
    assert world.client("orders") is not None
    files = git("ls-tree", "--name-only", "kcplan-state", at=actions.remote).split()
    assert "kcplan.state.json.journal" not in files
    assert clone.exists()


@pytest.mark.long("six jobs, a process for each of their lines")
def test_the_jobs_of_gitlab_plan_apply_and_tell(
    inhabited: World, actions: Forgery, platform: Forge, repository: Path
) -> None:
    world, clone = inhabited, repository
    shutil.copytree(STEPS, clone / "ci")
    variables = {
        "KCPLAN_URL": str(actions.context["vars.KCPLAN_URL"]),
        "KCPLAN_AUTH_REALM": world.realm,
        "KCPLAN_VIEWER_SECRET": SECRET,
        "KCPLAN_APPLIER_SECRET": SECRET,
        "KCPLAN_GITLAB_TOKEN": "t",
        "KCPLAN_PUSH_WAIT": "0",
        "CI_API_V4_URL": platform.url,
        "CI_PROJECT_ID": "9",
        "CI_MERGE_REQUEST_IID": "4",
        **KEYS,
    }
    logs = []

    def succeeds(name: str, **more: str) -> str:
        done = gitlab.run(name, clone, {**variables, **more})
        logs.append(done.log)
        assert done.succeeded, done.log
        return done.log

    succeeds("kcplan plan")
    succeeds("kcplan comment")
    assert "**Plan: 1 to add" in platform.comments[0]["body"]
    for name in ("kcplan recover", "kcplan signed plan", "kcplan apply"):
        succeeds(name)
    live = world.client("orders")
    assert live is not None
    assert "kcplan.state.json" in git("ls-tree", "--name-only", "kcplan-state", at=actions.remote)

    world.admin.put(world.in_client("orders"), json={**live, "name": "Tampered"})
    assert "drift=true" in succeeds("kcplan refresh")
    succeeds("kcplan issue", drift="true")
    assert "Tampered" in platform.open_issues[0]["body"]
    succeeds("kcplan issue", drift="false")
    assert platform.open_issues == []

    # A state that is not pushed fails the job, though the apply went well.
    git("remote", "set-url", "--push", "origin", str(clone / "nowhere"), at=clone)
    succeeds("kcplan signed plan")
    done = gitlab.run("kcplan apply", clone, variables)
    logs.append(done.log)
    assert not done.succeeded
    assert "Keep the files in" in done.log
    assert SECRET not in "".join(logs)


# -- the state between two runs -----------------------------------------------------------------


def state(clone: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", STEPS / "state.sh", command],
        cwd=clone,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "KCPLAN_PUSH_WAIT": "0", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a repository that has one commit, and no state yet."""
    remote, folder = tmp_path / "remote.git", tmp_path / "ann"
    git("init", "--quiet", "--bare", "--initial-branch", "main", str(remote), at=tmp_path)
    git("clone", "--quiet", str(remote), str(folder), at=tmp_path)
    git("commit", "--quiet", "--allow-empty", "-m", "Begin", at=folder)
    return folder


def test_a_missing_branch_is_no_empty_state(clone: Path) -> None:
    done = state(clone, "fetch")
    assert done.returncode == 1
    assert "There is no branch kcplan-state." in done.stderr
    assert state(clone, "begin").returncode == 0
    assert state(clone, "fetch").returncode == 0
    again = state(clone, "begin")
    assert (again.returncode, "exists" in again.stderr) == (1, True)


def test_a_repository_that_does_not_answer_is_no_empty_state(clone: Path) -> None:
    git("remote", "set-url", "origin", str(clone / "nowhere"), at=clone)
    done = state(clone, "fetch")
    assert done.returncode == 1
    assert "nobody knows the state" in done.stderr


def test_what_a_run_left_is_there_for_the_next(clone: Path) -> None:
    state(clone, "begin")
    state(clone, "fetch")
    folder = clone / ".kcplan-state"
    for name in ("", ".backup", ".lock", ".look", ".server"):
        (folder / f"kcplan.state.json{name}").write_text(name)
    assert "pushed" in state(clone, "push").stdout
    assert "as it was" in state(clone, "push").stdout

    state(clone, "fetch")
    found = {file.name for file in folder.iterdir()} - {".git"}
    assert found == {"kcplan.state.json", "kcplan.state.json.backup"}


def test_a_journal_in_plain_text_is_not_pushed(clone: Path) -> None:
    state(clone, "begin")
    state(clone, "fetch")
    (clone / ".kcplan-state" / "kcplan.state.json.journal").write_text('{"kind": "header"}\n')
    done = state(clone, "push")
    assert done.returncode == 1
    assert "KCPLAN_JOURNAL_KEY" in done.stderr
    assert "journal" not in git("ls-tree", "--name-only", "origin/kcplan-state", at=clone)


def test_a_state_that_somebody_else_pushed_meanwhile_is_not_overwritten(clone: Path) -> None:
    state(clone, "begin")
    other = clone.parent / "bob"
    git("clone", "--quiet", str(clone.parent / "remote.git"), str(other), at=clone.parent)
    for each in (clone, other):
        assert state(each, "fetch").returncode == 0
        (each / ".kcplan-state" / "kcplan.state.json").write_text(each.name)
    assert state(clone, "push").returncode == 0
    done = state(other, "push")
    assert done.returncode == 1
    assert "The state was not pushed. Keep the files in" in done.stderr
    git("fetch", "--quiet", "origin", at=clone)
    assert git("show", "origin/kcplan-state:kcplan.state.json", at=clone) == "ann"


def test_what_could_not_be_pushed_is_neither_lost_nor_forgotten(clone: Path) -> None:
    state(clone, "begin")
    state(clone, "fetch")
    kept = clone / ".kcplan-state" / "kcplan.state.json"
    kept.write_text("all that there is")
    remote = clone.parent / "remote.git"
    remote.rename(clone.parent / "away.git")
    assert "Keep the files in" in state(clone, "push").stderr
    (clone.parent / "away.git").rename(remote)

    refused = state(clone, "fetch")
    assert refused.returncode == 1
    assert "has what was never pushed" in refused.stderr
    assert kept.read_text() == "all that there is"

    assert "The state is pushed." in state(clone, "push").stdout
    assert state(clone, "fetch").returncode == 0
    assert kept.read_text() == "all that there is"


def test_a_folder_that_a_branch_brings_is_not_taken_for_the_state(clone: Path) -> None:
    state(clone, "begin")
    (clone / ".kcplan-state").mkdir()
    (clone / ".kcplan-state" / "kcplan.state.json").write_text("mine")
    assert "is in the way" in state(clone, "fetch").stderr
    assert "run state.sh fetch first" in state(clone, "push").stderr


def step(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run run.sh with a kcplan that prints what it was told."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "kcplan").write_text('#!/bin/sh\necho "state $KCPLAN_STATE: $*"\n')
    (programs / "kcplan").chmod(0o755)
    return subprocess.run(
        ["/bin/sh", STEPS / "run.sh", *arguments],
        cwd=folder,
        env={"PATH": f"{programs}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_environment_has_a_state_of_its_own(tmp_path: Path) -> None:
    key = {"KCPLAN_JOURNAL_KEY": "k"}
    for environment in ("dev", "prod"):
        done = step(tmp_path, "apply", KCPLAN_ENV=environment, **key)
        assert done.stdout.startswith(f"state .kcplan-state/kcplan.{environment}.state.json: ")
    assert step(tmp_path, "apply", **key).stdout.startswith(
        "state .kcplan-state/kcplan.state.json:"
    )


def test_nothing_is_applied_whose_journal_could_not_be_pushed(tmp_path: Path) -> None:
    done = step(tmp_path, "apply")
    assert (done.returncode, done.stdout) == (1, "")
    assert "KCPLAN_JOURNAL_KEY is not set" in done.stderr


def test_no_report_of_a_branch_is_posted(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token")
    (tmp_path / "report.md").symlink_to(tmp_path / "secret")
    assert step(tmp_path, "begin").returncode == 0
    assert "Nothing is known yet" in (tmp_path / "report.md").read_text()
    assert (tmp_path / "secret").read_text() == "token"


# -- what people read ---------------------------------------------------------------------------


@pytest.fixture(params=["github", "gitlab"])
def name(request: pytest.FixtureRequest) -> str:
    """The platform."""
    found: str = request.param
    return found


@pytest.fixture
def report(
    name: str, platform: Forge, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs report.py on a platform."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 4}}))
    variables = {
        "github": {
            "GITHUB_API_URL": platform.url,
            "GITHUB_REPOSITORY": "ann/shop",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_TOKEN": "t0ken-of-the-robot",
        },
        "gitlab": {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": platform.url,
            "CI_PROJECT_ID": "9",
            "CI_MERGE_REQUEST_IID": "4",
            "KCPLAN_GITLAB_TOKEN": "t0ken-of-the-robot",
        },
    }[name]

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, STEPS / "report.py", *arguments],
            cwd=tmp_path,
            env={**variables, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "t0ken" not in done.stdout + done.stderr
        return done

    return run


PLAN = "<!-- kcplan shop -->\n## kcplan\n\n**Plan: 1 to add**\n\n```diff\n+ x\n```\n"

Report = Callable[..., subprocess.CompletedProcess[str]]


def test_one_comment_is_kept_up_to_date_among_hundreds(
    report: Report, platform: Forge, tmp_path: Path
) -> None:
    (tmp_path / "report.md").write_text(PLAN)
    for number in range(200):
        platform.say(f"comment {number}", robot=True)
    assert report("comment", "report.md").returncode == 0
    (tmp_path / "report.md").write_text(PLAN.replace("1 to add", "2 to add"))
    assert report("comment", "report.md").returncode == 0
    assert report("comment", "report.md", KCPLAN_KEY="prod").returncode == 0

    assert len(platform.comments) == 202
    assert "2 to add" in platform.comments[200]["body"]
    assert "<!-- kcplan-pipeline plan prod -->" in platform.comments[201]["body"]


def test_a_comment_of_a_person_is_never_replaced(
    report: Report, platform: Forge, tmp_path: Path
) -> None:
    (tmp_path / "report.md").write_text(PLAN)
    platform.say("<!-- kcplan-pipeline plan  -->\nno danger here")
    assert report("comment", "report.md").returncode == 0
    assert platform.comments[0]["body"].endswith("no danger here")
    assert len(platform.comments) == 2


def test_the_issue_is_there_while_there_is_drift(
    report: Report, platform: Forge, tmp_path: Path
) -> None:
    (tmp_path / "report.md").write_text("<!-- kcplan-refresh shop -->\n**Drift: 1**\n")
    assert report("no-drift").returncode == 0
    assert platform.issues == []
    report("drift", "report.md")
    (tmp_path / "report.md").write_text("<!-- kcplan-refresh shop -->\n**Drift: 2**\n")
    report("drift", "report.md")
    (issue,) = platform.open_issues
    assert "Drift: 2" in (issue.get("description") or issue["body"])
    written = len([line for line in platform.requests if not line.startswith("GET")])
    report("drift", "report.md")
    assert len([line for line in platform.requests if not line.startswith("GET")]) == written
    report("no-drift")
    assert platform.open_issues == []
    report("drift", "report.md")
    assert len(platform.issues) == 2


def test_a_refusal_is_one_line(report: Report, platform: Forge, tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text(PLAN)
    platform.status = 403
    done = report("comment", "report.md")
    assert done.returncode == 1
    assert "was refused: 403" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("room", [-1, 0, 1])
def test_parts_that_do_not_fit_say_so_and_the_comment_stays_within_its_limit(
    report: Report, platform: Forge, tmp_path: Path, name: str, room: int
) -> None:
    limit = {"github": 65_536, "gitlab": 1_000_000}[name]
    first = "<!-- kcplan-pipeline plan  -->"
    (tmp_path / "dev.md").write_text(PLAN)
    (tmp_path / "prod.md").write_text(PLAN)
    exact = len("\n\n".join([first, f"# dev\n\n{PLAN.strip()}", f"# prod\n\n{PLAN.strip()}"]))
    body = "y" * (limit - exact - room)
    (tmp_path / "prod.md").write_text(PLAN.replace("+ x", "+ x" + body))
    assert report("comment", "dev.md", "prod.md").returncode == 0

    (comment,) = platform.comments
    text = comment["body"]
    assert len(text) <= limit
    assert "# dev\n" in text
    assert "# prod\n" in text
    assert text.count("**Plan: 1 to add**") == 2
    assert text.count("```") % 2 == 0
    assert ("The rest is left out here" in text) == (room < 0)
    assert (len(text) == limit) == (room == 0)


def test_an_action_that_does_not_exist_is_no_success(tmp_path: Path) -> None:
    begin = next(part for part in ACTION["runs"]["steps"] if part["name"] == "Begin")
    assert "if" not in begin
    for command, code in (("aply", 1), ("apply", 0)):
        done = subprocess.run(
            ["/bin/bash", "-c", begin["run"]],
            env={"COMMAND": command, "GITHUB_ACTION_PATH": str(ROOT)},
            cwd=tmp_path,
            check=False,
            capture_output=True,
        )
        assert done.returncode == code


# -- who may do what ----------------------------------------------------------------------------


def test_no_workflow_hands_secrets_to_somebody_elses_code() -> None:
    for file in (ROOT / "examples" / "ci" / "github").iterdir():
        text = file.read_text(encoding="utf-8")
        document = yaml.safe_load(text)
        assert "pull_request_target" not in text
        assert document["permissions"] == {"contents": "read"}
        for name, job in document["jobs"].items():
            secrets = re.findall(r"secrets\.(\w+)", json.dumps(job))
            assert bool(secrets) == ("environment" in job), name
            if set(job.get("permissions", {})) - {"contents"}:
                assert not secrets, name
            if document[True] == "pull_request":
                assert set(secrets) <= {"KCPLAN_VIEWER_SECRET"}, name
                assert job.get("environment") != "kcplan-plan", name
        assert "KCPLAN_URL" not in text or "KCPLAN_URL: ${{ vars.KCPLAN_URL }}" in text


def test_the_shell_of_the_gitlab_template_is_sound() -> None:
    text = (ROOT / "examples" / "ci" / "gitlab" / "kcplan.yml").read_text(encoding="utf-8")
    header, jobs = yaml.safe_load_all(text)
    assert set(header["spec"]["inputs"]) == {"version", "environment", "files", "fail-on"}
    lines = [
        line
        for job in jobs.values()
        if isinstance(job, dict)
        for part in ("before_script", "script", "after_script")
        for line in job.get(part, [])
    ]
    assert len(lines) > 10
    # Folders that kcplan may read files from, which nobody names by naming realm files.
    assert "KCPLAN_FILES" not in text
    for line in lines:
        subprocess.run(["/bin/sh", "-n", "-c", line], check=True)
    used = {word for line in lines for word in re.findall(r"ci/(\S+)", line)}
    assert used == {file.name for file in STEPS.iterdir() if file.is_file()}


def test_the_hook_before_a_commit_runs_what_a_user_would(run_offline: Run, tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert hook["additional_dependencies"] == project["optional-dependencies"]["yaml"]
    assert re.search(hook["files"], "realms/shop.yaml")
    assert not re.search(hook["files"], "README.md")
    (tmp_path / "kcplan.toml").write_text('[config]\nfiles = ["realms"]\n')
    (tmp_path / "realms").mkdir()
    (tmp_path / "realms" / "shop.toml").write_text('realm = "shop"\nenabeld = true\n')

    name, *arguments = hook["entry"].split()
    result = run_offline(*arguments)

    assert (name, result.exit_code) == ("kcplan", 1)
    assert "enabeld" in result.stderr
