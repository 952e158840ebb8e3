import json
import stat
from hashlib import sha256
from pathlib import Path as FilePath

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kcplan import planfile
from kcplan.address import Address
from kcplan.diagnostics import Path, Source
from kcplan.errors import PlanFileError
from kcplan.plan import Operation, Plan, Step
from kcplan.render.diagnostics import render_error
from kcplan.render.html import html_plan
from kcplan.render.json import plan_document
from kcplan.render.markdown import markdown_plan
from kcplan.render.text import render_plan
from kcplan.secret import Origin, Secret, Withheld
from support.sample_plans import (
    SECRET_MARK,
    field,
    plain_values,
    plan,
    plans,
    secret_values,
    update,
)

few = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

WEB = Address.parse("shop/clients/web")
ORIGIN = Origin("environment", "WEB_SECRET", Source("shop.toml", 12))


def saving(secret: Secret) -> Plan:
    """A plan that writes a secret."""
    step = Step(
        "update shop/clients/web",
        Operation.UPDATE,
        WEB,
        "client",
        before={("secret",): Secret("the old one")},
        after={("secret",): secret, ("attributes", "x"): "1"},
    )
    shown = field("secret", Secret("the old one"), secret, sensitive=True)
    return plan(update(shown), steps=(step,))


def refused(data: bytes) -> str:
    with pytest.raises(PlanFileError) as caught:
        planfile.load(data)
    return render_error(caught.value)


@few
@given(plans(plain_values))
def test_a_saved_plan_comes_back_as_it_was(made: Plan) -> None:
    assert planfile.load(planfile.dump(made)) == made


@few
@given(plans(secret_values))
def test_neither_a_saved_plan_nor_any_rendering_holds_a_secret(made: Plan) -> None:
    rendered = [
        planfile.dump(made).decode(),
        render_plan(made, color=True),
        markdown_plan(made),
        html_plan(made),
        json.dumps(plan_document(made)),
        repr(made),
    ]
    assert not any(SECRET_MARK in text for text in rendered)


@few
@given(plans(secret_values))
def test_a_saved_plan_looks_like_the_plan_that_was_saved(made: Plan) -> None:
    loaded = planfile.load(planfile.dump(made))
    assert render_plan(loaded) == render_plan(made)
    assert plan_document(loaded) == plan_document(made)


@few
@given(plans(secret_values))
def test_every_secret_that_is_written_is_read_again_from_where_it_comes(made: Plan) -> None:
    fields = {(step.address, path): v for step in made.steps for path, v in step.after.items()}

    def resolver(address: Address, path: Path, origin: Origin) -> object:
        value = fields[address, path]
        assert origin in (found for _, found in secrets_in(value))
        return value

    assume(len(fields) == sum(len(step.after) for step in made.steps))
    resolved = planfile.resolve_secrets(planfile.load(planfile.dump(made)), resolver)
    assert [step.after for step in resolved.steps] == [step.after for step in made.steps]


def secrets_in(value: object) -> list[tuple[Secret, Origin | None]]:
    match value:
        case Secret():
            return [(value, value.origin)]
        case dict():
            return [found for item in value.values() for found in secrets_in(item)]
        case list():
            return [found for item in value for found in secrets_in(item)]
    return []


def test_a_secret_is_saved_as_where_it_comes_from() -> None:
    loaded = planfile.load(planfile.dump(saving(Secret("pw", ORIGIN))))
    assert loaded.steps[0].after == {("secret",): Withheld(ORIGIN), ("attributes", "x"): "1"}
    assert loaded.steps[0].before == {("secret",): Withheld()}


def test_the_resolver_is_told_which_secret_it_is_to_read() -> None:
    asked = []

    def resolver(address: Address, path: Path, origin: Origin) -> Secret:
        asked.append((address, path, origin))
        return Secret("pw")

    resolved = planfile.resolve_secrets(
        planfile.load(planfile.dump(saving(Secret("pw", ORIGIN)))), resolver
    )
    assert asked == [(WEB, ("secret",), ORIGIN)]
    assert resolved.steps[0].after["secret",] == Secret("pw")


