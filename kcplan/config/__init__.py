"""Configuration: from files to typed resources, each value with its place in the files.

    discover ─▶ parse (with positions) ─▶ substitute ─▶ extract resources ─▶ merge ─▶ Config
"""

from kcplan.config.model import Config, Lifecycle, Moved

__all__ = ["Config", "Lifecycle", "Moved"]
