"""Files that are not what their names say: one clear message, with its place."""

import builtins
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kcplan.config.json_reader import read_json
from kcplan.config.positions import Positions
from kcplan.config.settings import ConfigSettings, Settings
from kcplan.config.syntax import Parsed
from kcplan.config.toml_reader import read_toml
from kcplan.config.yaml_reader import read_yaml

Errors = Callable[..., str]

DEEP = {
    "deep.toml": 'realm = "r"\na = ' + "[" * 101 + "]" * 101,
    "deeper.toml": 'realm = "r"\na = ' + "[" * 100_000,
    "dotted.toml": 'realm = "r"\n' + ".".join("a" * 102) + " = 1",
    "long-key.toml": 'realm = "r"\n' + " . ".join("a" * 50_000) + " = 1",
    "long-quoted-key.toml": 'realm = "r"\n' + ".".join(['"a"'] * 50_000) + " = 1",
    "long-header.toml": 'realm = "r"\n[' + ".".join("a" * 50_000) + "]",
    "long-inline-key.toml": 'realm = "r"\nx = [{' + ".".join("a" * 50_000) + " = 1}]",
    "long-inline.toml": 'realm = "r"\nx = ' + "{a.b = 1, c = " * 50_000 + "1" + "}" * 50_000,
    "deep.json": '{"realm": "r", "a": ' + "[" * 101 + "]" * 101 + "}",
    "deeper.json": "[" * 200_000,
    "deep.yaml": "realm: r\na: " + "[" * 101 + "]" * 101,
    "deeper.yaml": "a: " + "{b: " * 20_000,
    "deepest.yaml": "a: " + "[" * 1_000_000,
    "bomb.yaml": "a: &a [x]\n"
    + "\n".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "tower.yaml": "a: &x0 []\n" + "\n".join(f"k{n}: &x{n} [*x{n - 1}]" for n in range(1, 120)),
}


@pytest.mark.parametrize("name", DEEP)
def test_nesting_without_end_is_refused(errors: Errors, name: str) -> None:
    told = errors({name: DEEP[name]})
    assert told.startswith(f"error syntax-error {name}")
    assert "nested more than 100 deep" in told or "aliases stand for too many" in told


def test_the_place_of_a_key_that_is_too_long_is_told(errors: Errors) -> None:
    told = errors({"r.toml": 'realm = "r"\n\nenabled = true\n' + ".".join("a" * 1000) + " = 1"})
    assert told.startswith("error syntax-error r.toml:4:1")


@pytest.mark.parametrize(
    "line",
    [
        'displayName = "DOTS"',
        "displayName = 'DOTS'",
        '# it"s DOTS',
        'displayName = """\n"DOTS" \\""" DOTS"""',
        "displayName = '''\n'DOTS' \"DOTS\"'''",
        'attributes."DOTS" = "DOTS"',
        'attributes."\\"DOTS" = "DOTS"',
        "attributes.'\\DOTS\"' = 'DOTS\"'",
        'attributes = {a = "DOTS", b = "DOTS"} # \'DOTS\'',
        "attributes." + "x.x" * 3 + ' = "DOTS"',
    ],
)
def test_dots_in_texts_are_no_nesting(line: str) -> None:
    text = f'realm = "r"\n{line}\n'.replace("DOTS", ".".join("a" * 300))
    assert read_toml(text).data["realm"] == "r"


def test_nesting_up_to_the_limit_is_read(load_files: Callable[..., Any]) -> None:
    for name, text in {
        "a.json": '{"realm": "r", "attributes": {"x": ' + "[" * 98 + "]" * 98 + "}}",
        "a.yaml": "realm: r\nattributes: {x: " + "[" * 98 + "]" * 98 + "}",
        "a.toml": "realm = 'r'\nattributes.x = " + "[" * 98 + "]" * 98,
        "b.toml": "realm = 'r'\nattributes." + ".".join("x" * 100) + " = 1",
    }.items():
        with pytest.raises(Exception, match="the configuration has errors") as caught:
            load_files({name: text})
        [finding] = caught.value.diagnostics  # type: ignore[attr-defined]
        assert finding.code == "wrong-type"


