"""`kiosk-fleet remove`: clears what the broker keeps of a retired device.

Contract: exit 0: nothing is kept of it any more; 1: there was nothing, or the broker refused.
Rules: presence, state, document and history go. A device that is there is asked about once more: it reports itself
again as soon as anything changes, so its credentials must be taken away first.
"""

import click

from agent.fleet.exits import Exit
from agent.fleet.office import Office, operated
from agent.fleet.reading import snapshot
from agent.fleet.sighting import Roll
from agent.fleet.targets import named
from agent.fleet.words import count
from agent.remote.line import Outgoing


@click.command(short_help="Clear what the broker keeps of a retired device.")
@click.option("--device", metavar="ID", required=True, help="The device.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@operated
def remove(office: Office, *, device: str) -> Exit:
    """Clear what the broker keeps of a retired device: its presence, state, document and history.

    Take its user out of the broker first, or it will come back.
    """
    level = named(f"device/{device}")
    found = snapshot(office.desk, [f"{office.topics.root}/{level}/#"])
    if not found:
        office.console.answer(
            {"ok": False, "device": device, "cleared": []}, [f"The broker keeps nothing of {device}."]
        )
        return Exit.FAILED
    roll = Roll(office.topics)
    for topic, payload in found.items():
        roll.take(topic, payload)
    if device in roll.devices and roll.devices[device].is_online:
        office.console.tell([f"{device} is online: it will report itself again unless its user is taken out first."])
    office.confirm(f"Clear {count(len(found), 'retained message')} of {device}?", roll)
    office.desk.publish(*(Outgoing(topic, b"", retain=True) for topic in found))
    cleared = {"ok": True, "device": device, "cleared": sorted(found)}
    office.console.answer(cleared, [f"Cleared {count(len(found), 'retained message')} of {device}."])
    return Exit.OK
