"""Puts what kcplan wrote as Markdown where people read it: on GitHub, or on GitLab.

    report.py comment FILE...   on this pull request: one comment, which is replaced each time
    report.py drift FILE        while there is drift, in one issue
    report.py no-drift          closes that issue

It needs Python alone. With several files (of several environments) the comment has a part for each,
called like its file. KCPLAN_KEY tells comments and issues of several pipelines apart.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LIMITS = {"github": 65_536, "gitlab": 1_000_000}
"""How many characters a comment or an issue may have."""
TITLE = "Keycloak is not as kcplan left it"
PAGE = 100


class Platform:
    """What GitHub and GitLab have in common: comments on one change, and issues."""

    def __init__(self, api: str, headers: dict[str, str]) -> None:
        self.api = api
        self.headers = {**headers, "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request. Ends the program where it is refused."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as problem:
            sys.exit(f"{method} {path} was refused: {problem.code} {problem.reason}")
        except (OSError, ValueError) as problem:  # nobody answers in time, or it is no JSON
            sys.exit(f"{method} {path} had no sound answer: {problem}")

    def pages(self, path: str) -> Iterator[Any]:
        """All items of a list."""
        number, mark = 1, "&" if "?" in path else "?"
        while True:
            page = self.call("GET", f"{path}{mark}per_page={PAGE}&page={number}")
            yield from page
            if len(page) < PAGE:
                return
            number += 1


class GitHub(Platform):
    """Where a workflow of GitHub Actions runs, with its own token."""

    limit = LIMITS["github"]

    def __init__(self) -> None:
        token = required("GITHUB_TOKEN")
        super().__init__(
            f"{required('GITHUB_API_URL')}/repos/{required('GITHUB_REPOSITORY')}",
            {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
        )

    def comments(self) -> Iterator[tuple[str, str]]:
        """The paths and texts of the comments that robots have written."""
        for item in self.pages(f"/issues/{self.change}/comments"):
            if _is_robot(item):
                yield f"/issues/comments/{item['id']}", item.get("body") or ""

    def add_comment(self, text: str) -> None:
        """Write a comment."""
        self.call("POST", f"/issues/{self.change}/comments", {"body": text})

    def replace_comment(self, path: str, text: str) -> None:
        """Replace what a comment says."""
        self.call("PATCH", path, {"body": text})

    @property
    def change(self) -> int:
        """The number of the pull request."""
        if number := os.environ.get("KCPLAN_PULL_REQUEST"):
            return int(number)
        event = json.loads(Path(required("GITHUB_EVENT_PATH")).read_text(encoding="utf-8"))
        return int(event["pull_request"]["number"])

    def issues(self) -> Iterator[tuple[str, str]]:
        """The paths and texts of the open issues that robots have written."""
        for item in self.pages("/issues?state=open"):
            if _is_robot(item) and "pull_request" not in item:
                yield f"/issues/{item['number']}", item.get("body") or ""

    def add_issue(self, text: str) -> None:
        """Open an issue."""
        self.call("POST", "/issues", {"title": TITLE, "body": text})

    def replace_issue(self, path: str, text: str) -> None:
        """Replace what an issue says."""
        self.call("PATCH", path, {"body": text})

    def close_issue(self, path: str) -> None:
        """Close an issue."""
        self.call("PATCH", path, {"state": "closed"})


def _is_robot(item: dict[str, Any]) -> bool:
    return (item.get("user") or {}).get("type") == "Bot"


class GitLab(Platform):
    """Where a job of GitLab runs, with the token of a robot that may write notes and issues."""

    limit = LIMITS["gitlab"]

    def __init__(self) -> None:
        project = required("CI_PROJECT_ID")
        root = required("CI_API_V4_URL")
        super().__init__(root, {"PRIVATE-TOKEN": required("KCPLAN_GITLAB_TOKEN")})
        self.robot = self.call("GET", "/user")["id"]
        self.api = f"{root}/projects/{project}"

    def comments(self) -> Iterator[tuple[str, str]]:
        """The paths and texts of the robot's own notes."""
        for item in self.pages(self.notes):
            if item["author"]["id"] == self.robot:
                yield f"{self.notes}/{item['id']}", item["body"]

    def add_comment(self, text: str) -> None:
        """Write a comment."""
        self.call("POST", self.notes, {"body": text})

    def replace_comment(self, path: str, text: str) -> None:
        """Replace what a comment says."""
        self.call("PUT", path, {"body": text})

    @property
    def notes(self) -> str:
        """Where the notes of the merge request are."""
        return f"/merge_requests/{required('CI_MERGE_REQUEST_IID')}/notes"

    def issues(self) -> Iterator[tuple[str, str]]:
        """The paths and texts of the robot's own open issues."""
        for item in self.pages(f"/issues?state=opened&author_id={self.robot}"):
            yield f"/issues/{item['iid']}", item["description"] or ""

    def add_issue(self, text: str) -> None:
        """Open an issue."""
        self.call("POST", "/issues", {"title": TITLE, "description": text})

    def replace_issue(self, path: str, text: str) -> None:
        """Replace what an issue says."""
        self.call("PUT", path, {"description": text})

    def close_issue(self, path: str) -> None:
        """Close an issue."""
        self.call("PUT", path, {"state_event": "close"})


