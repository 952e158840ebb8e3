"""Print the page with all risk rules."""

import sys

from kcplan_keycloak.risks import markdown

sys.stdout.write(markdown())