def test_broken_json(errors: Errors) -> None:
    assert errors(
        {
            "comma.json": '{"realm": "r",\n}',
            "list-comma.json": '{"realm": "r", "a": [1,\n2,]}',
            "comment.json": '{\n// hello\n"realm": "r"}',
            "single.json": "{'realm': 'r'}",
            "cut.json": '{"realm": "r", "clients": [{"clientId"',
            "two.json": '{"realm": "r"}\n{"realm": "s"}',
            "nan.json": '{"realm": "r", "a": NaN}',
            "infinity.json": '{"realm": "r", "a": -Infinity}',
            "large.json": '{"realm": "r",\n"a": 1e999}',
            "integer.json": '{"realm": "r",\n"a": 9223372036854775808}',
            "digits.json": '{"realm": "r", "a": ' + "9" * 5000 + "}",
            "twice.json": '{"realm": "r",\n"a": {"x": 1,\n "b": [{}, "x"], "x": 2}}',
            "list.json": '[{"realm": "r"}]',
            "text.json": '"realm"',
            "surrogate.json": '{"realm": "r",\n"a": "\\ud800"}',
            "control.json": '{"realm": "a\x01b"}',
        }
    ) == snapshot("""\
error syntax-error comma.json:2:1
  the JSON is broken: expecting property name enclosed in double quotes
error syntax-error comment.json:2:1
  the JSON is broken: expecting property name enclosed in double quotes
error syntax-error control.json:1:13
  the JSON is broken: invalid control character
error syntax-error cut.json:1:39
  the JSON is broken: expecting ':' delimiter
error syntax-error digits.json:1:21
  a number has too many digits
error syntax-error infinity.json:1:21
  -Infinity is not a JSON value
error syntax-error integer.json:2:1
  an integer is too large
error syntax-error large.json:2:1
  a number must be finite
error syntax-error list-comma.json:2:3
  the JSON is broken: expecting value
error wrong-type list.json:1:1
  the file holds a list at its top
error syntax-error nan.json:1:21
  NaN is not a JSON value
error syntax-error single.json:1:2
  the JSON is broken: expecting property name enclosed in double quotes
error syntax-error surrogate.json:2:1
  a text has half of a surrogate pair, which is no character
error wrong-type text.json:1:1
  the file holds no table at its top
error duplicate-definition twice.json:3:18
  the key 'x' stands twice in one table
error syntax-error two.json:2:1
  the JSON is broken: extra data\
""")


def test_broken_toml(errors: Errors) -> None:
    assert errors(
        {
            "twice.toml": 'realm = "r"\nenabled = true\nenabled = false',
            "table.toml": 'realm = "r"\n[a]\nx = 1\n[a]\n',
            "quotes.toml": "realm = r",
            "cut.toml": 'realm = "r"\na = [1,',
            "nan.toml": 'realm = "r"\na = nan',
            "date.toml": 'realm = "r"\na = [2026-01-31]',
            "integer.toml": 'realm = "r"\na = 99999999999999999999',
            "digits.toml": 'realm = "r"\na = ' + "9" * 5000,
        }
    ) == snapshot("""\
error syntax-error cut.toml:2:8
  the TOML is broken: invalid value
error syntax-error date.toml:2:6
  a date without quotes is no value that Keycloak knows
error syntax-error digits.toml
  a number has too many digits
error syntax-error integer.toml:2:1
  an integer is too large
error syntax-error nan.toml:2:1
  a number must be finite
error syntax-error quotes.toml:1:9
  the TOML is broken: invalid value
error duplicate-definition table.toml:4:3
  a key or table is defined twice
error duplicate-definition twice.toml:3:16
  a key or table is defined twice\
""")


