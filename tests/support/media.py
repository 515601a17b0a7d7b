"""Small real media, made once by ffmpeg and kept for later runs.

Each recipe has a file named by its hash in a folder of the machine's temporary directory; a recipe that changes makes
another file. Making is atomic, so tests may run side by side.
"""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

_FOLDER = Path(tempfile.gettempdir(), f"kiosk-agent-media-{os.getuid()}")
_VIDEO = "testsrc2=size=160x90:rate=25"


def clip(seconds: float = 3.0) -> Path:
    """A film with sound in MP4, 160 x 90, that can be sought to each half second."""
    return _made(
        "mp4",
        *("-f", "lavfi", "-i", f"{_VIDEO}:duration={seconds}", "-f", "lavfi", "-i", f"sine=440:duration={seconds}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "12", "-c:a", "aac", "-shortest"),
        *("-movflags", "+faststart"),
    )


def transport_stream(seconds: float = 3.0) -> Path:
    """A film with sound as a transport stream, whose length VLC estimates."""
    return _made("ts", "-i", str(clip(seconds)), "-c", "copy", "-bsf:v", "h264_mp4toannexb")


def webm(seconds: float = 3.0) -> Path:
    """A film with sound in WebM."""
    return _made(
        "webm",
        *("-f", "lavfi", "-i", f"{_VIDEO}:duration={seconds}", "-f", "lavfi", "-i", f"sine=440:duration={seconds}"),
        *("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-shortest"),
    )


def silent_clip(seconds: float = 1.0) -> Path:
    """A film without sound."""
    return _made(
        "mp4",
        *("-f", "lavfi", "-i", f"{_VIDEO}:duration={seconds}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "12"),
    )


def tone(seconds: float = 3.0) -> Path:
    """Sound only, in MP3."""
    return _made("mp3", "-f", "lavfi", "-i", f"sine=440:duration={seconds}", "-b:a", "64k")


def headless_mp3(seconds: float = 20.0) -> Path:
    """Sound only, in MP3 of a rate that varies, without the header that says how long it is."""
    return _made("mp3", "-f", "lavfi", "-i", f"sine=440:duration={seconds}", "-q:a", "5", "-write_xing", "0")


def image() -> Path:
    """A still picture, PNG."""
    return _made("png", "-f", "lavfi", "-i", f"{_VIDEO}:duration=1", "-frames:v", "1")


def blue_clip(seconds: float = 6.0) -> Path:
    """A film of nothing but blue, 320 x 180, without sound."""
    recipe = ("-f", "lavfi", "-i", f"color=blue:size=320x180:rate=25:duration={seconds}")
    return _made("mp4", *recipe, *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "12"))


def red_image() -> Path:
    """A red rectangle, 100 x 40, PNG."""
    return _made("png", "-f", "lavfi", "-i", "color=red:size=100x40:duration=1", "-frames:v", "1")


def truncated_clip(seconds: float = 6.0) -> Path:
    """A film of which the second half is missing, as an interrupted download leaves it."""
    whole = clip(seconds).read_bytes()
    return _kept("mp4", whole[: len(whole) // 2])


def blind_clip(seconds: float = 30.0) -> Path:
    """A film whose sound and times are good, and whose pictures no decoder can make anything of."""
    source = clip(seconds)
    return _made("mkv", "-i", str(source), "-c", "copy", "-bsf:v", "noise=amount=1")


def garbage() -> Path:
    """Four KiB that are no film, whatever the name says."""
    return _kept("mp4", b"".join(hashlib.sha256(bytes([count])).digest() for count in range(128)))


def empty() -> Path:
    """A film of no bytes at all."""
    return _kept("mp4", b"")


def _made(extension: str, *recipe: str) -> Path:
    name = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]
    path = _FOLDER / f"{name}.{extension}"
    if not path.exists():
        part = _part(path)
        command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *recipe, str(part)]
        subprocess.run(command, check=True, timeout=170)
        part.replace(path)
    return path


def _kept(extension: str, content: bytes) -> Path:
    path = _FOLDER / f"{hashlib.sha256(content).hexdigest()[:16]}.{extension}"
    if not path.exists():
        part = _part(path)
        part.write_bytes(content)
        part.replace(path)
    return path


def _part(path: Path) -> Path:
    _FOLDER.mkdir(exist_ok=True)
    return path.with_name(f"{path.stem}.{os.getpid()}.part{path.suffix}")
