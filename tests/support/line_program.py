"""A device as a process of its own, to be killed: says what it hears, a line each, and acknowledges or does not.

Arguments: port, password file, "take" or "leave", seconds between two signs of life.
"""

import sys
import threading
import time
from pathlib import Path

from agent.remote.brokerline import BrokerLine
from agent.remote.letters import Arrived, Letter
from agent.remote.line import Terms
from agent.remote.settings import BrokerSettings
from tests.support.lines import COMMAND, DEVICE, WILL


def main(port: str, password_file: str, what: str, keepalive_s: str) -> None:
    """Run until killed."""
    settings = BrokerSettings(
        url=f"mqtt://127.0.0.1:{port}",
        client_id=DEVICE,
        user=DEVICE,
        password_file=Path(password_file),
        keepalive_s=int(keepalive_s),
    )

    def put(letter: Letter) -> None:
        if isinstance(letter, Arrived) and what == "take":
            line.acknowledge(letter.run, letter.mid, letter.qos)
        print(type(letter).__name__, letter.payload.decode() if isinstance(letter, Arrived) else "", flush=True)

    line = BrokerLine(settings, lambda run: Terms(WILL, [COMMAND]), put=put, now=time.monotonic, chance=lambda: 0.0)
    thread = threading.Thread(target=line.run)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
