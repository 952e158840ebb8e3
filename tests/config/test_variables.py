"""Variables that a command is given: which value counts, and what is told of wrong ones."""

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from support.harness import Result, Run

SECRET = "orders-58c1e0d2b7f94a6fa1c3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a realm file that uses variables."""
    (tmp_path / "realm.toml").write_text(
        'realm = "shop"\ndisplayName = "${env:TITLE:-the default}"\n'
    )
    return tmp_path


def title(result: Result) -> str:
    """The name that the realm file got; a wrong type tells it."""
    return result.stderr.partition("the string '")[2].partition("'")[0]


def test_what_is_nearer_to_the_command_counts(folder: Path, run_offline: Run) -> None:
    (folder / "realm.toml").write_text('realm = "shop"\nenabled = "${env:TITLE:-default}"\n')
    (folder / "kcplan.toml").write_text('[variables]\nTITLE = "settings"\n')
    (folder / "one.toml").write_text('TITLE = "one"')
    (folder / "two.env").write_text("TITLE=two\n")

    def seen(*options: str, **environment: str) -> str:
        found = run_offline("validate", "realm.toml", *options, env=environment)
        return title(found)

    file, pair = ("--var-file", "one.toml"), ("--var", "TITLE=pair")
    assert seen(*pair, *file, "--var-file", "two.env", TITLE="environment") == "pair"
    assert seen(*pair, "--var", "TITLE=later") == "later"
    assert seen(*file, "--var-file", "two.env", TITLE="environment") == "two"
    assert seen("--var-file", "two.env", *file, TITLE="environment") == "one"
    assert seen(TITLE="environment") == "environment"
    assert seen() == "settings"
    (folder / "kcplan.toml").unlink()
    assert seen() == "default"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "A = 'x y'\nB = \"it's\"\nC = ''\nD = 's3cr$t'\nE = 'a\\b # c'\nF = 'f'"),
        (
            "a.json",
            '{"A": "x y", "B": "it\'s", "C": "", "D": "s3cr$t", "E": "a\\\\b # c", "F":"f"}',
        ),
        (
            ".env",
            "# all\n\nA=x y  # one\nexport B=\"it's\"\nC=\nD='s3cr$t'\nE='a\\b # c'\n  F=f",
        ),
        (".env.shop", "A='x y'\r\nB='it'\\''s'\nC=''\nD=\"s3cr\\$t\"\nE='a\\b # c'\nF=f\n"),
        (
            "-",
            '\ufeff{"A": "x y", "B": "it\'s", "C": "", "D": "s3cr$t", "E": "a\\\\b # c", "F":"f"}',
        ),
        ("-", "A=x y\nB=\"it's\"\nC=\nD='s3cr$t'\nE='a\\b # c'\nF=f\n"),
    ],
)
def test_each_format_gives_the_same(folder: Path, run_offline: Run, name: str, text: str) -> None:
    (folder / "realm.toml").write_text('realm = "shop"\nenabled = "${A}|${B}|${C}|${D}|${E}|${F}"')
    if name != "-":
        (folder / name).write_text(text, newline="")

    found = run_offline("validate", "realm.toml", "--var-file", name, input=text)

    assert found.stderr.splitlines()[0] == snapshot(
        "Error: enabled must be a boolean (true or false), "
        'not the string "x y|it\'s||s3cr$t|a\\\\b # c|f" [wrong-type]'
    )


