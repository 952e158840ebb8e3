"""Placeholders in the values of a document.

    ${NAME}                  the environment variable NAME (upper case)
    ${env:NAME}              the environment variable NAME
    ${env:NAME:-default}     the same, or the default where it is not set or empty
    ${file:PATH}             the content of a file, without its last newline
    $${                      stands for ${

Lookups of keycloak-config-cli that kcplan does not perform are errors. Everything else, such as
`${role_admin}` or `${vault.key}`, is Keycloak's own and stays. What is substituted is not looked at
again. `kcplan.config.lookups` has the dialect of keycloak-config-cli.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from attrs import field

from kcplan import known_secrets
from kcplan.classes import frozen
from kcplan.config.contents import (
    OutsideFileError,
    OwnFileError,
    UnusableFileError,
    read_text,
)

OWN_CREDENTIALS: Final = frozenset(
    {
        "KCPLAN_CLIENT_SECRET",
        "KCPLAN_PASSWORD",
        "KEYCLOAK_CLIENT_SECRET",
        "KEYCLOAK_PASSWORD",
        "KCPLAN_USER_PASSWORD",
        "KCPLAN_STATE_KEY",
        "KCPLAN_JOURNAL_KEY",
    }
)
"""Variables that no file can have substituted: whoever may write a file must not learn them."""

_PLACEHOLDER: Final = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*")
_ENV: Final = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)(?:(:-)(.*))?", re.DOTALL)
_EACH: Final = re.compile(r"each(\..*)?", re.DOTALL)
_LOOKUPS: Final = """
    base64Decoder base64Encoder const date dns env file java javascript localhost properties
    resourceBundle script sys url urlDecoder urlEncoder xml xmlDecoder xmlEncoder
""".split()
_LOOKUP: Final = re.compile(rf"({'|'.join(_LOOKUPS)}):")
_FOREIGN: Final = re.compile(rf"(\$?)\$([({{]){_LOOKUP.pattern}")
"""What keycloak-config-cli would replace, in a text without placeholders of kcplan's own."""
_OPENING: Final = re.compile(rf"\$(?=\({_LOOKUP.pattern})")
_READS_AS_ONE: Final = re.compile(
    rf"\$\$\{{|\$\{{(?:[A-Z_][A-Z0-9_]*\}}|[A-Za-z_]+:[^{{}}]*\}})|{_FOREIGN.pattern}"
)
_SCRIPT: Final = "javascript:"
_LOG_IN: Final = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
"""A user and a password in a URL."""
_UNLIKELY: Final = 8
"""Shorter values are what a variable that is no secret may have by chance: `admin`."""
_SENSITIVE_WORD: Final = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|KEYS?$")


@frozen
class Problem:
    """A placeholder that stands for nothing. An error, unless `harmless`.

    `variable` is the name of one that is not set.
    """

    code: str
    summary: str
    detail: str = ""
    harmless: bool = False
    variable: str = ""


@frozen
class Piece:
    """A part of a text after substitution.

    Attributes:
        value: Its text.
        kind: `literal`, `environment` or `file`, as in `kcplan.secret.Origin`; or `computed`.
        key: The variable or the file.
        sensitive: Whether it must not be shown.
    """

    value: str = field(repr=False)
    kind: str = "literal"
    key: str = ""
    sensitive: bool = False

    def __attrs_post_init__(self) -> None:
        if self.sensitive:
            known_secrets.note(self.value, outside=True)


