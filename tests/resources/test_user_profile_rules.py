"""What the user profile has against attributes of users is said by the plan, as Keycloak does it."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan_keycloak.profile_rules import Problem, problems
from support.world import Json, World

ADMIN = {"permissions": {"view": ["admin"], "edit": ["admin"]}}


def attribute(name: str, **more: Any) -> Json:
    return {"name": name, **ADMIN, **more}


CASES: dict[str, tuple[Json, list[str]]] = {
    "length": ({"length": {"min": 3, "max": 5}}, ["ab", "abc", " a  b ", "abcdef", "äöü"]),
    "untrimmed": ({"length": {"min": 2, "max": 3, "trim-disabled": True}}, ["a ", " a  "]),
    "options": ({"options": {"options": ["x", "y"]}}, ["x", "z"]),
    "integer": ({"integer": {"min": 1, "max": 9}}, ["5", "0", "10", "five", "+5", "5.0"]),
    "pattern": ({"pattern": {"pattern": "[a-c]+\\d{2}"}}, ["ab12", "ab1", "xab12", "ab12x"]),
    "address": ({"email": {}}, ["a@b.org", "nobody"]),
}


def profile(world: World, policy: str | None = None) -> Json:
    """A profile with an attribute for each case, and others."""
    at = world.path("users", "profile")
    known: Json = world.admin.json(at)
    cases = [attribute(name, validations=rules) for name, (rules, _) in CASES.items()]
    more = [
        attribute("several", multivalued=True),
        attribute("single"),
        {"name": "theirs", "permissions": {"view": ["admin"], "edit": ["user"]}},
        {"name": "nobodys"},
    ]
    usual = known["attributes"][:4]
    found = {**known, "attributes": [*usual, *cases, *more], "unmanagedAttributePolicy": policy}
    world.admin.put(at, json=found)
    return found


def is_kept(world: World, name: str, values: list[str]) -> bool:
    """Whether Keycloak takes a new user with an attribute, and keeps that."""
    body = {"username": "somebody", "attributes": {name: values}}
    answer = world.admin.post(world.path("users"), json=body, check=False)
    if answer.status_code != 201:
        return False
    at = answer.headers["location"].rsplit("/admin/realms/", 1)[1]
    found = world.admin.json(at).get("attributes", {})
    world.admin.delete(at)
    return bool(found.get(name) == values)


def test_what_is_told_is_what_keycloak_does(inhabited: World) -> None:
    world = inhabited
    rules = profile(world)
    told: dict[tuple[str, str], str] = {}
    tried = [(name, [value]) for name, (_, values) in CASES.items() for value in values]
    tried += [(name, ["a", "b"]) for name in ("several", "single")]
    tried += [(name, ["a"]) for name in ("theirs", "nobodys", "none")]
    for name, values in tried:
        found = [item.words for item in problems(rules, {name: values})]
        assert (found == []) == is_kept(world, name, values), (name, values)
        if found:
            told[name, "|".join(values)] = found[0]
    assert told == snapshot(
        {
            ("length", "ab"): "it must have 3 characters or more",
            ("length", "abcdef"): "it must not have more than 5 characters",
            ("untrimmed", " a  "): "it must not have more than 3 characters",
            ("options", "z"): "it must be one of: x, y",
            ("integer", "0"): "it must be 1 or more",
            ("integer", "10"): "it must not be more than 9",
            ("integer", "five"): "it must be a whole number",
            ("integer", "5.0"): "it must be a whole number",
            ("pattern", "ab1"): "it must match the pattern [a-c]+\\d{2}",
            ("pattern", "xab12"): "it must match the pattern [a-c]+\\d{2}",
            ("pattern", "ab12x"): "it must match the pattern [a-c]+\\d{2}",
            ("address", "nobody"): "it must be an e-mail address",
            ("single", "a|b"): "it has one value only",
            ("theirs", "a"): "administrators may not write it",
            ("nobodys", "a"): "administrators may not write it",
            ("none", "a"): "",
        }
    )


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        # Python refuses these, which are Java's affair.
        (r"[\w-.]+", ""),
        ("[z-a]", ""),
        ("a{5,2}", ""),
        # Python warns of these.
        ("[a--b]", ""),
        # These would take minutes.
        ("a*a*a*a*a*b", ""),
        ("a{0,9}a{0,9}a{0,9}a{0,9}b", ""),
        ("a?" * 40 + "a" * 40, ""),
        # What only looks like a quantifier takes no time.
        (r"[+]\+\?\*[a\w+]\d+", r"it must match the pattern [+]\+\?\*[a\w+]\d+"),
        ("a*a*a*b", "it must match the pattern a*a*a*b"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_pattern_that_cannot_be_tried_here_is_left_to_keycloak(pattern: str, words: str) -> None:
    rules = attribute("room", validations={"pattern": {"pattern": pattern}})
    found = [item.words for item in problems({"attributes": [rules]}, {"room": ["a" * 255]})]
    assert found == [words] * bool(words)


def user(**fields: Any) -> list[Json]:
    return [{"username": "ann", "enabled": True, **fields}]


def findings(world: World) -> list[tuple[str, list[str]]]:
    """What the plan has against attributes, by its code and the field."""
    found = world.plan(exit_code=1).document["diagnostics"]
    return [(i["code"], i["path"]) for i in found if i["code"].endswith("user-profile")]


def test_an_attribute_that_would_be_dropped_is_an_error_with_a_way_out(world: World) -> None:
    users = user(attributes={"department": ["sales"]})
    world.declare(users=users)
    assert world.plan().codes == snapshot(["not-in-user-profile"])
    world.declare()
    world.apply()
    world.declare(users=users)
    result = world.kcplan("plan", world.file, exit_code=1)
    said = result.stderr.replace(world.realm, "REALM").replace(str(world.folder), "FOLDER")
    assert said == snapshot("""\
