"""`python -m swarmhydra.report DIR`."""

from swarmhydra.report import main

main()