@pytest.mark.parametrize(
    ("options", "files", "told"),
    [
        (
            ["--var", "TITLE"],
            {},
            snapshot("""\
Error: --var takes NAME=VALUE

Write a name, `=` and the value, and put all of it into quotes.
"""),
        ),
        (
            ["--var", "=x"],
            {},
            snapshot("""\
Error: --var takes NAME=VALUE

Write a name, `=` and the value, and put all of it into quotes.
"""),
        ),
        (
            ["--var", "a-b=x"],
            {},
            snapshot("""\
Error: --var: what stands before the value is no name of a variable

A name has letters of ASCII, digits and underscores, and does not begin with a digit.
"""),
        ),
        (
            ["--var", "KCPLAN_STATE_KEY=x"],
            {},
            snapshot("""\
Warning: --var shows the secret KCPLAN_STATE_KEY in the process list. Use --var-file or the environment.
Error: --var: KCPLAN_STATE_KEY is kcplan's own credential, and no variable for files

Set it in the environment of kcplan.
"""),
        ),
        (
            ["--var", "A=\udcff"],
            {},
            snapshot("""\
Error: --var A: the value is not text in UTF-8

Encode it, as with base64.
"""),
        ),
        (
            ["--var-file", f"{'a' * 300}.env"],
            {},
            snapshot("""\
Error: the file cannot be read: file name too long [unreadable-file]
  on aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.env

Check that it is there, and its permissions.

"""),
        ),
        (
            ["--var-file", "realm.toml/a.env"],
            {},
            snapshot("""\
Error: the file cannot be read: not a directory [unreadable-file]
  on realm.toml/a.env

Check that it is there, and its permissions.

"""),
        ),
        (
            ["--var-file", ".."],
            {},
            snapshot("""\
Error: the file '..' has no ending that says its format

--var-file takes files that end with .toml, .json or .env, and `-` for standard input.
"""),
        ),
        (
            ["--var-file", "-", "--var-file", "-"],
            {},
            snapshot("""\
Error: --var-file - stands there twice

Standard input can be read once. Name it once, and other sources as files.
"""),
        ),
        (
            ["--var-file", "missing.env"],
            {},
            snapshot("""\
Error: the file cannot be read: no such file or directory [unreadable-file]
  on missing.env

Check that it is there, and its permissions.

"""),
        ),
        (
            ["--var-file", "a.txt"],
            {"a.txt": "A=1"},
            snapshot("""\
Error: the file 'a.txt' has no ending that says its format

--var-file takes files that end with .toml, .json or .env, and `-` for standard input.
"""),
        ),
        (
            ["--var-file", "-"],
            {},
            snapshot("""\
Error: standard input has no variables: nothing came

--var-file reads what another program writes. That program probably failed.
"""),
        ),
        (
            ["--var-file", "a.toml"],
            {"a.toml": 'A = 1\nB = [2]\nC.d = "x"\na-b = "x"\nKCPLAN_PASSWORD = "x"\nD = true'},
            snapshot("""\
Error: 4 variables are no strings [wrong-type]
  a.toml: A (line 1), B (line 2), C (line 3), D (line 6)
Variables are texts, and take the type of the field that they stand in. Put the value
into quotes.

Error: what stands before the value is no name of a variable [wrong-variable]
  on a.toml:4:1

A name has letters of ASCII, digits and underscores, and does not begin with a digit.

Error: KCPLAN_PASSWORD is kcplan's own credential, and no variable for files [wrong-variable]
  on a.toml:5:1

Set it in the environment of kcplan.

"""),
        ),
        (
            ["--var-file", "a.json"],
            {"a.json": "[1]"},
            snapshot("""\
Error: the file holds a list at its top [wrong-type]
  on a.json:1:1

It is one table of variables, without others in it: `{"NAME": "value"}`.

"""),
        ),
        (
            ["--var-file", "a.json"],
            {"a.json": '{"A": "1",\n "A": "2"}'},
            snapshot("""\
Error: the key 'A' stands twice in one table [duplicate-definition]
  on a.json:2:2

It stands in line 1 already. Remove one of them.

"""),
        ),
        (
            ["--var-file", "a.env"],
            {"a.env": "A=1\nA=2"},
            snapshot("""\
Error: the variable A is set twice [duplicate-definition]
  on a.env:2:1

Remove one of the lines.

"""),
        ),
        (
            ["--var-file", "a.env"],
            {"a.env": "A=1\necho 2"},
            snapshot("""\
Error: a line is no `NAME=VALUE` [syntax-error]
  on a.env:2:1

Each line is a variable, empty, or a comment that begins with `#`.

"""),
        ),
        (
            ["--var-file", "a.env"],
            {"a.env": "A=$(id)"},
            snapshot("""\
Error: the value of A means something else to each program that reads it [syntax-error]
  on a.env:1:3

Put it into single quotes, in which nothing has a meaning. A single quote in it is
written `'\\''`. JSON is another way to give such a value.

"""),
        ),
        (
            ["--var-file", "a.env"],
            {"a.env": 'A="`id`"'},
            snapshot("""\
Error: the value of A means something else to each program that reads it [syntax-error]
  on a.env:1:3

Put it into single quotes, in which nothing has a meaning. A single quote in it is
written `'\\''`. JSON is another way to give such a value.

"""),
        ),
        (
            ["--var-file", "a.env"],
            {"a.env": "A='1\n"},
            snapshot("""\
Error: the value of A means something else to each program that reads it [syntax-error]
  on a.env:1:3

Put it into single quotes, in which nothing has a meaning. A single quote in it is
written `'\\''`. JSON is another way to give such a value.

"""),
        ),
        (
            ["--var-file", "a.env"],
            {"a.env": b"A=1\nB=\xff"},
            snapshot("""\
Error: the file is not text in UTF-8 [syntax-error]
  on a.env:2

Save it as UTF-8. If it is no text at all, leave it out.

"""),
        ),
        (
            ["--var-file", "a.env"],
            {"a.env": "A=1\nB=\0"},
            snapshot("""\
Error: a text has a null character [syntax-error]
  on a.env:2:1

Keycloak's database cannot keep it. Remove the character.

"""),
        ),
    ],
)
def test_wrong_variables_are_one_clear_error(
    folder: Path,
    run_offline: Run,
    options: list[str],
    files: dict[str, str | bytes],
    told: str,
) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    found = run_offline("validate", "realm.toml", *options)

    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr == told


