"""The page for those who come from Terraform names types that there are, and says each thing once."""

import re

from kcplan_keycloak.resources import registry
from support.resources_page import is_declarable
from support.terraform.page import PAGE, types


def test_each_resource_of_the_tables_is_a_type_that_files_can_declare() -> None:
    found = types()
    assert len(found) > 110
    known = {name for name in registry() if is_declarable(name)}
    assert {name: kinds - known for name, kinds in found.items() if not kinds <= known} == {}
    assert all(found.values())


def test_each_type_that_the_page_does_not_map_is_one_that_the_provider_lacks() -> None:
    mapped = set().union(*types().values())
    known = {name for name in registry() if is_declarable(name)}
    assert known - mapped == {
        "admin-policy",  # as a policy of the client admin-permissions
        "authorization",  # as a block of a client
        "organization-group",
        "token-exchange",
    }


def test_no_resource_is_in_two_rows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    tables = page[page.index("\n## Resources") : page.index("\n## Data sources")]
    rows = re.findall(r"^\| (`keycloak_.+?) \|", tables, re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`(keycloak_\w+)`", row)]
    assert sorted(names) == sorted(set(names))
