"""The agent, which starts itself again after an orderly end where a file `again` lies in its state folder.

Contract: `python -m tests.support.restarting_agent CONFIG STATE_DIR`; the file is taken away first.
"""

import sys
from pathlib import Path

from agent.runtime import life
from agent.runtime.again import start_again
from agent.runtime.clock import boottime


def main() -> int:
    """The exit status, as the agent's."""
    config, state = (Path(argument) for argument in sys.argv[1:])
    status = life.run(config, state)
    wanted = state / "again"
    if status == 0 and wanted.exists():
        wanted.unlink()
        start_again(boottime())
    return status


if __name__ == "__main__":
    sys.exit(main())
