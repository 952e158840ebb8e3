"""The places in kcplan.toml of what needs one, and warnings of secrets that stand there."""

from collections.abc import Mapping
from typing import TypeVar

from attrs import evolve

from kcplan.config.document import Document
from kcplan.config.positions import Place
from kcplan.config.settings import KeycloakSettings, Settings
from kcplan.config.substitute import says_secret
from kcplan.diagnostics import Diagnostic, Source, warning
from kcplan.schema import dotted
from kcplan.secret import Origin

Connecting = TypeVar("Connecting", bound=KeycloakSettings)


def with_places(settings: Settings, document: Document) -> Settings:
    """The settings with the places of what needs one, and warnings."""
    moved = tuple(
        evolve(rule, source=document.source(("moved", index)))
        for index, rule in enumerate(settings.moved)
    )
    realms = tuple(
        evolve(tenants, source=document.source(("realms", index, "for_each")))
        for index, tenants in enumerate(settings.realms)
    )
    found: list[Diagnostic] = []
    keycloak = _secrets_located(settings.keycloak, ("keycloak",), document, found)
    variables = _variables_located(settings.variables, ("variables",), document, found)
    named = {}
    for name, environment in settings.environments.items():
        at = ("environments", name)
        located = _secrets_located(environment, at, document, found)
        sources = _variables_located(located.variables, (*at, "variables"), document, found)
        named[name] = evolve(located, variable_sources=sources)
    return evolve(
        settings,
        keycloak=keycloak,
        environments=named,
        moved=moved,
        realms=realms,
        variable_sources=variables,
        folder=document.folder,
        diagnostics=tuple(found),
        listed=document.source(("environments",)) if named else None,
    )


def _secrets_located(
    settings: Connecting, at: Place, document: Document, found: list[Diagnostic]
) -> Connecting:
    """The settings with the places of secrets; a warning for each goes to what was found."""
    for name in ("client_secret", "password"):
        secret = getattr(settings, name)
        if secret is not None:
            source = document.source((*at, name))
            located = evolve(secret, origin=Origin("literal", "", source))
            settings = evolve(settings, **{name: located})
            cure = f"the variable KCPLAN_{name.upper()} or the key `{name}_file`"
            found.append(_in_plain_text(dotted((*at, name)), cure, source))
    return settings


def _variables_located(
    variables: Mapping[str, str], at: Place, document: Document, found: list[Diagnostic]
) -> Mapping[str, Source]:
    """The places of variables; a warning for each that is a secret goes to what was found."""
    sources = {name: document.source((*at, name)) for name in variables}
    found += [
        _in_plain_text(dotted((*at, name)), "the environment or `--var-file`", source)
        for name, source in sources.items()
        if says_secret(name)
    ]
    return sources


def _in_plain_text(name: str, cure: str, source: Source) -> Diagnostic:
    return warning(
        "own-secret-in-file",
        f"{name} is in plain text",
        f"Whoever reads the file knows it. Use {cure} instead.",
        source=source,
    )
