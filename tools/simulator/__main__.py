"""`python -m tools.simulator`."""

import sys

from tools.simulator.main import main

main(sys.argv[1:])
