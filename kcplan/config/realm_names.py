"""Each realm of a tenant is that tenant's alone; and what is wrong for all is said once."""

from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve

from kcplan.config.document import Document
from kcplan.config.extract import REALM, Extractor
from kcplan.config.resolve import Resolver
from kcplan.config.substitute import Substitution
from kcplan.diagnostics import Diagnostic, error


def realm_of(document: Document, substitution: Substitution) -> str | None:
    """The realm of a document. What is to be said of its name is said elsewhere."""
    return Extractor(document, Resolver(document, substitution)).realm()


def with_own_realms(
    documents: Sequence[Document], substitution: Substitution, findings: list[Diagnostic]
) -> list[Document]:
    """The documents, without those of a tenant whose realm is another's as well."""
    if not any(document.tenant for document in documents):
        return list(documents)
    found = _clashes([(document, realm_of(document, substitution)) for document in documents])
    findings.extend(finding for _, finding in found)
    clashing = {id(document) for document, _ in found}
    return [document for document in documents if id(document) not in clashing]


def _clashes(realms: Iterable[tuple[Document, str | None]]) -> list[tuple[Document, Diagnostic]]:
    """The documents whose realm is that of an earlier one as well, though one is a tenant's.

    Overlays lie over a tenant's realm as over any other.
    """
    owners: dict[str, Document] = {}
    found = []
    for document, realm in realms:
        if realm is None or document.layer:
            continue
        owner = owners.setdefault(realm, document)
        if owner is not document and (owner.tenant or document.tenant):
            found.append((document, _clash(realm, owner, document)))
    return found


def _clash(realm: str, owner: Document, document: Document) -> Diagnostic:
    tenant, other = (document, owner) if document.tenant else (owner, document)
    whose = f"the tenant {other.tenant}" if other.tenant else other.file
    return error(
        "duplicate-realm",
        f"the realm {realm} of the tenant {tenant.tenant} is that of {whose} as well",
        f"It stands at {other.source((REALM,))} too. Each tenant has a realm of its own.",
        source=tenant.source((REALM,)),
    )


def without_tenant(
    documents: Sequence[Document], substitution: Substitution
) -> Iterator[Diagnostic]:
    """The overlays over realms that no tenant and no other file has.

    Such a realm may be that of a tenant who left the list. Its overlay alone would be all that the
    files say of it, and the rest would be deleted.
    """
    found = [(document, realm_of(document, substitution)) for document in documents]
    below = {realm for document, realm in found if not document.layer}
    for document, realm in found:
        if document.layer and realm is not None and realm not in below and "$" not in realm:
            yield error(
                "wrong-tenants",
                f"the overlay is for the realm {realm}, which no tenant and no other file has",
                "Where the tenant left the list, remove its overlay as well. Where there are "
                "tenants, only other files add a realm.",
                source=document.source((REALM,)),
            )


def said_once(findings: Sequence[Diagnostic], documents: Iterable[Document]) -> list[Diagnostic]:
    """The findings; what holds for all tenants of a file is said of the file.

    Args:
        findings: What was found, of each tenant by itself.
        documents: What was read, those of tenants among it.
    """
    seen_of = [(item.file, item.tenant) for item in documents]
    seen_of += [(item.source.file, item.source.tenant) for item in findings if item.source]
    tenants: dict[str, set[str]] = {}
    for file, tenant in seen_of:
        if tenant:
            tenants.setdefault(file, set()).add(tenant)
    if not tenants:
        return list(findings)
    alike: dict[Diagnostic, list[Diagnostic]] = {}
    for item in findings:
        alike.setdefault(_of_the_file(item), []).append(item)
    result: list[Diagnostic] = []
    for common, group in alike.items():
        known = tenants.get(common.source.file, set()) if common.source else set()
        seen = {item.source.tenant for item in group if item.source}
        result += [common] if seen == known and len(known) > 1 else group
    return result


def _of_the_file(item: Diagnostic) -> Diagnostic:
    source = item.source
    if source is None or not source.tenant:
        return item
    return evolve(item, source=evolve(source, tenant=""), address=None)
