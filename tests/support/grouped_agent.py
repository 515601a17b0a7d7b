"""kiosk-agent whose socket for player hosts is for another group, since a machine of tests has none of that name.

python -m tests.support.grouped_agent GROUP ARGUMENTS-OF-KIOSK-AGENT...
"""

import sys

from agent.cli.main import kiosk_agent
from agent.runtime import assembly

if __name__ == "__main__":
    assembly.PLAYER_GROUP = sys.argv.pop(1)
    kiosk_agent()
