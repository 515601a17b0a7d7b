"""Is this kiosk fine? The one judgement that `status`, the healthcheck, `doctor` and the metrics share.

Contract: `judge(status)` answers a `Judgement` of what `status` says (agent.runtime.status); pure. Every part may be
missing, and unknown ones are ignored: a command of one version may judge an agent of another.
Rules: FAILING means that the kiosk does not do its work and will not by itself: no picture, nothing delivered until
somebody acts, events that are lost. DEGRADED means that it works and somebody should look. Being offline is what a
kiosk is made for: it is DEGRADED after a day, and never FAILING. What lasts a moment is no reason.
Reasons: decision 22 and house rule 10 (offline is not unhealthy); systemd/health.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from agent.kernel.release import BUILD_EPOCH
from agent.runtime.health.reasons import Kind, Part, Reason, Verdict, degraded, duration, number, part, parts, text
from agent.runtime.health.reporting import OFFLINE_S, reporting
from agent.runtime.health.screen import screen

CLOCK_S: Final = 3600.0
"""Of uptime: a router that starts as late as the kiosk has found its time by then."""
HOT_C: Final = 80.0
"""Above this a Raspberry Pi slows itself down."""
LITTLE_DISK: Final = 0.05

# A line that is merely away comes back; these wait for a person.
_BROKER_NEEDS_SOMEBODY: Final = ("credentials", "refused", "tls", "taken-over")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reasons`: why it is not fine, the worst first; none where it is."""

    reasons: tuple[Reason, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of its reasons."""
        return max((reason.verdict for reason in self.reasons), key=lambda each: each.rank, default=Verdict.FINE)

    def record(self) -> dict[str, Any]:
        """For machines."""
        reasons = [
            {"verdict": each.verdict.value, "kind": each.kind.value, "text": each.text, "remedy": each.remedy}
            for each in self.reasons
        ]
        return {"verdict": self.verdict.value, "reasons": reasons}


def judge(status: Part) -> Judgement:
    """The judgement of one status."""
    kinds = list(Kind)
    found = chain(screen(status), reporting(status), _clock(status), _broker(status), _rest(status))
    return Judgement(tuple(sorted(found, key=lambda each: (-each.verdict.rank, kinds.index(each.kind)))))


def _clock(status: Part) -> Iterator[Reason]:
    clock, uptime = part(status, "clock"), number(status, "uptime_s") or 0.0
    wall = number(clock, "wall")
    if uptime < CLOCK_S or clock.get("synced") is not False or wall is None:
        return
    wrong = ", and reads a time before this program was made" if wall < BUILD_EPOCH else ""
    yield degraded(
        Kind.CLOCK,
        f"the clock is not synchronised after {duration(uptime)}{wrong}",
        "Let the machine find a time server (timedatectl); kiosk-agent doctor says more.",
    )


def _broker(status: Part) -> Iterator[Reason]:
    remote = part(status, "remote")
    if not text(remote, "url"):
        return
    if remote.get("disputed"):
        yield degraded(
            Kind.DUPLICATE,
            "another machine comes to the broker as this device",
            "Give one of the two another device.id and its own credentials.",
        )
    trouble, why = text(remote, "trouble"), text(remote, "text") or "no reason given"
    wall, since = number(part(status, "clock"), "wall"), number(remote, "since_wall")
    lasts = 0.0 if wall is None or since is None else wall - since
    if remote.get("online") is False and trouble in _BROKER_NEEDS_SOMEBODY:
        yield degraded(Kind.BROKER, f"the broker refuses this kiosk: {why}", "kiosk-agent doctor says what helps.")
    elif remote.get("online") is False and lasts >= OFFLINE_S:
        said = f"the broker has not been reached for {duration(lasts)}: {why}"
        yield degraded(Kind.BROKER, said, "The kiosk goes on by itself; check the network.")
    config = part(remote, "config")
    levels = "kiosk-agent status --long shows the problems; publish a higher revision."
    match text(config, "state"):
        case "refused":
            yield degraded(Kind.CONFIGURATION, "a document of the fleet was refused", levels)
        case "returned":
            reason = text(part(config, "returned"), "reason") or "no reason given"
            said = f"went back to the last good configuration: {reason}"
            yield degraded(Kind.CONFIGURATION, said, levels)
    broken = text(config, "broken")
    if broken is not None:
        yield degraded(Kind.CONFIGURATION, broken, levels)


def _rest(status: Part) -> Iterator[Reason]:
    safe = part(status, "safe_mode")
    if safe.get("on"):
        why = text(safe, "why") or "the agent crashed again and again"
        yield degraded(
            Kind.SAFE_MODE,
            f"the agent runs in its safe mode: {why}",
            "See what it crashed of (journalctl -u kiosk-agent -p err); a changed configuration ends the safe mode.",
        )
    elif (unusable := text(safe, "configuration")) is not None:
        yield degraded(
            Kind.CONFIGURATION,
            f"the last good configuration is in force: {unusable}",
            "Correct the file (kiosk-agent config check names everything); the agent takes it up by itself.",
        )
    for door in parts(part(status, "intake"), "shut"):
        problem = text(door, "problem") or "an intake is shut"
        yield degraded(Kind.INTAKE, f"applications are not heard: {problem}", text(door, "remedy") or "See the log.")
    machine = part(status, "machine")
    if machine.get("under_voltage"):
        yield degraded(
            Kind.UNDER_VOLTAGE,
            "the power supply is too weak (under-voltage since the boot)",
            "Use the supply and the cable that the board's maker names, and take USB devices off it.",
        )
    heat = number(machine, "temperature_c")
    if heat is not None and heat >= HOT_C:
        yield degraded(Kind.HOT, f"the processor has {heat:.0f} °C and slows down", "Give the box air or a heat sink.")
    free, size = number(machine, "disk_free_bytes"), number(machine, "disk_bytes")
    if free is not None and size and free < size * LITTLE_DISK:
        said = f"the disk is {100 - 100 * max(free, 0.0) / size:.0f} % full"
        yield degraded(Kind.LITTLE_DISK, said, "Free space on the state folder's file system (df -h).")