def test_a_value_that_is_no_pair_is_not_repeated(run_offline: Run) -> None:
    assert SECRET not in run_offline("validate", "realm.toml", "--var", SECRET).stderr


def test_wrong_variables_of_kcplan_toml_are_told_with_their_places(
    folder: Path, run_offline: Run
) -> None:
    (folder / "kcplan.toml").write_text('[variables]\nA = 1\nB = "x"\n"a b" = "x"\n')
    assert run_offline("validate", "realm.toml").stderr == snapshot("""\
Error: variables.A must be a string, not the number 1 [wrong-type]
  on kcplan.toml:2:1

""")
    (folder / "kcplan.toml").write_text('[variables]\nB = "x"\n"a b" = "x"\n')
    assert run_offline("validate", "realm.toml").stderr == snapshot("""\
Error: what stands before the value is no name of a variable [wrong-variable]
  on kcplan.toml:3:1

A name has letters of ASCII, digits and underscores, and does not begin with a digit.

""")
    (folder / "kcplan.toml").write_text('variables = "x"\n')
    assert run_offline("validate", "realm.toml").stderr == snapshot("""\
Error: variables must be a table, not the string 'x' [wrong-type]
  on kcplan.toml:1:1

""")


def test_what_nobody_uses_is_a_warning_with_what_was_meant(folder: Path, run_offline: Run) -> None:
    (folder / "kcplan.toml").write_text(
        '[config]\nfiles = ["realm.toml"]\n[variables]\nTITEL = "Shop"\nOTHER = "x"\n'
    )
    (folder / "of.env").write_text("# all\nSHOP=1\nTITLES=2\n")
    given = ("--var-file", "of.env", "--var", "SURPLUS=x")
    assert run_offline("validate", *given, env={"NOBODY_USES_IT": "x"}).stderr == snapshot("""\
Warning: 5 variables are not used by any file [unused-variable]
  SURPLUS of --var
  kcplan.toml: TITEL; did you mean TITLE? (line 4), OTHER (line 5)
  of.env: SHOP (line 2), TITLES; did you mean TITLE? (line 3)
Nothing comes of it. Remove it, or correct its name here or in the realm files.

""")
    # Other files may use those of kcplan.toml.
    assert run_offline("validate", "realm.toml").stderr == ""
    assert run_offline("validate", "--var", "TITLE=x", "--var", "OTHER=x").stderr == snapshot("""\
Warning: 2 variables are not used by any file [unused-variable]
  OTHER of --var
  kcplan.toml: TITEL (line 4)
Nothing comes of it. Remove it, or correct its name here or in the realm files.

""")


def test_a_variable_for_all_environments_may_be_used_in_another_one(
    folder: Path, run_offline: Run
) -> None:
    (folder / "kcplan.toml").write_text(
        '[config]\nfiles = ["realm.toml"]\n[variables]\nOF_PROD = "x"\n[environments.dev]\n'
        'variables = {TITEL = "Dev"}\n[environments.prod]\noverlays = ["prod.toml"]\n'
    )
    (folder / "prod.toml").write_text('realm = "shop"\nattributes.a = "${OF_PROD}"\n')
    assert run_offline("validate", "--env", "prod").stderr == ""
    assert run_offline("validate", "--env", "dev").stderr == snapshot("""\
Warning: no file uses the variable TITEL of kcplan.toml; did you mean TITLE? [unused-variable]
  on kcplan.toml:6:14

Nothing comes of it. Remove it, or correct its name here or in the realm files.

""")


def test_what_is_not_set_is_told_at_once_and_a_secret_gets_no_default(
    folder: Path, run_offline: Run
) -> None:
    (folder / "realm.toml").write_text(
        'realm = "shop"\ndisplayName = "${TITLE} ${ORDERS}"\n'
        '[[clients]]\nclientId = "orders"\nsecret = "${ORDERS}"\nbaseUrl = "${env:BASE}/x"\n'
        '[[clients]]\nclientId = "web"\nsecret = "${WEB_SECRET}"\n'
    )
    found = run_offline("validate", "realm.toml", "--var", "TITEL=x")
    assert found.stderr == snapshot("""\
Error: 5 variables are not set [undefined-variable]
  realm.toml: TITLE (line 2), ORDERS (lines 2, 5), BASE (line 6), WEB_SECRET (line 9)
TITLE, BASE: Set it in the environment, with `--var` or `--var-file`, or in
`[variables]` of kcplan.toml; or give a default: `${env:NAME:-default}`. To have the
text itself, write `$${` for `${`.
Others: It is for a secret: set it in the environment, or give it with `--var-file`,
which also reads standard input. A default would be the secret in plain text.

Warning: no file uses the variable TITEL of --var; did you mean TITLE? [unused-variable]

Nothing comes of it. Remove it, or correct its name here or in the realm files.

""")
    (folder / "realm.toml").write_text('realm = "shop"\nsmtpServer.password = "${MAIL}"\n')
    assert run_offline("validate", "realm.toml").stderr == snapshot("""\
Error: the variable MAIL is not set [undefined-variable]
  on realm.toml:2:1

It is for a secret: set it in the environment, or give it with `--var-file`, which also
reads standard input. A default would be the secret in plain text.

""")


