"""A program that looks like `kiosk-agent run` to the demo: posts what a pass of the list gives, at once, and answers.

    pretend_agent.py [--fault NAME] run --config FILE --state-dir DIR

Faults: `loses` never sends the first 50 %, `doubles` sends each PLAY twice, `dies` ends after the first item,
`lies` claims one delivery more than there was, `waits` keeps its last event.
"""

import argparse
import itertools
import sys
import threading
import time
import tomllib
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.agents import answering

GENERATION = str(uuid.UUID(int=7))
LENGTH_S = 8
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Pretender:
    """Sends and counts."""

    def __init__(self, config: dict[str, Any], fault: str) -> None:
        self._config = config
        self._fault = fault
        self._sequence = itertools.count(1)
        self.delivered = 0
        self.waiting = 0
        self.is_through = threading.Event()

    def play(self) -> None:
        for index, item in enumerate(self._config["player"]["playlist"]):
            session = str(uuid.uuid4())
            for number in range(1, 8):
                self._happen(number, item["entry_id"], session)
            if self._fault == "dies" and index == 0:
                print("the reason why it died", file=sys.stderr, flush=True)
                return
        self.is_through.set()

    def _happen(self, number: int, entry: str, session: str) -> None:
        if self._fault == "loses" and number == 5:
            return
        last = self._config["player"]["playlist"][-1]["entry_id"]
        if self._fault == "waits" and number == 7 and entry == last:
            self.waiting += 1
            return
        sequence = next(self._sequence)
        for attempt in range(2 if self._fault == "doubles" and number == 3 else 1):
            self._post(number, entry, session, sequence, attempt)
        self.delivered += 1

    def _post(self, number: int, entry: str, session: str, sequence: int, attempt: int) -> None:
        fields = {
            "event[objectType]": "KalturaStatsEvent",
            "event[eventType]": number,
            "event[entryId]": entry,
            "event[sessionId]": session,
            "event[partnerId]": self._config["kaltura"]["partner_id"],
            "event[referrer]": f"kiosk://{self._config['device']['id']}",
            "event[eventTimestamp]": int(time.time()),
            "event[duration]": LENGTH_S,
            "event[currentPoint]": max(number - 3, 0) * LENGTH_S // 4,
            "eventId": f"{GENERATION}-{sequence}-0",
            "attempt": attempt,
            "format": 1,
        }
        url = f"{self._config['kaltura']['service_url']}/service/stats/action/collect"
        _DIRECT.open(url, urllib.parse.urlencode(fields).encode(), timeout=60).close()

    def answer(self, call: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        if call != "status":
            return {"ok": None}
        delivered = self.delivered + (1 if self._fault == "lies" else 0)
        state = "idle" if self.is_through.is_set() else "playing"
        return {
            "ok": {
                "player": {"state": state},
                "sinks": [{"name": "stats.collect", "delivered": delivered, "depth": self.waiting}],
            }
        }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", default="")
    parser.add_argument("command")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--state-dir", type=Path)
    options = parser.parse_args()
    options.state_dir.mkdir(parents=True, exist_ok=True)
    pretender = Pretender(tomllib.loads(options.config.read_text()), options.fault)
    with answering(options.state_dir, pretender.answer):
        pretender.play()
        if not pretender.is_through.is_set():
            return 3
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
