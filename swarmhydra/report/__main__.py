"""`python -m swarmhydra.report DIR`."""

import sys

from swarmhydra.config import console
from swarmhydra.report import main

sys.exit(console.carry_out(main, sys.argv[1:]))
