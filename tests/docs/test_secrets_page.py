"""The commands of the page on secrets work, with programs that stand in for those of others.

A program that stands in answers what the page asks it, and nothing else. The one for kcplan keeps
the variables that it was given, in the way that the page says; kcplan itself then reads these.
"""

import os
import re
import shlex
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from support.harness import Run

PAGE = Path(__file__).parents[2] / "docs" / "secrets.md"
SECRET = "orders-58c1e0d2b7f94a6fa1c3"
TABLE = f'{{"ORDERS_SECRET": "{SECRET}"}}'
NESTED = f'{{"data": {{"data": {TABLE}, "metadata": {{}}}}}}'


def _says(text: str) -> str:
    return f"printf %s {shlex.quote(text)}"


_PASSES_ON = f"ORDERS_SECRET={SECRET} kcplan plan"
STAND_INS = {
    "vault kv get -format=json secret/shop": _says(NESTED),
    "vault kv get -field=password secret/kcplan": _says("of-the-administrator"),
    "jq .data.data": f"grep -q metadata && {_says(TABLE)}",
    "jq .data | map_values(@base64d)": f"grep -q encoded && {_says(TABLE)}",
    'jq --raw-input --slurp {ORDERS_SECRET: rtrimstr("\\n")}': f"grep -q {SECRET} && {_says(TABLE)}",
    "sops decrypt --output-type json secrets.enc.yaml": _says(TABLE),
    "sops exec-env secrets.enc.yaml kcplan plan": _PASSES_ON,
    "sops exec-file --output-type json --filename secrets.json secrets.enc.yaml "
    "kcplan plan --var-file {}": (
        f"mkfifo secrets.json; {_says(TABLE)} >secrets.json & kcplan plan --var-file secrets.json"
    ),
    "op run -- kcplan plan": f"[ $ORDERS_SECRET = op://shop/orders/password ] && {_PASSES_ON}",
    "op run --env-file references.env -- kcplan plan": _PASSES_ON,
    "op inject --in-file references.env": _says(f"ORDERS_SECRET={SECRET}"),
    "aws secretsmanager get-secret-value --secret-id shop --query SecretString --output text": (
        _says(TABLE)
    ),
    "gcloud secrets versions access latest --secret shop": _says(TABLE),
    "gcloud secrets versions access latest --secret orders": _says(SECRET),
    "az keyvault secret show --vault-name shop --name realm --query value --output tsv": (
        _says(TABLE)
    ),
    "kubectl get secret shop --output json": _says('{"data": {"ORDERS_SECRET": "encoded"}}'),
    "kcplan plan": "printenv ORDERS_SECRET KCPLAN_PASSWORD >environment",
    "kcplan plan --var-file -": "cat >given",
    "kcplan plan --var-file secrets.json": "cat secrets.json >given",
    "kcplan plan --var-file - --out shop.kcplan": "cat >given",
    "kcplan apply shop.kcplan --var-file -": "cat >given",
}


def commands() -> list[str]:
    """The commands of the page, without the prompt."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with all that stands in."""
    cases = defaultdict(list)
    for call, script in STAND_INS.items():
        program, _, arguments = call.partition(" ")
        cases[program].append(f"{shlex.quote(arguments)}) {script} ;;\n")
    folder = tmp_path / "programs"
    folder.mkdir()
    for program, known in cases.items():
        file = folder / program
        file.write_text(f'#!/bin/sh\ncase "$*" in\n{"".join(known)}*) exit 99 ;;\nesac\n')
        file.chmod(0o755)
    return folder


@pytest.mark.parametrize("command", commands())
def test_each_command_of_the_page_gives_kcplan_the_secret(
    command: str, programs: Path, tmp_path: Path, run_offline: Run
) -> None:
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607
        cwd=tmp_path,
        env={"PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )
    given, environment = tmp_path / "given", tmp_path / "environment"
    if environment.exists():
        # Its own password is no variable of realm files.
        assert environment.read_text() in {f"{SECRET}\n", "of-the-administrator\n"}
        return
    assert (done.returncode, done.stderr) == (0, "")
    realm = tmp_path / "realm.toml"
    realm.write_text(
        re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)[0]
    )

    found = run_offline("validate", realm, "--var-file", "-", input=given.read_text())

    assert (found.exit_code, found.stderr) == (0, "")
