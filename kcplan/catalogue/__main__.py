"""Print the documentation page of all diagnostics."""

import sys

from kcplan.catalogue import markdown

sys.stdout.write(markdown())