def test_a_secret_is_hidden_wherever_it_comes_from(folder: Path, run_offline: Run) -> None:
    (folder / "realm.toml").write_text(
        'realm = "shop"\nenabled = "${SMTP_PASSWORD}"\n'
        '[[clients]]\nclientId = "orders"\nsecret = "${ORDERS}"\nenabled = "${ORDERS}"\n'
    )
    (folder / "of.json").write_text(f'{{"SMTP_PASSWORD": "{SECRET}", "ORDERS": "{SECRET}"}}')
    (folder / "kcplan.toml").write_text(f'[variables]\nSMTP_PASSWORD = "{SECRET}"')
    pairs = ("--var", f"SMTP_PASSWORD={SECRET}", "--var", f"ORDERS={SECRET}")
    for options in (("--var-file", "of.json"), pairs, ("--var", f"ORDERS={SECRET}")):
        found = run_offline("validate", "realm.toml", *options, "--format", "json")
        assert found.exit_code == 1
        assert SECRET not in found.stdout + found.stderr


def test_a_secret_on_the_command_line_is_warned_of(folder: Path, run_offline: Run) -> None:
    (folder / "realm.toml").write_text(
        'realm = "shop"\ndisplayName = "${TITLE}"\n'
        '[[clients]]\nclientId = "orders"\nsecret = "${ORDERS}"\n'
        '[[clients]]\nclientId = "web"\nsecret = "${WEB_SECRET}"\n'
    )
    pairs = (f"ORDERS={SECRET}", f"WEB_SECRET={SECRET}x", "TITLE=Shop")
    options = [text for pair in pairs for text in ("--var", pair)]
    assert run_offline("validate", "realm.toml", *options).stderr == snapshot("""\
Warning: --var shows the secret WEB_SECRET in the process list. Use --var-file or the environment.
Warning: --var shows ORDERS in the process list, and a secret comes from it [secret-in-command]

Everybody on the machine can read it there, and a shell keeps it in its history. Use
--var-file or the environment.

""")


@pytest.mark.parametrize("name", ["KCPLAN_CLIENT_SECRET", "KEYCLOAK_PASSWORD"])
def test_what_kcplan_logs_in_with_is_never_printed(
    folder: Path, run_offline: Run, name: str
) -> None:
    (folder / "realm.toml").write_text(f'realm = "shop"\n"{SECRET}" = "x"\n')
    found = run_offline("validate", "realm.toml", env={name: SECRET})
    assert "unknown field `(sensitive value)`" in found.stderr
    assert SECRET not in found.stderr


BASE64 = "c2VjcmV0cGFzc3dvcmQtb2YtYS1zaG9w"


@pytest.mark.parametrize(
    ("options", "piped"),
    [
        (["--var-file", "-"], f"{BASE64}="),
        (["--var-file", "-"], f"{BASE64}==\n"),
        (["--var-file", "-"], f"{BASE64}+/=\n"),
        (["--var-file", "-"], f'{{"{BASE64}+/=": "x"}}'),
        (["--var", f"{BASE64}/+=="], None),
        (["--var-file", "a.env"], None),
    ],
)
def test_a_secret_in_the_place_of_a_name_is_not_repeated(
    folder: Path, run_offline: Run, options: list[str], piped: str | None
) -> None:
    (folder / "a.env").write_text(f"A=1\n{BASE64}/+==\n")
    for form in ("text", "json"):
        found = run_offline("validate", "realm.toml", "--format", form, *options, input=piped)
        assert found.exit_code == 1
        assert BASE64 not in found.stdout + found.stderr


@pytest.mark.usefixtures("folder")
def test_one_piped_text_is_told_to_be_no_table(run_offline: Run) -> None:
    found = run_offline("validate", "realm.toml", "--var-file", "-", input=f"{BASE64}=\n")
    assert found.stderr == snapshot("""\
Error: what standard input has is one text, and no table of variables

Give it a name, as with `jq --raw-input --slurp '{NAME: rtrimstr("\\n")}'`.
""")
