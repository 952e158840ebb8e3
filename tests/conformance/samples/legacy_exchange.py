"""Who may exchange tokens for a target in legacy mode."""

from conformance.legacy import compiled

SAMPLE = compiled("legacy-exchange", "permissions/legacy/clients/NAME")