def test_broken_yaml(errors: Errors) -> None:
    assert errors(
        {
            "tab.yaml": "realm: r\n\tenabled: true",
            "colon.yaml": "realm: r: s",
            "twice.yaml": "realm: r\nenabled: true\nenabled: false",
            "two.yaml": "realm: r\n---\n- realm: s",
            "alias.yaml": "realm: *x",
            "loop.yaml": "realm: r\na: &a [*a]",
            "tag.yaml": "realm: !!python/object:os.system r",
            "binary.yaml": "realm: r\na: !!binary aGVsbG8=",
            "nan.yaml": "realm: r\na: .nan",
            "key.yaml": "realm: r\n? [a, b]\n: c",
            "merge.yaml": "realm: r\n<<: text",
            "comment.yaml": "# nothing",
            "list.yaml": "- realm",
            "control.yaml": "realm: \x01",
            "escape.yaml": 'realm: "\\UFFFFFFFF"',
        }
    ) == snapshot("""\
error syntax-error alias.yaml:1:8
  the alias `*x` has no anchor before it
error syntax-error binary.yaml:2:4
  the tag `!!binary` is not supported
error syntax-error colon.yaml:1:9
  the YAML is broken: mapping values are not allowed in this context
error syntax-error comment.yaml
  the file is empty
error syntax-error control.yaml:1:8
  the YAML has a character that YAML does not allow
error syntax-error escape.yaml:1:11
  the YAML is broken: found invalid Unicode character escape code
error syntax-error key.yaml:2:3
  a key must be a text
error wrong-type list.yaml:1:1
  the file holds a list at its top
error syntax-error loop.yaml:2:8
  the alias `*a` has no anchor before it
error syntax-error merge.yaml:2:1
  `<<` takes a table, or a list of tables, from an anchor
error syntax-error nan.yaml:2:4
  .nan is not a JSON value
error syntax-error tab.yaml:2:1
  the YAML is broken: found a tab character that violates indentation
error syntax-error tag.yaml:1:8
  the tag `!!python/object:os.system` is not supported
error duplicate-definition twice.yaml:3:1
  the key 'enabled' stands twice in one table
error wrong-type two.yaml:3:1
  the file holds a list at its top\
""")


def test_files_that_are_no_text_or_cannot_be_read(
    errors: Errors, write: Callable[..., Path]
) -> None:
    os.mkfifo(write("x/fifo.toml", "").with_name("pipe.toml"))
    assert errors(
        {
            "empty.toml": "",
            "blank.json": " \n\n",
            "latin.toml": b'realm = "r"\ndisplayName = "\xe9"',
            "utf16.json": '{"realm": "r"}'.encode("utf-16"),
            "binary.yaml": b"\x00\x01\x02realm",
        }
    ) == snapshot("""\
error syntax-error binary.yaml:1:1
  the YAML has a character that YAML does not allow
error syntax-error blank.json
  the file is empty
error syntax-error empty.toml
  the file is empty
error syntax-error latin.toml:2
  the file is not text in UTF-8
error syntax-error utf16.json:1
  the file is not text in UTF-8\
""")


def test_a_pipe_is_not_waited_for(folder: Path, load_paths: Callable[..., Any]) -> None:
    os.mkfifo(folder / "pipe.toml")
    with pytest.raises(Exception, match="the configuration has errors"):
        load_paths([folder])


@pytest.mark.parametrize("name", ["r.toml", "r.yaml", "r.json"])
def test_byte_order_mark_and_windows_lines_are_fine(
    load_files: Callable[..., Any], name: str
) -> None:
    text = {
        "r.toml": 'realm = "r"\r\n\r\ndisplayName = """a\r\nb"""\r\n',
        "r.yaml": "realm: r\r\n\r\ndisplayName: |-\r\n  a\r\n  b\r\n",
        "r.json": '{"realm": "r",\r\n\r\n"displayName": "a\\nb"}',
    }[name]
    config = load_files({name: b"\xef\xbb\xbf" + text.encode()})

    [resource] = config.resources.values()
    assert resource.leaves == {("displayName",): "a\nb"}
    assert resource.source(("displayName",)).line == 3


