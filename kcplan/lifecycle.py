"""Lifecycle rules: what kcplan.toml says about protecting, ignoring and releasing."""

from collections.abc import Callable, Iterator

from kcplan.address import Address, matches
from kcplan.classes import frozen
from kcplan.config.model import Lifecycle
from kcplan.diagnostics import Path


def never(_: Path) -> bool:
    """Tells the fields that are left alone where none are."""
    return False


@frozen
class Rules:
    """The `[[lifecycle]]` rules. For each setting, the first that matches and says it counts."""

    rules: tuple[Lifecycle, ...]

    def _matching(self, address: Address) -> Iterator[Lifecycle]:
        return (rule for rule in self.rules if matches(address, rule.match))

    def prevent_destroy(self, address: Address) -> bool | None:
        """Whether the resource must not be deleted. None: nothing is said."""
        said = (r.prevent_destroy for r in self._matching(address))
        return next((value for value in said if value is not None), None)

    def on_remove(self, address: Address) -> str | None:
        """`delete` or `release`, for a resource that left the files. None: nothing is said."""
        said = (r.on_remove for r in self._matching(address))
        return next((value for value in said if value is not None), None)

    def ignored(self, address: Address) -> Callable[[Path], bool]:
        """Tells the fields that are left alone after the resource's creation."""
        fields = [name for rule in self._matching(address) for name in rule.ignore_changes]
        if not fields:
            return never

        def is_ignored(path: Path) -> bool:
            dotted = ".".join(path)
            return any(dotted == name or dotted.startswith(f"{name}.") for name in fields)

        return is_ignored
