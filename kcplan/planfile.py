"""Saved plans: a plan as a file that can be reviewed, shown, and applied exactly as it is.

    Plan ──dump──▶ bytes ──load──▶ Plan with withheld secrets ──resolve_secrets──▶ Plan

The file is JSON: the public document (`kcplan.render.json.plan_document`), the `execution` part
with all that applying needs, and a checksum over both. It holds no secret: a secret that is to be
written is replaced by where it comes from, one that is only shown by nothing at all.

The checksum finds accidents. Where the user keeps a key, there is a signature as well, which nobody
can make who has not got the key.
"""

import hashlib
import hmac
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.errors import PlanFileError
from kcplan.files import refuse_special
from kcplan.nesting import is_too_deep
from kcplan.plan import Plan, Step
from kcplan.planlayout import canonical, each_encoded, spread
from kcplan.render.json import FORMAT_VERSION, plan_fields
from kcplan.render.values import dotted_path, safe
from kcplan.secret import Origin, Secret, Withheld, filled, is_withheld

Resolver = Callable[[Address, Path, Origin], Any]
"""Reads the value of a field again, with its secrets, from where one of these comes from."""

Keys = Callable[[str], bytes | None]
"""The key that plans made from the state of a lineage are signed with; None where there is none."""

_AGAIN = "Run `kcplan plan --out` again to make a new one."


def dump(plan: Plan, key: bytes | None = None) -> bytes:
    """The plan as the bytes of a file, signed where there is a key.

    Raises PlanFileError for a plan that writes a secret that could not be read again.
    """
    return b"".join(_pieces(plan, key))


def _pieces(plan: Plan, key: bytes | None) -> Iterator[bytes]:
    """The bytes of a file, piece by piece: they are never put together to one text.

    It has a field a line, and an item of a list a line, in `execution` as well. With each value in
    a line of its own it would be twice as large, and take Python, which writes such JSON by itself,
    most of the time that a large plan takes.
    """
    from kcplan.planconvert import written

    for step in plan.steps:
        _check_origins(step)
    texts = each_encoded({**plan_fields(plan), "execution": written(plan)})
    if key is not None:
        texts["signature"] = canonical(_signature(texts, key, encode=str))
    texts["checksum"] = canonical(_checksum(texts, encode=str))
    return (piece.encode("ascii") for piece in spread(texts, str, line="\n"))


def load(data: bytes, keys: Keys | None = None) -> Plan:
    """The plan in the bytes of a file, its secrets withheld.

    With `keys` it must be signed where there is a key, and not signed where there is none. Without
    them the signature is not looked at: such a plan is to be shown, and not to be applied.

    Raises PlanFileError where the bytes are not exactly what `dump` gave.
    """
    from kcplan.planconvert import converter

    document = _parse(data)
    version = document.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool) or "execution" not in document:
        raise PlanFileError("this is not a saved plan", f"It has no plan in it. {_AGAIN}")
    if version > FORMAT_VERSION:
        raise PlanFileError(
            f"the saved plan has the format {version}, and this kcplan knows {FORMAT_VERSION}",
            "A newer kcplan wrote it. Apply it with that version, or make a new plan with this.",
        )
    if document.pop("checksum", None) != _checksum(document):
        raise PlanFileError(
            "the saved plan was changed after it was made",
            f"Its checksum does not match, so it may not be what was reviewed. {_AGAIN}",
        )
    signature = document.pop("signature", None)
    try:
        plan = converter().structure(document["execution"], Plan)
    except Exception as error:
        raise PlanFileError(
            "the saved plan cannot be understood",
            f"Another version of kcplan ({safe(str(document.get('kcplan_version')))}) wrote it. "
            f"{_AGAIN}",
        ) from error
    if keys is not None:
        _check_signature(signature, document, keys(plan.lineage))
    return plan


def write(path: FilePath, plan: Plan, key: bytes | None = None) -> None:
    """Write a plan to a file that only its owner may read, as a whole or not at all.

    Raises PlanFileError where that is not possible.
    """
    pieces = _pieces(plan, key)
    try:
        refuse_special(path)
        _replace(FilePath(os.path.realpath(path)), pieces)
    except OSError as error:
        raise _not_saved(path, error) from error


def check_name(path: FilePath) -> None:
    """Raise PlanFileError for the name of something that no plan can be saved in, as a device."""
    try:
        refuse_special(path)
    except OSError as error:
        raise _not_saved(path, error) from error


def _not_saved(path: FilePath, error: OSError) -> PlanFileError:
    return PlanFileError(
        f"the plan cannot be saved as {safe(str(path))}",
        f"{error.strerror or error}. Choose a file in a folder that exists and is writable.",
    )


