"""The one caller of the system's clocks.

Contract: `SystemClock.now()` reads both clocks and the kernel's word on synchronisation; it never raises.
Rules: CLOCK_BOOTTIME goes on while the machine is suspended and is shared by all processes of a boot, so the player
host's stamps and ours compare (decision 21).
Whether the wall clock follows a time source is the kernel's word (adjtimex), which all of them give it:
systemd-timesyncd, ntpd and ntpsec with each correction, chronyd where its configuration has `rtcsync`, as Debian's has.
chronyd leaves no other sign that can be read without its privileges. The kernel takes the word back when somebody sets
the clock by hand, and some nine hours after the last correction; what was known then stays known (agent.kernel.boots).
Only where the kernel may not be asked (a unit with ProtectClock=yes, a strict container) systemd-timesyncd's own sign
counts: a file that is made at the first correction of a boot. It is not removed when a clock is set by hand, so the
kernel's no is believed before it.
"""

import ctypes
import ctypes.util
import time
from collections.abc import Callable
from pathlib import Path

from agent.kernel.instants import Instant

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# systemd-timesyncd(8): touched on each successful synchronisation; /run begins empty in each boot.
TIMESYNC_SIGN = Path("/run/systemd/timesync/synchronized")
# The sign is looked at this often: the clock is read some times a second.
_SIGN_EVERY_S = 5.0

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

    def __init__(self, sign: Path = TIMESYNC_SIGN) -> None:
        self._sign = sign
        self._sign_seen = False
        self._sign_due = 0.0
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
        """Whether the wall clock follows a time source, as far as that can be known."""
        if self._adjtimex is not None:
            answer = self._adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
            if answer >= 0:
                return answer < _TIME_ERROR
        return self._has_sign()

    def _has_sign(self) -> bool:
        now = boottime()
        if now >= self._sign_due:
            self._sign_due = now + _SIGN_EVERY_S
            try:
                self._sign_seen = self._sign.exists()
            except OSError:
                self._sign_seen = False
        return self._sign_seen
