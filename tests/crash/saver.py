"""Saves the fleet's configuration again and again: `python -m tests.crash.saver FOLDER TIMES`; says each once it is."""

import sys
from dataclasses import replace
from pathlib import Path

from agent.remote.vault import Vault


def main(folder: Path, times: int) -> None:
    """Save `times` times more."""
    vault = Vault(folder)
    stored = vault.load()
    assert stored.broken is None, stored.broken
    for _ in range(times):
        stored = replace(stored, starts=stored.starts + 1)
        vault.save(stored)
        print(stored.starts, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