def read(path: FilePath, keys: Keys | None = None) -> Plan:
    """The plan in a file, as `load` gives it. Raises PlanFileError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PlanFileError(
            f"the saved plan {safe(str(path))} cannot be read", f"{error.strerror or error}."
        ) from error
    return load(data, keys)


def resolve_secrets(plan: Plan, resolver: Resolver) -> Plan:
    """The plan with every secret that its steps write read again.

    What the steps read before they write (the old values) stays withheld: Keycloak has it.
    """

    def finished(step: Step) -> Step:
        again = {
            path: _resolved(step.address, path, value, resolver)
            for path, value in step.after.items()
            if is_withheld(value)
        }
        return evolve(step, after={**step.after, **again}) if again else step

    return evolve(plan, steps=tuple(finished(step) for step in plan.steps))


def _resolved(address: Address, path: Path, value: Any, resolver: Resolver) -> Any:
    name = f"the secret {dotted_path(path)} of {safe(str(address))}"
    origin = next(_origins(value), None)
    if origin is None or _lacks_origin(value):
        raise PlanFileError(
            f"{name} is not known", f"The saved plan does not say where it comes from. {_AGAIN}"
        )
    try:
        return filled(value, resolver(address, path, origin))
    except ValueError:
        raise PlanFileError(
            f"{name} is another one now", f"What stands around it has changed. {_AGAIN}"
        ) from None


def _origins(value: Any) -> Iterator[Origin | None]:
    """Where the secrets in a value come from."""
    match value:
        case Secret() | Withheld():
            yield value.origin
        case dict():
            for item in value.values():
                yield from _origins(item)
        case list() | tuple():
            for item in value:
                yield from _origins(item)


def _check_origins(step: Step) -> None:
    for path, value in step.after.items():
        if _lacks_origin(value):
            raise PlanFileError(
                "the plan cannot be saved: it writes a secret that cannot be read again",
                f"It is `{dotted_path(path)}` of {safe(str(step.address))}. A saved plan holds no "
                "secret, only where each comes from. Apply without a saved plan, or give the "
                "secret as ${env:NAME} or ${file:/path} in the files.",
            )


def _lacks_origin(value: Any) -> bool:
    return any(origin is None for origin in _origins(value))


def _parse(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        what = "empty" if not data.strip() else "cut off, damaged, or something else"
        raise PlanFileError("this is not a saved plan", f"It is {what}. {_AGAIN}") from error
    if not isinstance(document, dict):
        raise PlanFileError("this is not a saved plan", f"It has no plan in it. {_AGAIN}")
    if is_too_deep(document):
        raise PlanFileError("this is not a saved plan", f"It is nested too deeply. {_AGAIN}")
    return document


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _check_signature(signature: Any, document: dict[str, Any], key: bytes | None) -> None:
    """Raise PlanFileError unless the document is signed with the key, or neither is there."""
    if key is None:
        if signature is None:
            return
        raise PlanFileError(
            "the saved plan is signed, and there is no key to check that with",
            "It was saved with KCPLAN_STATE_KEY set, and the variable is not set now. Set it to "
            "the same passphrase.",
        )
    if signature is None:
        raise PlanFileError(
            "the saved plan is not signed",
            "With KCPLAN_STATE_KEY set, kcplan applies only plans that were saved with it: others "
            "may come from whoever can write the file. Run `kcplan plan --out` again with the "
            "variable set.",
        )
    # As bytes, since the comparison refuses other characters than ASCII in texts.
    given = str(signature).encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, _signature(document, key).encode("ascii")):
        raise PlanFileError(
            "the signature of the saved plan is wrong",
            "The plan was changed after it was made, or KCPLAN_STATE_KEY is not the passphrase "
            f"that it was saved with. {_AGAIN}",
        )


def _signature(
    table: Mapping[str, Any], key: bytes, encode: Callable[[Any], str] = canonical
) -> str:
    """The signature of a plan's document, or of its texts, which are encoded by `str`."""
    made = hmac.new(key, digestmod="sha256")
    for piece in spread(table, encode):
        made.update(piece.encode("utf-8", "surrogatepass"))
    return f"hmac-sha256:{made.hexdigest()}"


def _checksum(table: Mapping[str, Any], encode: Callable[[Any], str] = canonical) -> str:
    """The checksum of a plan's document, or of its texts, which are encoded by `str`."""
    made = hashlib.sha256()
    for piece in spread(table, encode):
        made.update(piece.encode("utf-8", "surrogatepass"))
    return f"sha256:{made.hexdigest()}"


def _replace(path: FilePath, pieces: Iterable[bytes]) -> None:
    """Write beside the file, then rename. `mkstemp` makes files that only the owner may read."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = FilePath(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