def saving_a_list() -> Plan:
    """A plan that writes a list with a secret in it."""
    made = saving(Secret("pw", ORIGIN))
    after = {("redirectUris",): ["https://a", Secret("https://x/pw", ORIGIN)]}
    return evolve(made, steps=(evolve(made.steps[0], after=after),))


def test_a_list_with_a_secret_is_read_again_as_it_was() -> None:
    again = ["https://a", Secret("https://x/other", ORIGIN)]
    loaded = planfile.load(planfile.dump(saving_a_list()))
    resolved = planfile.resolve_secrets(loaded, lambda *_: again)
    assert resolved.steps[0].after == {("redirectUris",): again}


@pytest.mark.parametrize(
    "again",
    [
        ["https://b", Secret("https://x/pw", ORIGIN)],
        [Secret("https://x/pw", ORIGIN)],
        ["https://a", "https://b", Secret("https://x/pw", ORIGIN)],
        Secret("https://x/pw", ORIGIN),
        None,
    ],
)
def test_a_list_that_has_changed_around_its_secret_is_not_written(again: object) -> None:
    loaded = planfile.load(planfile.dump(saving_a_list()))
    with pytest.raises(PlanFileError, match="is another one now"):
        planfile.resolve_secrets(loaded, lambda *_: again)


def test_a_list_with_a_secret_from_nowhere_is_not_saved() -> None:
    made = saving_a_list()
    after = {("redirectUris",): [Secret("a", ORIGIN), {"b": [Secret("c")]}]}
    with pytest.raises(PlanFileError, match="cannot be saved"):
        planfile.dump(evolve(made, steps=(evolve(made.steps[0], after=after),)))


def test_a_plan_with_a_secret_from_nowhere_is_not_saved() -> None:
    with pytest.raises(PlanFileError) as caught:
        planfile.dump(saving(Secret("pw")))
    assert render_error(caught.value) == snapshot("""\
Error: the plan cannot be saved: it writes a secret that cannot be read again

It is `secret` of shop/clients/web. A saved plan holds no secret, only where each comes
from. Apply without a saved plan, or give the secret as ${env:NAME} or ${file:/path} in
the files.
""")


def test_a_value_that_looks_like_a_saved_secret_stays_a_value() -> None:
    made = plan(update(field("config", None, {"$secret": None, "$$secret": 1, "$": 2})))
    assert planfile.load(planfile.dump(made)) == made


def test_the_public_document_stands_in_the_file() -> None:
    made = plan(update(field("description", "a", "b")))
    saved = json.loads(planfile.dump(made))
    assert {key: saved[key] for key in plan_document(made)} == plan_document(made)


def test_each_change_of_a_large_plan_has_a_line_of_its_own() -> None:
    addresses = [Address.of("shop", "clients", f"client-{number}") for number in range(501)]
    change = update(field("description", "a", "b"))
    made = plan(*(evolve(change, address=address) for address in addresses))
    saved = planfile.dump(made)
    assert planfile.load(saved) == made
    lines = saved.decode().split("\n")
    first = lines.index('"resource_changes": [') + 1
    found = [json.loads(line.rstrip(",")) for line in lines[first : first + len(addresses)]]
    assert [line["address"] for line in found] == [str(address) for address in addresses]


def test_the_checksum_is_of_sorted_json_without_white_space() -> None:
    document = json.loads(planfile.dump(plan(update(field("description", "a", "b")))))
    checksum = document.pop("checksum")
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    assert checksum == f"sha256:{sha256(text.encode()).hexdigest()}"


@few
@given(st.data())
def test_a_changed_byte_never_gives_another_plan(data: st.DataObject) -> None:
    made = saving(Secret("pw", ORIGIN))
    saved = bytearray(planfile.dump(made))
    at = data.draw(st.integers(0, len(saved) - 1))
    saved[at] = data.draw(st.integers(0, 255))
    try:
        loaded = planfile.load(bytes(saved))
    except PlanFileError:
        return
    assert loaded == planfile.load(planfile.dump(made))


