#!/usr/bin/env python3
"""``scripts/rebuild_index.py [SOURCE …] [--index-dir DIR]`` is ``python -m index build`` with the same arguments.

Where Sakuin is installed it runs in place, on the clone's own packages; elsewhere in the clone's ``.venv``.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import _bootstrap

ARGUMENTS = ["build", *sys.argv[1:]]

if _bootstrap.is_installed_here():
    sys.path[0] = _bootstrap.ROOT
    from index.cli import main

    sys.exit(main(ARGUMENTS))

_bootstrap.run_module("index", ARGUMENTS)
