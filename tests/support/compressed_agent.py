"""`kiosk-agent` for which the pauses between two connections with the broker are short: a soak's years are minutes.

    compressed_agent.py run --config FILE --state-dir DIR

All else is as it is. A connection that stood for a moment counts as one that stood for a minute.
"""

from agent.cli.main import main
from agent.kernel.backoff import Pace
from agent.remote import reconnect

reconnect.FIRST_S = 0.2  # type: ignore[misc]
reconnect.AGAIN_S = 0.2  # type: ignore[misc]
reconnect.STEADY_S = 0.0  # type: ignore[misc]
reconnect._USUAL = Pace(quick=(), base=0.1, ceiling=0.5)  # type: ignore[misc]

if __name__ == "__main__":
    main()
