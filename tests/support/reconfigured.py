"""A process that delivers and is given other settings, to be killed at any moment.

Started with its folder, how many plays to add, and the settings' file to begin with. Each line of its input is another
file: it is applied, and then a word is said. At the end of the input it delivers what is left, and shows its account.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from agent.config.files import load
from tests.support.configuration import MACHINE
from tests.support.serving import COLLECT, Serving, wait_for

APPLIED = "applied"


def main() -> None:
    """Live until the input ends."""
    folder, plays, first = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    kiosk = Serving(folder, load(first, environment={}, machine=MACHINE).settings)
    kiosk.start()
    if plays:
        kiosk.play(plays)
    print(APPLIED, flush=True)
    for line in sys.stdin:
        kiosk.apply(load(Path(line.strip()), environment={}, machine=MACHINE).settings)
        print(APPLIED, flush=True)
    wait_for(lambda: kiosk.account().depth == 0 or not kiosk.account().enabled)
    found = kiosk.account(COLLECT)
    kiosk.close()
    print(json.dumps({**asdict(found), "passed": dict(found.passed)}, default=str), flush=True)


if __name__ == "__main__":
    main()
