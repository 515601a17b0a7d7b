"""Starts the demo: `.venv/bin/python -m tools.demo`. tools/run installs what it needs first."""

import sys

from tools.demo.main import main

sys.exit(main())
