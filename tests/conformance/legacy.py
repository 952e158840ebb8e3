"""What legacy permissions of token exchange are made of: types that no file declares."""

from conformance.sample import CHECKS, Sample

_REASON = (
    "No file declares it: it is what legacy permissions for token exchange become, on servers that "
    "have them. They are tested as a whole, by exchanging tokens."
)


def compiled(type_: str, address: str) -> Sample:
    """The sample of a type that the files cannot declare."""
    return Sample(
        type=type_,
        address=address,
        declare=lambda _, __: {},
        where=lambda _, __: None,
        full={},
        changed={},
        cannot=dict.fromkeys(CHECKS, _REASON),
    )
