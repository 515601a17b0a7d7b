"""A disk that fails when told to, for one folder of a process: errors, read-only, slow (faults.c)."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("faults.c")


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk on which `folder` is. `environment`: what a process needs in order to meet it."""

    folder: Path
    flag: Path
    library: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAULTS_UNDER": str(self.folder.resolve()),
            "FAULTS_FLAG": str(self.flag),
        }

    def fail(self) -> None:
        """Nothing can be read or written any more."""
        self._say("e")

    def wear_out(self) -> None:
        """Nothing can be written any more; what is there can be read."""
        self._say("w")

    def be_read_only(self) -> None:
        """As after `mount -o remount,ro`, which the kernel does by itself when a card fails."""
        self._say("r")

    def be_slow(self, milliseconds: int) -> None:
        """Each flush takes so long."""
        self._say(f"s{milliseconds}")

    def recover(self) -> None:
        """All is well again."""
        self.flag.unlink(missing_ok=True)

    def _say(self, word: str) -> None:
        fresh = self.flag.with_suffix(".new")
        fresh.write_text(word)
        fresh.rename(self.flag)


def disk(folder: Path, work: Path) -> Disk:
    """The disk of `folder`; `work` is a folder on another one. Skips where no C compiler is."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no gcc here to build the failing disk with")
    library = work / "faults.so"
    if not library.exists():
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    return Disk(folder, work / "disk-says", library)
