"""Tenants cost requests in proportion to what is managed, with and without changes."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from inline_snapshot import snapshot

from support.world import World

Count = Callable[[Callable[[], object]], Counter[str]]

MOST = 6
CLIENTS = 10


@pytest.fixture
def tenants(world: World) -> Iterator[World]:
    """A world with a file of ten clients that is read for tenants."""
    clients = "".join(
        f'[[clients]]\nclientId = "c{number}"\nrootUrl = "https://${{each.name}}.example"\n'
        for number in range(CLIENTS)
    )
    (world.folder / "tenant.toml").write_text(
        f'realm = "{world.realm}-${{each.name}}"\ndisplayName = "${{TITLE}}"\n{clients}'
    )
    yield world
    for number in range(MOST):
        world.admin.delete(f"{world.realm}-t{number}", check=False)


def test_each_more_tenant_takes_the_same_requests(tenants: World, requests_of: Count) -> None:
    def costs(number: int) -> dict[str, Counter[str]]:
        names = ", ".join(f'"t{at}"' for at in range(number))
        tenants.settings(f'[[realms]]\nfile = "tenant.toml"\nfor_each = [{names}]\n')

        def run(command: str, title: str, *options: str) -> Counter[str]:
            given = ("--var", f"TITLE={title}", *options)
            return requests_of(lambda: tenants.kcplan(command, *given))

        run("apply", "Shop", "--auto-approve")
        return {
            "plan": run("plan", "Shop", "--detailed-exitcode"),
            "change": run("apply", f"Shop {number}", "--auto-approve"),
        }

    few, many = costs(MOST // 2), costs(MOST)
    growth = {what: dict(sorted((many[what] - few[what]).items())) for what in few}
    assert growth == snapshot(
        {
            "plan": {"GET realms/{}": 3, "GET realms/{}/clients": 30},
            "change": {"GET realms/{}": 9, "GET realms/{}/clients": 30, "PUT realms/{}": 3},
        }
    )
