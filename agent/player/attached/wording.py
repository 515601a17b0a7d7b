"""What kiosk-attach says to whoever starts it by hand, or looks at its unit: in words, with what helps.

Contract: `found` says what was found of VLC, `unreached` why there is no way to the agent. Pure but for the name of a
user.
"""

import errno
import os
from pathlib import Path

from agent.player.attached.address import user
from agent.player.attached.source import Attachment


def found(attachment: Attachment) -> str:
    """Which VLC is followed, or why none is; and which others there are."""
    said = attachment.problem or f"follows {attachment.name}"
    others = ", ".join(attachment.others)
    return f"{said} (there, and not followed: {others})" if others else said


def reached(path: Path) -> str:
    """The agent answers at `path`."""
    return f"connected with kiosk-agent at {path}"


def unreached(path: Path, why: int | None) -> str:
    """`why`: the error number of the call; None where the agent was there and has hung up."""
    match why:
        case None:
            said = f"hung up at {path}: it was stopped, or is of another version than kiosk-attach"
        case errno.ENOENT:
            said = (
                f'has no socket {path}: start it with player.source = "mpris" or "http"; one that was started by hand '
                "has it in its state folder, which --socket names"
            )
        case errno.ECONNREFUSED:
            said = f"does not listen at {path}: start it"
        case errno.EACCES | errno.EPERM:
            name = user(os.geteuid())
            said = (
                f"has a socket that user {name} may not use, {path}: sudo adduser {name} kiosk-player, and log in anew"
            )
        case _:
            said = f"cannot be reached at {path}: {os.strerror(why)}"
    return f"kiosk-agent {said}"
