"""The facts of a kiosk that runs as it should, for tests of what is reported."""

from agent.remote.desired import Desired, Home
from agent.remote.machine import Readings
from agent.remote.reported import About, Facts, Item, Player, Queue, Sink

FACTS = Facts(
    about=About("d1", "Lobby, left screen", "Berlin-Mitte", ("4k", "touch")),
    version="0.1.0",
    session=12,
    wall=1763770000.1234,
    boot_id="a-boot",
    boottime=5000.0,
    uptime=60.0,
    synced=True,
    protocol="5",
    desired=Desired(Home("d1", ("lobby",), "broker")),
    trial=None,
    settings_hash="0123456789ab",
    allow=("kaltura.service_url",),
    broken=None,
    player=Player("playing", Item(1, 3, "https://ana:hunter2@cdn.example.com/a.mp4?token=hunter2", "1_abc"), 12.5),
    queue=Queue(3, 1.5, 4096),
    sinks=(Sink("stats.collect", "sending", depth=3, delivered=100, last_delivery_wall=1763769999.0),),
    counters={"signals": 7},
    machine=Readings(10, 20, 48.312, under_voltage=False),
    report_every_s=300.0,
)
