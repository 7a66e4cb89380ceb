"""`python -m swarmhydra`."""

from swarmhydra.app import main

main()
