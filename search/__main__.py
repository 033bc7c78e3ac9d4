"""Runs the searching command."""

import sys

if __name__ == "__main__":
    try:
        from search.cli import main

        sys.exit(main())
    except KeyboardInterrupt:
        # Before the command itself could take it: while modules are still being imported.
        sys.stderr.write("sakuin: interrupted\n")
        sys.exit(130)
