"""`python -m swarmhydra`."""

from swarmhydra.run import console, stop_signals

console.prepare()
with stop_signals.listening(announce=True):
    # Imported here: it takes a second or two, in which a signal may come already.
    from swarmhydra.app import main

    main()