Error: the user profile has no attribute department, which REALM/users/ann is to have [not-in-user-profile]
  on FOLDER/realm.json:8:9, in REALM/users/ann, attributes.department

Keycloak would drop it. Declare it in `userProfile`, or set `unmanagedAttributePolicy`
there: to `ADMIN_EDIT` where only administrators should see such attributes, to
`ENABLED` where users may write them too.

""")


def test_what_is_written_to_a_user_is_looked_at_and_nothing_else(world: World) -> None:
    world.declare(
        enabled=True,
        users=user(),
        clients=[{"clientId": "a", "serviceAccountsEnabled": True}],
    )
    world.apply()
    profile(world, "ADMIN_EDIT")
    account: Json = {"serviceAccountClientId": "a", "attributes": {"any": ["x"]}}
    kept = {"department": ["sales"], "length": ["abc"]}
    world.declare(
        enabled=True,
        users=[*user(attributes=kept), account],
        clients=[{"clientId": "a", "serviceAccountsEnabled": True}],
    )
    world.apply()
    world.is_settled()

    profile(world)
    # With this policy Keycloak no longer shows the department either.
    assert findings(world) == [("not-in-user-profile", ["attributes", "department"])]
    changed = {"length": ["a"], "more": ["x"]}
    account["attributes"] |= {"length": ["long-as"], "theirs": ["x"]}
    world.declare(
        enabled=True,
        users=[*user(attributes=changed, email="nobody"), account],
        clients=[{"clientId": "a", "serviceAccountsEnabled": True}],
    )
    assert findings(world) == snapshot(
        [
            ("against-user-profile", ["attributes", "length"]),
            ("against-user-profile", ["attributes", "theirs"]),
            ("against-user-profile", ["attributes", "length"]),
            ("not-in-user-profile", ["attributes", "more"]),
            ("against-user-profile", ["email"]),
        ]
    )


def test_a_new_user_needs_what_administrators_must_give(inhabited: World) -> None:
    world = inhabited
    at = world.path("users", "profile")
    known = world.admin.json(at)
    badge = attribute("badge", required={"roles": ["admin"]})
    theirs = attribute("theirs", required={"roles": ["user"]})
    usual = attribute("usual", required={}, defaultValue="x")
    world.admin.put(at, json={**known, "attributes": [*known["attributes"], badge, theirs, usual]})
    world.declare(users=user())
    assert findings(world) == snapshot([("against-user-profile", ["attributes", "badge"])])
    answer = world.admin.post(world.path("users"), json=user()[0], check=False)
    assert answer.status_code == 400
    world.declare(users=user(attributes={"badge": ["7"]}))
    world.apply()


@pytest.mark.parametrize("policy", ["ADMIN_VIEW", None])
def test_only_policies_that_let_administrators_write_free_what_is_not_declared(
    inhabited: World, policy: str | None
) -> None:
    world = inhabited
    at = world.path("users", "profile")
    found = {**world.admin.json(at), **({"unmanagedAttributePolicy": policy} if policy else {})}
    world.admin.put(at, json=found)
    assert not is_kept(world, "department", ["sales"])
    assert list(problems(found, {"department": ["sales"]})) == [Problem("department")]


def test_the_language_of_a_user_is_told_where_the_realm_has_one_language_only(
    world: World,
) -> None:
    """Whatever the profile says of attributes that it does not have."""
    ann = {"username": "ann", "attributes": {"locale": ["de"]}}
    free = {"userProfile": {"unmanagedAttributePolicy": "ENABLED"}}
    world.declare(**free)
    world.apply()
    assert not is_kept(world, "locale", ["de"])
    world.declare(**free, users=[ann])
    told = world.plan(exit_code=1).document["diagnostics"]
    assert [item["summary"].replace(world.realm, "R") for item in told] == snapshot(
        [
            "the user profile does not take locale of R/users/ann: `internationalizationEnabled` of R is off"
        ]
    )
    world.declare(**free, users=[ann], internationalizationEnabled=True, supportedLocales=["de"])
    assert world.plan().codes == []
    world.apply()
    world.is_settled()


def test_what_the_same_plan_puts_into_the_profile_is_known(world: World) -> None:
    profile = {"attributes": [attribute("department", validations={"options": {"options": ["a"]}})]}
    users = user(attributes={"department": ["a"]})
    world.declare(enabled=True, userProfile=profile, users=users)
    assert world.plan().codes == []
    world.apply()
    world.is_settled()
    profile["attributes"].append(attribute("room"))
    changed = user(attributes={"department": ["b"], "room": ["7"]})
    world.declare(enabled=True, userProfile=profile, users=changed)
    assert findings(world) == [("against-user-profile", ["attributes", "department"])]
    changed[0]["attributes"]["department"] = ["a"]
    world.declare(enabled=True, userProfile=profile, users=changed)
    world.apply()
    world.is_settled()


def test_what_the_same_plan_takes_out_of_the_profile_is_no_longer_there(world: World) -> None:
    badge = attribute("badge", required={"roles": ["admin"]}, validations={"length": {"max": 9}})
    world.declare(userProfile={"attributes": [badge, attribute("phone")]})
    world.apply()
    world.declare(userProfile={"attributes": []}, users=user(attributes={"phone": ["1"]}))
    assert findings(world) == [("not-in-user-profile", ["attributes", "phone"])]
    world.declare(userProfile={"attributes": []}, users=user())
    world.apply()
    world.is_settled()


def test_the_switch_for_languages_is_that_of_the_realm_which_is_renamed(world: World) -> None:
    fields = {"internationalizationEnabled": True, "supportedLocales": ["de"]}
    world.declare(**fields)
    world.apply()
    new = World(f"{world.realm}-new", world.folder, world.admin, world.run)
    new.declare(**fields, users=[{"username": "ann", "attributes": {"locale": ["de"]}}])
    new.settings(f'[[moved]]\nfrom = "{world.realm}"\nto = "{new.realm}"\n')
    assert new.plan().codes == []
