"""A service that starts in 1970, as a board without a battery-backed clock does, under a real systemd."""

import struct
import time

import pytest

from tests.support.clocks import library, needs_compiler
from tests.support.kiosks import PLAYED
from tests.support.machine_kiosk import AGENT, Kiosk

pytestmark = [pytest.mark.all, needs_compiler, pytest.mark.timeout(1800)]

_SHIFTS = "/srv/clocks/shifts"
_NS = 1_000_000_000
# A clock that is read off an answer is as wrong as the answer was late; decades are what is told apart here.
_CLOSE_S = 30.0


def test_a_service_that_starts_in_1970_dates_its_plays_rightly(kiosk: Kiosk) -> None:
    """No event may reach the reports with a date of the seventies, and none is lost for want of a clock.

    The wall clock is shifted for the service alone, through a library that is preloaded into it; its boot is older than
    the two minutes for which events wait for a time server, so that the collector's answers date them.
    """
    machine = kiosk.machine
    machine.put("/srv/clocks/clock.so", library().read_bytes(), mode=0o755)
    machine.put(_SHIFTS, struct.pack("<qqq", round((60.0 - time.time()) * _NS), 130 * _NS, 0))
    preloaded = f"Environment=LD_PRELOAD=/srv/clocks/clock.so SHIFTED_CLOCK={_SHIFTS}"
    kiosk.drop_in(AGENT, f"[Service]\n{preloaded}\n", name="92-clock")
    began = time.time()
    kiosk.start()
    kiosk.wait_stories(lambda found: PLAYED in [numbers for _, numbers in found], "a whole play arrives")
    ended = time.time()
    told = [float(event["eventTimestamp"]) for event in kiosk.events()]
    assert began - _CLOSE_S <= min(told) and max(told) <= ended + _CLOSE_S
    assert kiosk.status()["clock"]["wall"] < 86_400.0 * 365, "the service itself is still in 1970"
