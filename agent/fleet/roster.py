"""The devices, read whole although a broker may hold some back.

Contract: `device_topics` are where devices tell of themselves; `complete` asks by name for what is missing in a roll,
and answers whether the broker had held it back.
Rules: a broker gives a subscriber only so much at once (mosquitto: max_queued_messages, 1,000 by itself) and drops the
rest without a word. A device of which half came, whose other half is there when it is asked for, proves that.
Reasons: measured with mosquitto 2.0.11: 1,032 of 10,000 retained messages came, and all 10,000 with a limit of 20,000.
"""

from agent.fleet.desk import Desk
from agent.fleet.reading import QUIET_S, snapshot
from agent.fleet.sighting import Roll
from agent.remote.topics import Device, Level, Topics

# Topics of one subscription; far below what any broker gives at once.
AT_ONCE = 200

HELD_BACK = (
    "The broker holds messages back: devices may be missing here. Raise max_queued_messages in mosquitto.conf above "
    "twice the number of devices."
)


def device_topics(topics: Topics, level: Level) -> list[str]:
    """Where the devices of a level tell of themselves."""
    name = level.id if isinstance(level, Device) else "+"
    return [f"{topics.root}/device/{name}/presence", f"{topics.root}/device/{name}/state"]


def complete(desk: Desk, topics: Topics, roll: Roll) -> bool:
    """Read the missing halves into `roll`; whether there were any to be had."""
    halves = [
        topics.presence(each.id) if each.presence is None else topics.state(each.id)
        for each in roll.devices.values()
        if each.presence is None or not each.state
    ]
    is_held_back = False
    for begin in range(0, len(halves), AT_ONCE):
        for topic, payload in snapshot(desk, halves[begin : begin + AT_ONCE], first=QUIET_S).items():
            roll.take(topic, payload)
            is_held_back = True
    return is_held_back