def test_yaml_is_read_without_surprises() -> None:
    text = """
    yes: yes
    no: [no, on, off, y, n, "true", !!str true, ! 7]
    words: [true, True, FALSE, null, ~, ]
    numbers: [0, -7, +7, 1.5, 1e3, .5, 0x1F, 0o17, !!int 8]
    texts: [0777, 007, 1_000, 12:30:00, 2026-01-31, 1.2.3, 0b1, =]
    base: &base {a: 1, b: [x]}
    merged: {<<: *base, a: 2}
    both: {<<: [{c: 3}, *base, {c: 4}]}
    again: *base
    12: a key is a text
    """
    assert read_yaml(text)[0].data == {
        "yes": "yes",
        "no": ["no", "on", "off", "y", "n", "true", "true", "7"],
        "words": [True, True, False, None, None],
        "numbers": [0, -7, 7, 1.5, 1000.0, 0.5, 31, 15, 8],
        "texts": ["0777", "007", "1_000", "12:30:00", "2026-01-31", "1.2.3", "0b1", "="],
        "base": {"a": 1, "b": ["x"]},
        "merged": {"a": 2, "b": ["x"]},
        "both": {"c": 3, "a": 1, "b": ["x"]},
        "again": {"a": 1, "b": ["x"]},
        "12": "a key is a text",
    }


