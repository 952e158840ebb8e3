"""Which files are overlays, and in which layer.

Each pattern of `[config] overlays` is a layer, and later ones win over earlier. A file that several
patterns match is in the last of their layers. Overlays of any environment are no plain files.
"""

from collections.abc import Iterable
from pathlib import Path

from attrs import evolve

from kcplan.config.discover import Found, discover
from kcplan.config.settings import Settings
from kcplan.errors import UsageError


def layered(files: Iterable[Found], settings: Settings, *, given: bool = False) -> list[Found]:
    """The plain ones of these files, and after them the overlays, each with its layer.

    Args:
        files: What the paths name.
        settings: What kcplan.toml says.
        given: Whether the user named the paths, so that an overlay among them is a mistake.

    Raises:
        UsageError: A pattern of overlays matches nothing, or there are no plain files.
    """
    files = list(files)
    overlays = _overlays(settings)
    if settings.alone:
        return [overlays.get(file.path.resolve(), file) for file in files]
    aside = overlays.keys() | _of_others(settings)
    if not aside:
        return files
    for file in files:
        if given and file.named and file.path.resolve() in aside:
            raise UsageError(
                f"{str(file.path)!r} is an overlay",
                "It is laid over the other files of its realm by itself. Leave it out of the "
                "paths.",
            )
    plain = [file for file in files if file.path.resolve() not in aside]
    if not plain and not settings.realms:
        raise UsageError(
            "no realm files found beside overlays",
            "All that the paths name is in `overlays` of kcplan.toml. Name the files that the "
            "overlays lie over.",
        )
    return [*plain, *overlays.values()]


def _overlays(settings: Settings) -> dict[Path, Found]:
    found: dict[Path, Found] = {}
    for number, pattern in enumerate(settings.config.overlays, 1):
        for item in discover([settings.folder / pattern]):
            key = item.path.resolve()
            found.pop(key, None)
            found[key] = evolve(item, layer=number)
    return found


def _of_others(settings: Settings) -> set[Path]:
    """The overlays of environments that are not chosen."""
    found: set[Path] = set()
    for pattern in settings.set_aside:
        try:
            found.update(item.path.resolve() for item in discover([settings.folder / pattern]))
        except UsageError:
            continue  # they may not be there yet
    return found
