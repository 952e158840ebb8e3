"""Configuration: from files to typed resources, each value with its place in the files.

The steps: discover ─▶ document ─▶ extract ─▶ build (embedded, resolve) ─▶ merge ─▶ Config.

`kcplan.config.load.load` puts the steps together; `kcplan.config.settings_file` reads kcplan.toml.
"""

from kcplan.config.model import Config, Lifecycle, Moved, Section

__all__ = ["Config", "Lifecycle", "Moved", "Section"]
