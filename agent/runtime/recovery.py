"""What a process finds at its start of the one before it: the tracker's memory, and a play that was left open.

Contract: `restore_tracker` gives the tracker as it was left; `recover` gives the records that close the play which an
earlier process left open: the first ones to be written. A play that goes on in a player of its own (`goes_on`: the
director awaits it) is left open, and the recorder knows again whose it is.
Rules: a checkpoint that cannot be read costs the open play, never the start, and no session's id is given twice.
Reasons: house rule 9; decision 32.
"""

from collections.abc import Sequence

import structlog

from agent.kernel.checkpoint import CheckpointError
from agent.kernel.playback import Memory
from agent.kernel.records import Record
from agent.kernel.session import SessionTracker
from agent.outbox.store import Outbox
from agent.runtime.journal import PLAY, TRACKER
from agent.runtime.reboots import ANCHOR
from agent.runtime.recorder import Anchor, Recorder

log = structlog.get_logger()


def restore_tracker(outbox: Outbox, milestones: Sequence[float], *, heartbeat: bool = False) -> SessionTracker:
    """The tracker as the last process left it; a fresh one, with a log line, where its checkpoint cannot be read.

    A fresh one counts its sessions from the number of events ever logged: each session had at least one, so no
    session's id is given twice.
    """
    text = outbox.state(TRACKER) or ""
    try:
        return SessionTracker.restore(text, milestones=milestones, heartbeat=heartbeat)
    except CheckpointError as error:
        log.error("tracker checkpoint unreadable, starting anew", error=str(error))
        memory = Memory(sessions=outbox.statistics().newest)
        return SessionTracker(milestones=milestones, memory=memory, heartbeat=heartbeat)


def recover(outbox: Outbox, tracker: SessionTracker, recorder: Recorder, *, goes_on: bool = False) -> list[Record]:
    """Close the play that an earlier process left open, at its last known position and time: what is to be written.

    Not written here: a disk that is full at the start must not keep the screen black.
    """
    recorder.remember(outbox.state(PLAY) or "")
    try:
        anchor = Anchor.read(outbox.state(ANCHOR) or "")
    except ValueError as error:
        if tracker.interrupt(None):
            log.error("a play that was cut short cannot be closed", error=str(error))
        return []
    if goes_on:
        recorder.resume(anchor, tracker.sessions)
        return []
    return recorder.recovered(tracker.interrupt(None), anchor)
