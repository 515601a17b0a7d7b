"""Check of the folder of copies: is there room for them, and do they stay.

Contract: a finding; None where nothing is cached.
Reasons: agent.player.cache: what the queue may need of the disk is not used for copies.
"""

import os
from pathlib import Path

from agent.config.model import Settings
from agent.outbox.volatility import volatility
from agent.runtime.caching import MIB, folder_of
from agent.runtime.checks.finding import Finding, ok, warn


def cache(settings: Settings, state_dir: Path) -> Finding | None:
    """Whether copies of the media that are to be cached can be kept."""
    if not any(item.cache for item in settings.player.playlist):
        return None
    folder = folder_of(settings.player, state_dir)
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), Path("/"))
    try:
        disk, reason = os.statvfs(there), volatility(there)
    except OSError as error:
        text = f"{folder} cannot be looked at: {(error.strerror or str(error)).lower()}"
        return warn("cache", text, "Name another folder in player.cache.dir.")
    if reason is not None:
        remedy = "Set player.cache.dir to a folder on a partition that stays."
        return warn("cache", f"{folder} {reason}: after a restart of the machine all is fetched again", remedy)
    free = disk.f_bavail * disk.f_frsize // MIB
    kept = sum(entry.stat().st_size for entry in folder.iterdir() if entry.is_file()) // MIB if folder.is_dir() else 0
    if free + kept < settings.player.cache.max_mib:
        text = f"{free} MiB are free for copies of up to {settings.player.cache.max_mib} MiB"
        return warn("cache", text, "Set a smaller player.cache.max_mib, or another player.cache.dir.")
    return ok("cache", f"{folder} has room: {free} MiB are free, {kept} MiB are kept")
