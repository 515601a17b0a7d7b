"""What a simulated device has played: made up when it is asked for.

Contract: `MadeUp` is a ledger (agent.runtime.reporting.lines) of so many lines; the same device always has the same.
Rules: a clip of half a minute follows the other, of five entries in turn. Each tenth is skipped, each twentieth has no
entry, each fiftieth an estimated time.
"""

from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.plays import ChainHead, Delivered, Play, PlayFacts, Verified

BEGAN = 1_790_000_000.0
CLIP_S = 30.0


class MadeUp:
    """The ledger of `device`."""

    def __init__(self, device: str, lines: int) -> None:
        self.generation = device
        self._lines = lines

    def plays(self, after: int = 0, limit: int = 100) -> list[Play]:
        return [self._play(number) for number in range(after + 1, min(after + limit, self._lines) + 1)]

    def play_chain(self) -> ChainHead:
        return ChainHead(self._lines, f"{self._lines:064x}", 1)

    def verify_plays_slice(self, seen: Verified) -> Verified:
        return Verified(self._lines, f"{self._lines:064x}", seen.faults, is_over=True)

    def _play(self, number: int) -> Play:
        began, clip = BEGAN + number * CLIP_S, number % 5
        is_skipped, has_entry = number % 10 == 0, number % 20 != 0
        facts = PlayFacts(
            session=f"{self.generation}-{number}",
            item=f"file:///srv/media/{clip}.mp4",
            entry_id=f"0_clip{clip}" if has_entry else None,
            boot_id=self.generation,
            began=number * CLIP_S,
            ended=(number + 1) * CLIP_S,
            is_started=True,
            played=7.125 if is_skipped else 29.97,
            duration=CLIP_S,
            is_complete=not is_skipped,
            ending=Ending.SKIPPED if is_skipped else Ending.COMPLETED,
            shown=Shown.OFF if number % 30 == 0 else Shown.ON,
            dark_s=CLIP_S if number % 30 == 0 else 0.0,
            is_left_out=False,
            last=number * 7,
        )
        delivered = (Delivered("stats.collect", began + 900.0),) if has_entry else ()
        return Play(number, facts, began, began + CLIP_S, number % 50 == 0, delivered)
