"""Sends stats events with Kaltura's own client library, for comparison: one by one, or by its multirequest.

Contract: prints one JSON line: how many, and in how many seconds. Run by tools/bench/drain.py with the Python of a
temporary environment that has PyPI's KalturaApiClient; that library is AGPL, nothing of it belongs to this project, and
nothing here is imported by it.
"""

import argparse
import json
import time

from KalturaClient import KalturaClient, KalturaConfiguration  # type: ignore[import-not-found]
from KalturaClient.Plugins.Core import KalturaStatsEvent  # type: ignore[import-not-found]


def event(number: int) -> "KalturaStatsEvent":
    """An event with the fields that kiosk-agent sends; each is another one, as the service caches."""
    made = KalturaStatsEvent()
    made.partnerId = 102
    made.entryId = "0_abcd1234"
    made.eventType = 3
    made.sessionId = f"bench-{number}"
    made.eventTimestamp = 1_795_000_000 + number
    made.clientVer = "kiosk-agent/bench"
    made.referrer = "kiosk://device-001"
    made.currentPoint = 12
    made.duration = 60
    made.seek = False
    return made


def main() -> None:
    """Send and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", required=True, help="the collector's host, without /api_v3")
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--batch", type=int, default=1, help="events a multirequest; 1 sends one by one")
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    configuration = KalturaConfiguration()
    configuration.serviceUrl = options.url
    client = KalturaClient(configuration)
    numbers = range(options.first, options.first + options.events)
    began = time.perf_counter()
    if options.batch == 1:
        for number in numbers:
            assert client.stats.collect(event(number))
    else:
        for at in range(0, len(numbers), options.batch):
            portion = numbers[at : at + options.batch]
            client.startMultiRequest()
            for number in portion:
                client.stats.collect(event(number))
            assert ["1"] * len(portion) == client.doMultiRequest()
    print(json.dumps({"messages": options.events, "seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
