"""A burst of what applications tell: taken or refused with a reason, none lost, by a real agent."""

import threading
from pathlib import Path

import pytest

from tests.support import media
from tests.support.applications import Application
from tests.support.kiosks import Clip, Kiosk

pytestmark = pytest.mark.all

APPLICATIONS, EACH = 10, 1_000
LIMITS = "[intake]\nrate = 2000.0\nburst = 2000\n"


def test_burst_of_ten_thousand_is_taken_or_refused_and_none_is_lost(tmp_path: Path) -> None:
    """An application that runs wild, or a queue at the door: whoever was told yes finds each event after a crash."""
    agent = Kiosk(tmp_path, "http://127.0.0.1:9", [Clip(media.clip(12.0), "0_abcd1234")], player="loop = true")
    agent.config.write_text(agent.config.read_text() + LIMITS)
    promised: list[str] = []
    refused: list[str] = []

    def burst() -> None:
        with Application(agent.state) as app:
            lines = b"".join(b'{"type":"button","button_name":"%d"}\n' % number for number in range(EACH))
            teller = threading.Thread(target=app.send, args=(lines,))
            teller.start()
            for _ in range(EACH):
                answer = app.answer()
                if "ok" in answer:
                    promised.append(answer["ok"]["id"])
                else:
                    refused.append(answer["error"]["reason"])
            teller.join()

    try:
        agent.start()
        agent.wait(lambda status: status["ready"])
        threads = [threading.Thread(target=burst) for _ in range(APPLICATIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        agent.kill()
        assert APPLICATIONS * EACH == len(promised) + len(refused)
        assert set(refused) <= {"throttled"}
        kept = [f"{generation}-{sequence}-0" for name, generation, sequence in agent.committed() if name == "button"]
        assert sorted(promised) == sorted(kept)
        assert len(promised) >= 2_000
    finally:
        agent.close()
