"""Examples are the same in every run, so that a run says something of the change under test.

To look further: `pytest tests/property --hypothesis-profile=explore`; on a real server, where
making an example small takes minutes, better with `--hypothesis-profile=first-failure`.
"""

from hypothesis import Phase, settings

settings.register_profile("same", derandomize=True, deadline=None, max_examples=60, database=None)
settings.register_profile(
    "explore",
    deadline=None,
    max_examples=1000,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
settings.register_profile(
    "first-failure",
    deadline=None,
    max_examples=1000,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
settings.load_profile("same")
