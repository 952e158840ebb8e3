"""A stand-in for GitHub and GitLab: comments and issues over HTTP, in pages, kept in memory."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

Json = dict[str, Any]
ROBOT = 7


@define
class Forge:
    """What people see: comments on the one change, and issues."""

    url: str = ""
    comments: list[Json] = field(factory=list)
    issues: list[Json] = field(factory=list)
    requests: list[str] = field(factory=list)
    status: int = 200

    @property
    def open_issues(self) -> list[Json]:
        return [issue for issue in self.issues if issue["state"] in {"open", "opened"}]

    def say(self, body: str, *, robot: bool = False) -> None:
        """Somebody comments, or another robot does."""
        self.comments.append(_item(len(self.comments) + 1, {"body": body}, 1 if robot else 2))

    def answer(self, method: str, target: str, body: Json) -> tuple[int, Any]:
        """The answer to a request, as both platforms have it."""
        self.requests.append(f"{method} {target}")
        if self.status != 200:
            return self.status, {}
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path.endswith("/user"):
            return 200, {"id": ROBOT}
        place = re.search(r"/(issues/\d+/comments|issues/comments|notes|issues)(?:/(\d+))?$", path)
        assert place is not None, path
        items = self.comments if place[1] != "issues" else self.issues
        if method == "GET":
            shown = self.comments if items is self.comments else self.open_issues
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, shown[(page - 1) * size : page * size]
        if method == "POST":
            items.append(_item(len(items) + 1, body, ROBOT))
            return 201, items[-1]
        item = next(item for item in items if item["id"] == int(place[2]))
        item |= body
        if body.get("state_event") == "close":
            item["state"] = "closed"
        return 200, item


def _item(number: int, body: Json, author: int) -> Json:
    kind = "User" if author == 2 else "Bot"
    both = {"body": body.get("body", body.get("description"))}
    return {
        "id": number,
        "number": number,
        "iid": number,
        "state": "open",
        "user": {"type": kind},
        "author": {"id": author},
        **body,
        **both,
    }


@contextmanager
def forge() -> Iterator[Forge]:
    """A platform that answers until the block ends."""
    here = Forge()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, answer = here.answer(self.command, self.path, body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PATCH = do_PUT = handle_one  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
