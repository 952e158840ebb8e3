"""A bench for each type; the checks of one type share it, since each leaves it as it was."""

from collections.abc import Iterator

import pytest

from conformance.bench import Bench
from conformance.samples import samples
from support.harness import Admin, Result, Run, Server


def _nobody(*_: object, **__: object) -> Result:
    raise AssertionError("a bench runs kcplan only within a test")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each check the types to which it applies, all checks of a type in one group."""
    check = getattr(metafunc.function, "check", None)
    if check is None:
        return
    (argument, parts), *_ = [*metafunc.function.parts.items(), ("", ())]
    cases = [
        pytest.param(
            *(name, part)[: 1 + bool(part)],
            marks=pytest.mark.xdist_group(f"conformance of {name}"),
            id=f"{name} {part}".strip(),
        )
        for name, sample in samples().items()
        for part in parts or [""]
        if sample.can(check) and sample.can(f"{check} {part}")
    ]
    names = ["shared_bench", *([argument] if argument else [])]
    metafunc.parametrize(names, cases, indirect=["shared_bench"], scope="module")


@pytest.fixture(scope="module")
def shared_bench(
    request: pytest.FixtureRequest,
    keycloak: Server,
    admin: Admin,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bench]:
    """The bench, as the check before left it."""
    sample = samples()[request.param]
    bench = Bench(sample, keycloak, admin, tmp_path_factory.mktemp("bench"), _nobody)
    yield bench
    bench.strike()


@pytest.fixture
def bench(shared_bench: Bench, run_kcplan: Run) -> Bench:
    """A realm with an object of the type in it."""
    shared_bench.run = run_kcplan
    if not shared_bench.at_home:
        shared_bench.set_up()
    return shared_bench
