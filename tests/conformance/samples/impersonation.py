"""That a client's service account may impersonate users."""

from conformance.legacy import compiled

SAMPLE = compiled("impersonation", "permissions/impersonation/NAME")