def required(name: str) -> str:
    """A variable that must be set."""
    return os.environ.get(name) or sys.exit(f"{name} is not set")


def marker(what: str) -> str:
    """A line that no reader sees, by which the text is found again."""
    key = re.sub(r"[^A-Za-z0-9._-]", "_", os.environ.get("KCPLAN_KEY", ""))
    return f"<!-- kcplan-pipeline {what} {key} -->"


def joined(files: list[Path], first: str, limit: int) -> str:
    """The files one after the other; of those without room only what they begin with."""
    texts = [file.read_text(encoding="utf-8").strip() for file in files]
    titles = [f"# {file.stem}\n\n" if len(files) > 1 else "" for file in files]
    heads = [title + head(text) for title, text in zip(titles, texts, strict=True)]
    left = limit - len(first) - sum(len(part) + 2 for part in heads)
    if left < 0:
        names = ", ".join(f"`{file.stem}`" for file in files)
        return f"{first}\n## kcplan\n\n**Too long for one comment:** {names}. The log has them."[
            :limit
        ]
    parts = []
    for title, text, short in zip(titles, texts, heads, strict=True):
        whole = title + text
        fits = len(whole) - len(short) <= left
        left -= len(whole) - len(short) if fits else 0
        parts.append(whole if fits else short)
    return "\n\n".join([first, *parts])


def head(text: str) -> str:
    """The beginning of a text, before its first block; it says that something is left out."""
    lines = []
    for line in text.splitlines():
        if line.startswith(("```", "<details", "### ")):
            break
        lines.append(line)
    note = (
        f"> **The rest is left out here**: in all it has {len(text):,} characters, and a comment "
        "holds no more. The artifact of the job has it."
    )
    beginning = "\n".join(lines).rstrip()
    return min(text, f"{beginning}\n\n{note}", key=len)


def comment(platform: GitHub | GitLab, files: list[Path]) -> None:
    """Write the comment, or replace the one that an earlier run wrote."""
    first = marker("plan")
    text = joined(files, first, platform.limit)
    for path, old in platform.comments():
        if old.startswith(first):
            platform.replace_comment(path, text)
            return
    platform.add_comment(text)


def drift(platform: GitHub | GitLab, files: list[Path]) -> None:
    """Open the issue, or replace what the open one says."""
    first = marker("drift")
    text = joined(files, first, platform.limit)
    for path, old in platform.issues():
        if old.startswith(first):
            if old != text:
                platform.replace_issue(path, text)
            return
    platform.add_issue(text)


def no_drift(platform: GitHub | GitLab) -> None:
    """Close the issue, if there is one."""
    for path, old in platform.issues():
        if old.startswith(marker("drift")):
            platform.close_issue(path)


def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    match arguments:
        case ["comment", *names] if names:
            comment(here(), [Path(name) for name in names])
        case ["drift", name]:
            drift(here(), [Path(name)])
        case ["no-drift"]:
            no_drift(here())
        case _:
            sys.exit(__doc__)


def here() -> GitHub | GitLab:
    """The platform that this runs on."""
    return GitLab() if os.environ.get("GITLAB_CI") else GitHub()


if __name__ == "__main__":
    main(sys.argv[1:])
