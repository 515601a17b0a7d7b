"""The sample clips: test patterns with sound, made by ffmpeg once.

Contract: `make(folder, tell)` makes those that are not there; `length_s(path)` asks ffprobe how long a medium is.

Rules: a clip appears under its name only when it is whole, so that an interrupted run leaves nothing broken behind.
Their length makes every quarter a whole second, so that a person sees round numbers.
"""

import contextlib
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.demo.failure import DemoError

LENGTH_S = 8
_MAKE_WITHIN_S = 120.0  # a Raspberry Pi Zero needs about ten seconds
_PROBE_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip's file name, ffmpeg's source of its picture, and its tone in hertz."""

    name: str
    picture: str
    tone_hz: int


CLIPS = (
    Clip("welcome.mp4", "testsrc2=size=640x360:rate=25", 330),
    Clip("lobby.mp4", "smptehdbars=size=640x360:rate=25", 440),
    Clip("goodbye.mp4", "mandelbrot=size=640x360:rate=25", 550),
)


def make(folder: Path, tell: Callable[[str], None], *, seconds: int = LENGTH_S) -> None:
    """Make the clips that are missing in `folder`. Raises DemoError where ffmpeg cannot."""
    missing = [clip for clip in CLIPS if not (folder / clip.name).exists()]
    if missing:
        tell(f"making {len(missing)} sample clips of {seconds} s with ffmpeg, once")
        folder.mkdir(parents=True, exist_ok=True)
    for clip in missing:
        _make(clip, folder, seconds)


def length_s(path: Path) -> float | None:
    """How long the medium is, in seconds; None where that cannot be found out."""
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_WITHIN_S, check=True)
        return float(done.stdout)
    return None


def _make(clip: Clip, folder: Path, seconds: int) -> None:
    part = folder / f"part-{os.getpid()}-{clip.name}"  # two demos may make them at once
    command = [
        *("ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"),
        *("-f", "lavfi", "-i", clip.picture),
        *("-f", "lavfi", "-i", f"sine=frequency={clip.tone_hz}:beep_factor=2"),
        *("-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"),
        *("-c:a", "aac", "-af", "volume=0.2", "-movflags", "+faststart", str(part)),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_MAKE_WITHIN_S, check=False)
        if done.returncode:
            raise DemoError(f"ffmpeg could not make {clip.name}:", done.stderr.splitlines()[-10:])
        part.replace(folder / clip.name)
    except (OSError, subprocess.SubprocessError) as error:
        raise DemoError(f"ffmpeg could not make {clip.name}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
