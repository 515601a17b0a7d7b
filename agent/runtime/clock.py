"""The one caller of the system's clocks.

Contract: `SystemClock.now()` reads both clocks and the kernel's word on synchronisation; it never raises.
Rules: CLOCK_BOOTTIME goes on while the machine is suspended and is shared by all processes of a boot, so the player
host's stamps and ours compare (decision 21).
"""

import ctypes
import ctypes.util
import time
from collections.abc import Callable
from pathlib import Path

from agent.kernel.instants import Instant

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# adjtimex() answers TIME_ERROR (5) while the kernel's clock is not disciplined by NTP; reading needs no privilege.
_TIME_ERROR = 5
# struct timex is 208 bytes on 64-bit and 128 on 32-bit machines; modes = 0 (all zero) only reads.
_TIMEX_BYTES = 512


def _adjtimex() -> Callable[[ctypes.Array[ctypes.c_char]], int] | None:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        function: Callable[[ctypes.Array[ctypes.c_char]], int] = libc.adjtimex
        return function
    except (OSError, AttributeError):
        return None


def boottime() -> float:
    """Seconds since this boot, suspended time included: for deadlines of whoever has no clock passed to it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SystemClock:
    """The machine's clocks. One object serves the whole process, from any thread."""

    def __init__(self) -> None:
        self._boot_id = BOOT_ID.read_text(encoding="ascii").strip()
        self._adjtimex = _adjtimex()

    def now(self) -> Instant:
        return Instant(
            boot_id=self._boot_id,
            boottime=boottime(),
            wall=time.time(),
            synced=self.synchronised(),
        )

    def synchronised(self) -> bool:
        """Whether the kernel says that the wall clock follows a time source."""
        if self._adjtimex is None:
            return False
        answer = self._adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
        return 0 <= answer < _TIME_ERROR
