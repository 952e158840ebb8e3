"""Others than a realm's administrator: who may only view it, and who has another realm."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager

from conformance.bench import SECRET, Bench, Variables
from conformance.overlays import Json
from conformance.sample import Hand
from support.local_admin import CLIENT, LocalAdmin

_VIEWER = "viewer"


def viewer(bench: Bench) -> Variables:
    """What connects an account of the realm that may view it and no more."""
    by = bench.hand.of(bench.home_realm)
    if by.client(_VIEWER) is None:
        client = {"clientId": _VIEWER, "secret": SECRET, "serviceAccountsEnabled": True}
        by.admin.post(by.path("clients"), json=client)
        account = by.get(str(by.client(_VIEWER, "service-account-user")))
        management = str(by.client("realm-management"))
        roles = [r for r in by.get(f"{management}/roles") if r["name"].startswith("view-")]
        mappings = by.path("users", account["id"], "role-mappings", "clients")
        by.admin.post(f"{mappings}/{management.rsplit('/', 1)[1]}", json=roles)
    return {
        "KCPLAN_AUTH_REALM": by.realm,
        "KCPLAN_CLIENT_ID": _VIEWER,
        "KCPLAN_CLIENT_SECRET": SECRET,
        "KCPLAN_USERNAME": None,
        "KCPLAN_PASSWORD": None,
    }


@contextmanager
def elsewhere(bench: Bench) -> Iterator[Hand]:
    """Import the realm with its users, and apply it to another one; gives who looks at that."""
    folder, name = bench.folder / "elsewhere", f"{bench.realm}-elsewhere"
    folder.mkdir()
    file, imported = folder / "realm.json", folder / "import.json"
    bench.kcplan("import", bench.home_realm, "--users", "--out", file, "--state", imported)
    document = _without_us(json.loads(file.read_text(encoding="utf-8")))
    text = json.dumps(document, ensure_ascii=False).replace(bench.realm, name)
    file.write_text(text, encoding="utf-8")
    variables = dict.fromkeys(re.findall(r"\$\{env:(\w+)\}", text), SECRET)
    with _realm(bench, name) as (other, environment):
        state = ("--state", folder / "kcplan.state.json")
        bench.kcplan("apply", file, "--auto-approve", *state, env={**environment, **variables})
        yield other
    shutil.rmtree(folder)


@contextmanager
def _realm(bench: Bench, name: str) -> Iterator[tuple[Hand, Variables]]:
    """Another realm, without the object, and what connects its administrator."""
    try:
        if bench.sample.is_realm:
            yield Hand(bench.master, name), bench.environment
            return
        bench.master.post("", json={"realm": name, "enabled": True})
        with closing(LocalAdmin(bench.server, bench.master, name)) as local:
            bench.sample.furnish(Hand(local, name))
            yield Hand(local, name), local.environment
    finally:
        bench.master.delete(bench.home_realm.replace(bench.realm, name), check=False)


def _without_us(document: Json) -> Json:
    """An imported file without the clients of the tests."""

    def others(section: str, key: str) -> list[Json]:
        return [i for i in document.get(section, ()) if i.get(key) not in {CLIENT, _VIEWER}]

    clients, users = others("clients", "clientId"), others("users", "serviceAccountClientId")
    return {**document, "clients": clients, "users": users}
