"""Whether a folder forgets everything at the next boot.

Contract: `volatility` names the reason in words for a person, or returns None for storage that stays.
Reasons: decision 30; Raspberry Pi OS's read-only mode puts an overlay over the card, and a queue there is lost.
"""

from pathlib import Path

VOLATILE = {
    "tmpfs": "is in memory (tmpfs)",
    "ramfs": "is in memory (ramfs)",
    "overlay": "is on an overlay, which is usually in memory",
    "overlayfs": "is on an overlay, which is usually in memory",
    "aufs": "is on an overlay, which is usually in memory",
    "squashfs": "is on a read-only image (squashfs)",
}


def volatility(folder: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> str | None:
    """Why what is kept in `folder` will be gone after a power cut, or None. Raises OSError."""
    kind = _filesystem(folder.resolve(), mountinfo.read_text(encoding="utf-8", errors="surrogateescape"))
    reason = VOLATILE.get(kind)
    return None if reason is None else f"{folder} {reason}"


def _filesystem(folder: Path, mountinfo: str) -> str:
    """The type of the file system that `folder` is on (proc(5)); the last mount on the longest path wins."""
    kind, longest = "", -1
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        # The kernel writes blanks and backslashes as octal escapes.
        point = Path(fields[4].encode("latin-1", "surrogateescape").decode("unicode_escape"))
        if folder.is_relative_to(point) and len(point.parts) >= longest:
            kind, longest = after.split(" ")[0], len(point.parts)
    return kind
