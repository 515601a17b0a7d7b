"""A screen of its own for a test: an X server without a monitor, and what is seen on it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

WIDTH, HEIGHT = 640, 360


class Screen:
    """`display`: what DISPLAY must be for it. `pid`: the server's process."""

    def __init__(self, display: str, pid: int) -> None:
        self.display = display
        self.pid = pid

    def count(self, *, red: bool) -> int:
        """How many pixels are plainly red, or plainly blue."""
        size = ("-video_size", f"{WIDTH}x{HEIGHT}")
        command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "x11grab", *size, "-i", self.display]
        output = ("-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
        pixels = subprocess.run([*command, *output], check=True, capture_output=True, timeout=60).stdout
        wanted, other = (0, 2) if red else (2, 0)
        return sum(
            pixels[at + wanted] > 200 and pixels[at + other] < 60 for at in range(0, len(pixels) - len(pixels) % 3, 3)
        )


@contextmanager
def screen() -> Iterator[Screen]:
    """An X server that nobody else uses; the test is skipped where there is none to start."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed: what is drawn cannot be seen")
    ours, theirs = os.pipe()
    command = [server, "-displayfd", str(theirs), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[theirs], stderr=subprocess.DEVNULL)
    os.close(theirs)
    try:
        with os.fdopen(ours) as number:
            yield Screen(f":{number.readline().strip()}", process.pid)
    finally:
        process.terminate()
        process.wait(30)