def test_without_the_extra_yaml_files_are_told_what_to_install(
    errors: Errors, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_import = builtins.__import__

    def no_yaml(name: str, *args: Any, **options: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return real_import(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", no_yaml)
    assert errors({"r.yaml": "realm: r"}) == snapshot("""\
error syntax-error r.yaml
  YAML files need the extra `yaml`\
""")


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
TABLES = st.dictionaries(
    st.one_of(TEXT, st.sampled_from(["a", "b.c", "clientId", 'q"', "it's", "ü", "k\\"])),
    st.recursive(
        st.one_of(
            TEXT,
            st.booleans(),
            st.integers(-(2**63) + 1, 2**63 - 1),
            st.floats(allow_nan=False, allow_infinity=False),
            st.sampled_from(['"""', "'''", "a\nb\n", "# no comment", "[x]", "{", "${A}", "a\\"]),
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)
        ),
        max_leaves=12,
    ),
    max_size=5,
)


def first_of_yaml(text: str) -> Parsed:
    return read_yaml(text)[0]


WRITERS: dict[str, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    "json": (lambda data: json.dumps(data, indent=1), read_json),
    "compact json": (lambda data: json.dumps(data, ensure_ascii=False), read_json),
    "toml": (tomli_w.dumps, read_toml),
    "toml with long texts": (lambda data: tomli_w.dumps(data, multiline_strings=True), read_toml),
    "yaml": (lambda data: yaml.safe_dump(data, allow_unicode=True), first_of_yaml),
    "flow yaml": (lambda data: yaml.safe_dump(data, default_flow_style=True), first_of_yaml),
}


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=60, deadline=None)
@given(data=TABLES)
def test_every_value_is_found_where_it_stands(writer: str, data: dict[str, Any]) -> None:
    dump, read = WRITERS[writer]
    text = dump(data).replace("\r\n", "\n")
    parsed = read(text)
    positions = Positions(text, parsed.marks)

    def check(value: Any, place: tuple[str | int, ...], around: tuple[int, int]) -> None:
        here = positions.locate(place)
        assert here >= around
        if isinstance(value, dict):
            assert set(_mark(parsed.marks(), place).children or {}) == set(value)
            for key, item in value.items():
                check(item, (*place, key), here)
        elif isinstance(value, list):
            assert set(_mark(parsed.marks(), place).children or {}) == set(range(len(value)))
            starts = [positions.locate((*place, index)) for index in range(len(value))]
            assert starts == sorted(set(starts))
            for index, item in enumerate(value):
                check(item, (*place, index), here)

    check(parsed.data, (), (1, 1))


def _mark(mark: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        mark = mark.get(key)
        assert mark is not None
    return mark


def test_toml_places_are_those_of_keys_tables_and_items() -> None:
    text = """\
# a comment with [brackets] = "x"
realm = "r" # another
a . "b.c" . 'd' = { x = 1, y.z = [ 1, # one
   '''two
   ]''', \"\"\"th"re\\"e\"\"\"\"\"] }
[[list]]
key = 1979-05-27 07:32:00
[list.sub]
k = [[], [{}, {q = '\\'}]]
[[list]]
[other . table]
"""
    data = read_toml(text.replace("1979-05-27 07:32:00", "[]"))
    positions = Positions(text, read_toml(text).marks)
    assert data.data["a"]["b.c"]["d"]["y"]["z"][2] == 'th"re"e""'

    places: list[tuple[str | int, ...]] = [
        ("realm",),
        ("a", "b.c", "d", "x"),
        ("a", "b.c", "d", "y", "z", 1),
        ("a", "b.c", "d", "y", "z", 2),
        ("list", 0),
        ("list", 0, "key"),
        ("list", 0, "sub"),
        ("list", 0, "sub", "k", 1, 1, "q"),
        ("list", 1),
        ("other", "table"),
        ("other", "missing"),
    ]
    assert [positions.locate(place) for place in places] == [
        (2, 1),
        (3, 21),
        (4, 4),
        (5, 10),
        (6, 1),
        (7, 1),
        (8, 1),
        (9, 16),
        (10, 1),
        (11, 1),
        (11, 1),
    ]


def test_a_null_character_is_an_error_wherever_it_is(errors: Errors) -> None:
    """No text of Keycloak's can have one: a request with it ends in an internal error."""
    assert errors(
        {
            "name.json": '{"realm": "r",\n"clients": [{"clientId": "a\\u0000b"}]}',
            "realm.json": '{"realm": "r\\u0000"}',
            "value.json": '{"realm": "r",\n"displayName": "\\u0000"}',
            "key.json": '{"realm": "r", "attributes": {\n"a\\u0000": "x"}}',
            "field.json": '{"realm": "r",\n"a\\u0000": "x"}',
            "item.json": '{"realm": "r", "clients": [{"clientId": "a", "redirectUris": ["x",\n'
            '"\\u0000"]}]}',
            "section.json": '{"realm": "r", "roles": {"client": {\n"a\\u0000": []}}}',
            "é.toml": 'realm = "r"\n[[clients]]\nclientId = "é"\nsecret = "é\\u0000"',
            "value.yaml": 'realm: r\nattributes:\n  a: "x\\0"\n',
            "permissions.yaml": 'realm: r\npermissions:\n  a:\n  - "x\\0"\n',
            "embedded.json": '{"realm": "r", "clients": [{"clientId": "a", "authorizationSettings":'
            ' {"policies": [{"name": "p", "type": "role",\n'
            '"config": {"roles": "[{\\"id\\": \\"\\\\u0000\\"}]"}}]}}]}',
        }
    ) == snapshot("""\
error syntax-error embedded.json:2:12
  the text of config.roles must be JSON in itself: a text has a null character
error syntax-error field.json:2:1
  a text has a null character
error syntax-error item.json:2:1
  a text has a null character
error syntax-error key.json:2:1
  a text has a null character
error syntax-error name.json:2:14
  a text has a null character
error syntax-error permissions.yaml:4:5
  a text has a null character
error syntax-error realm.json:1:2
  a text has a null character
error syntax-error section.json:2:1
  a text has a null character
error syntax-error value.json:2:1
  a text has a null character
error syntax-error value.yaml:3:3
  a text has a null character
error syntax-error é.toml:4:1
  a text has a null character\
""")


def test_a_null_character_from_a_file_is_an_error(
    write: Callable[[str, str], object], errors: Errors
) -> None:
    write("secret", "hunter2\0")
    foreign = Settings(config=ConfigSettings(substitution="keycloak-config-cli"))
    assert errors(
        {
            "r.toml": 'realm = "r"\ndisplayName = "${file:secret}"\n[[clients]]\n'
            'clientId = "x${file:secret}"\nenabled = "$(base64Decoder:AA==)"\n'
            'secret = "${file:secret}"'
        },
        settings=foreign,
    ) == snapshot("""\
error syntax-error r.toml:2:1
  what is substituted has a null character
error syntax-error r.toml:4:1
  what is substituted has a null character
error syntax-error r.toml:5:1
  what is substituted has a null character
error syntax-error r.toml:6:1
  what is substituted has a null character\
""")