@frozen
class Expanded:
    """A text after substitution, as the pieces that it is made of."""

    pieces: tuple[Piece, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def text(self) -> str:
        """The text itself."""
        return "".join(piece.value for piece in self.pieces)

    @property
    def sensitive(self) -> bool:
        """Whether any piece of it is."""
        return any(piece.sensitive for piece in self.pieces)

    @property
    def literal(self) -> bool:
        """Whether all of it stands in the document."""
        return all(piece.kind == "literal" for piece in self.pieces)

    @property
    def whole(self) -> Piece | None:
        """The piece that all of the text comes from, if that is one placeholder."""
        return self.pieces[0] if len(self.pieces) == 1 else None


class PlaceholderError(Exception):
    """A placeholder stands for nothing."""

    def __init__(self, code: str, summary: str, detail: str = "", variable: str = "") -> None:
        super().__init__(summary)
        self.problem = Problem(code, summary, detail, variable=variable)


Dialect = Callable[["Substitution", str, Path], tuple[Sequence[Piece], Sequence[Problem]]]
"""Another language's placeholders: splits a text that `Substitution` leaves alone further."""


@frozen
class Substitution:
    """Substitutes placeholders.

    Attributes:
        environment: The variables that there are.
        dialect: Placeholders besides kcplan's own.
        own_files: Files that cannot be substituted, as kcplan's own credentials cannot.
        folders: Where files may be, beside the folder of the file that mentions them.
    """

    environment: Mapping[str, str] = field(repr=False)
    dialect: Dialect | None = None
    own_files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()

    def expand(self, text: str, folder: Path, own: frozenset[str] = frozenset()) -> Expanded:
        """Substitute in a text.

        Args:
            text: The text.
            folder: Where relative paths start.
            own: The names that Keycloak replaces in it: `${NAME}` with one of them stays.
        """
        pieces: list[Piece] = []
        problems: list[Problem] = []
        position = 0
        for match in _PLACEHOLDER.finditer(text):
            self._plain(text[position : match.start()], folder, pieces, problems)
            position = match.end()
            if match[1] is None:
                pieces.append(Piece("${"))
                if self.dialect is not None and text.startswith(_SCRIPT, position):
                    problems.append(_a_script())
                continue
            if match[1] in own:
                pieces.append(Piece(match[0]))
                continue
            try:
                pieces.append(self._placeholder(match[1], match[0], folder, problems))
            except PlaceholderError as error:
                problems.append(error.problem)
        self._plain(text[position:], folder, pieces, problems)
        return Expanded(tuple(pieces), tuple(problems))

    def _plain(self, text: str, folder: Path, pieces: list[Piece], problems: list[Problem]) -> None:
        if not text:
            return
        if self.dialect is None:
            _literal(text, pieces, problems)
            return
        more, wrong = self.dialect(self, text, folder)
        pieces.extend(more)
        problems.extend(wrong)

    def _placeholder(
        self, inner: str, written: str, folder: Path, problems: list[Problem]
    ) -> Piece:
        if _NAME.fullmatch(inner):
            return self.variable(inner)
        match = _ENV.fullmatch(inner)
        if match is not None:
            if match[2] and not self.environment.get(match[1]):
                refuse_own_credential(match[1])
                return Piece(match[3], sensitive=says_secret(match[1]))
            return self.variable(match[1])
        if _EACH.fullmatch(inner):
            raise _no_tenant(written)
        if inner.startswith("file:"):
            return self.file(inner.removeprefix("file:"), folder)
        if not inner.startswith("env:") and (lookup := _LOOKUP.match(inner)):
            problems.append(_not_performed("{", lookup[1]))
            return Piece(written)
        if inner.startswith("env:") or re.match(r"[A-Z_][A-Z0-9_]*:", inner):
            problems.append(_looks_like_ours(written))
        return Piece(written)

    def variable(self, name: str) -> Piece:
        """The value of a variable. Raises PlaceholderError."""
        refuse_own_credential(name)
        value = self.environment.get(name)
        if value is None:
            raise PlaceholderError(
                "undefined-variable",
                f"the variable {name} is not set",
                "Set it in the environment, with `--var` or `--var-file`, or in `[variables]` of "
                "kcplan.toml; or give a default: `${env:NAME:-default}`. To have the text itself, "
                "write `$${` for `${`.",
                variable=name,
            )
        secret = says_secret(name)
        if secret or len(value) >= _UNLIKELY:
            self._refuse_value(f"the variable {name}", value)
        return Piece(value, "environment", name, secret or _LOG_IN.search(value) is not None)

    def _refuse_value(self, what: str, value: str) -> None:
        """Raises PlaceholderError for what kcplan itself logs in or encrypts with."""
        own = self._own_values.get(value)
        if own is not None and value:
            raise PlaceholderError(
                "own-credential",
                f"{what} has the value of {own} and cannot be substituted into files",
                "That is kcplan's own credential. Use another value for what belongs to the "
                "configuration.",
            )

    @cached_property
    def _own_values(self) -> Mapping[str, str]:
        """The variables with kcplan's own credentials, by their values; the first of several."""
        # A user's password is the realm's own: the files that make the user may have it.
        named = OWN_CREDENTIALS - {"KCPLAN_USER_PASSWORD"}
        found = [name for name in named if name in self.environment]
        return {self.environment[name]: name for name in sorted(found, reverse=True)}

    def file(self, name: str, folder: Path) -> Piece:
        """The content of a file. Raises PlaceholderError."""
        path = folder / name
        try:
            content = read_text(path, self.own_files, (*_not_everything(folder), *self.folders))
        except OutsideFileError:
            raise PlaceholderError(
                "file-outside",
                f"{str(path)!r} is outside of the folders that files are taken from",
                "Those are the folder of the file that mentions it, that of kcplan.toml, and those "
                "that the variable KCPLAN_FILES names, as in `KCPLAN_FILES=/run/secrets`.",
            ) from None
        except OwnFileError:
            raise PlaceholderError(
                "own-credential",
                f"{str(path)!r} is one of kcplan's own files and cannot be substituted",
                "It holds what kcplan logs in with, its settings, its state or variables. Use "
                "another file for the value that belongs to the configuration.",
            ) from None
        except UnusableFileError as problem:
            raise PlaceholderError(
                "unreadable-file",
                f"the file {str(path)!r} cannot be substituted: {problem}",
                "A relative path starts at the folder of the file that mentions it.",
            ) from None
        content = _without_newline(content)
        self._refuse_value(f"the file {str(path)!r}", content)
        return Piece(content, "file", str(path), sensitive=True)


def _no_tenant(written: str) -> PlaceholderError:
    return PlaceholderError(
        "unknown-each",
        f"`{written}` stands in a file without tenants",
        "It has a value in the file of a `[[realms]]` of kcplan.toml, for each tenant of "
        "`for_each`. To have the text itself, write `$${`.",
    )


def _not_everything(folder: Path) -> tuple[Path, ...]:
    """A folder, unless all files are in it."""
    return () if folder.resolve() == Path(folder.resolve().anchor) else (folder,)


def _literal(text: str, pieces: list[Piece], problems: list[Problem]) -> None:
    """A text that is not substituted: `$$(env:` in it stands for `$(env:`, which is an error."""
    position = 0
    for match in _FOREIGN.finditer(text):
        escape, bracket, word = match.groups()
        if escape:
            pieces.append(Piece(text[position : match.start()]))
            position = match.start() + len(escape)
            continue
        problems.append(_not_performed(bracket, word))
    pieces.append(Piece(text[position:]))


def is_lookup(text: str, offset: int) -> bool:
    """Whether a lookup of keycloak-config-cli begins there, `$(word:`. It is an error by itself."""
    return _OPENING.match(text, offset) is not None


def _not_performed(bracket: str, word: str) -> Problem:
    close = {"(": ")", "{": "}"}[bracket]
    cure = (
        'Set `substitution = "keycloak-config-cli"` in the section `[config]` of kcplan.toml, or '
        "write `${env:NAME}`. "
        if bracket == "("
        else ""
    )
    return Problem(
        "unknown-placeholder",
        f"`${bracket}{word}:…{close}` is a placeholder of keycloak-config-cli, and not replaced",
        f"Keycloak would keep the text as it is. {cure}For the text itself, write `$${bracket}`.",
    )


def _a_script() -> Problem:
    return Problem(
        "unknown-placeholder",
        "`$${javascript:…}` is a script of keycloak-config-cli, and not run",
        "No file can make kcplan run anything. Work the value out before, and take it from a "
        "variable: `$(env:NAME)`.",
    )


def reads_as_placeholder(text: str, *, foreign: bool) -> bool:
    """Whether something in a text would be replaced, or refused, if it stood in a file.

    Args:
        text: The text.
        foreign: Whether placeholders of keycloak-config-cli are replaced.
    """
    return _READS_AS_ONE.search(text) is not None or (foreign and "$(" in text)


def escaped(text: str, *, foreign: bool) -> str:
    """What a file says for a text, so that nothing in it is replaced."""
    if not reads_as_placeholder(text, foreign=foreign):
        return text
    text = text.replace("${", "$${")
    return text.replace("$(", "$$(") if foreign else _OPENING.sub("$$", text)


def _looks_like_ours(written: str) -> Problem:
    return Problem(
        "unknown-placeholder",
        f"`{written}` is left as it is",
        "It looks like a variable of the environment. Write `${env:NAME}` or "
        "`${env:NAME:-default}`, or `$${` for `${` if the text is meant.",
        harmless=True,
    )


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


@cache
def says_secret(name: str) -> bool:
    """Whether a variable's name says secret, password, token or key.

    Any word of it (between underscores) may: `DB_PASSWORD`, `APIKEY`; `KEYCLOAK_URL` does not.
    """
    return any(_SENSITIVE_WORD.search(word) for word in name.upper().split("_"))


def refuse_own_credential(name: str) -> None:
    """Raises PlaceholderError for what kcplan itself logs in or encrypts with."""
    if name in OWN_CREDENTIALS:
        raise PlaceholderError(
            "own-credential",
            f"{name} is kcplan's own credential and cannot be substituted into files",
            "Use a variable with another name for the value that belongs to the configuration.",
        )
