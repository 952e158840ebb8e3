"""The samples of all types, one file each: `SAMPLE`."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from conformance.sample import Sample


@cache
def samples() -> Mapping[str, Sample]:
    """All samples by their type."""
    modules = [import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    found = [module.SAMPLE for module in modules]
    assert len({sample.type for sample in found}) == len(found), "two samples of one type"
    return {sample.type: sample for sample in found}


def cannot() -> dict[str, dict[str, str]]:
    """What each type cannot do, with the reasons: the docs' table."""
    return {name: dict(sample.cannot) for name, sample in samples().items()}