@few
@given(st.integers(0, 100))
def test_a_plan_that_is_cut_off_is_refused(percent: int) -> None:
    saved = planfile.dump(saving(Secret("pw", ORIGIN)))
    refused(saved[: (len(saved) - 1) * percent // 100])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\x1f\x8b",
        b"[]",
        b"{}",
        b'{"format_version": 1}',
        b"NaN",
        b"[" * 100_000,
        b'{"format_version": 1, "execution": ' + b"[" * 300 + b"]" * 300 + b"}",
    ],
    ids=["empty", "binary", "list", "no keys", "no plan", "not a number", "deeper", "deep"],
)
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    assert refused(data).startswith("Error: this is not a saved plan\n")


def test_an_edited_plan_is_refused() -> None:
    saved = planfile.dump(plan(update(field("description", "a", "b"))))
    assert refused(saved.replace(b'"b"', b'"c"')) == snapshot("""\
Error: the saved plan was changed after it was made

Its checksum does not match, so it may not be what was reviewed. Run `kcplan plan --out`
again to make a new one.
""")


def test_a_plan_of_a_newer_format_is_refused() -> None:
    saved = planfile.dump(plan())
    newer = saved.replace(b'"format_version": 1', b'"format_version": 2')
    assert refused(newer) == snapshot("""\
Error: the saved plan has the format 2, and this kcplan knows 1

A newer kcplan wrote it. Apply it with that version, or make a new plan with this.
""")


def test_a_plan_with_a_part_that_this_version_does_not_know_is_refused() -> None:
    document = json.loads(planfile.dump(plan()))
    document["execution"]["colour"] = "blue"
    document.pop("checksum")
    document["checksum"] = planfile._checksum(document)
    assert refused(json.dumps(document).encode()) == snapshot("""\
Error: the saved plan cannot be understood

Another version of kcplan (0.1.0) wrote it. Run `kcplan plan --out` again to make a new
one.
""")


def test_nothing_is_coerced() -> None:
    document = json.loads(planfile.dump(plan()))
    document["execution"]["serial"] = "7"
    document.pop("checksum")
    document["checksum"] = planfile._checksum(document)
    assert refused(json.dumps(document).encode()).startswith(
        "Error: the saved plan cannot be understood"
    )


def test_a_written_plan_is_read_back_and_is_the_owners_alone(tmp_path: FilePath) -> None:
    path = tmp_path / "next.plan"
    path.write_text("an older one")
    path.chmod(0o644)
    made = plan(update(field("description", "a", "b")))
    planfile.write(path, made)
    assert planfile.read(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["next.plan"]


def test_a_plan_that_cannot_be_written_leaves_nothing_behind(tmp_path: FilePath) -> None:
    folder = tmp_path / "next.plan"
    folder.mkdir()
    with pytest.raises(PlanFileError, match="the plan cannot be saved as"):
        planfile.write(folder, plan())
    with pytest.raises(PlanFileError, match="the plan cannot be saved as"):
        planfile.write(tmp_path / "missing" / "next.plan", plan())
    assert [path.name for path in tmp_path.iterdir()] == ["next.plan"]


def test_a_plan_that_is_not_there_is_a_clear_error(tmp_path: FilePath) -> None:
    with pytest.raises(PlanFileError, match="cannot be read"):
        planfile.read(tmp_path / "missing.plan")


def test_a_withheld_secret_without_an_origin_cannot_be_applied() -> None:
    made = saving(Secret("pw", ORIGIN))
    step = evolve(made.steps[0], after={("secret",): Withheld()})
    with pytest.raises(PlanFileError, match="is not known"):
        planfile.resolve_secrets(evolve(made, steps=(step,)), lambda *_: Secret("x"))
