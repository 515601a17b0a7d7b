"""Every metric of a kiosk: its name, its type, what it says.

Contract: values; `METRICS` has all of them, in the order of the page that is made of it (systemd/health.md). Nothing
else is ever exposed (a test compares).
Rules: names as Prometheus' conventions want them: base units, `_total` for counters, `_info` for texts. Labels have few
values: destinations, states, kinds, reasons and codes; no entry, session, file or viewer.
"""

from agent.service.exposition import Metric, Type


def _counter(name: str, help: str, *labels: str) -> Metric:
    return Metric(f"kiosk_agent_{name}", Type.COUNTER, help, labels)


def _gauge(name: str, help: str, *labels: str) -> Metric:
    return Metric(f"kiosk_agent_{name}", Type.GAUGE, help, labels)


BUILD = _gauge("build_info", "Always 1; which agent runs.", "version", "python")
DEVICE = _gauge("device_info", "Always 1; which kiosk this is.", "device", "name", "site")
STARTED = _gauge("start_time_seconds", "When the agent was started, by the wall clock then.")
UPTIME = _gauge("uptime_seconds", "For how long the agent has run.")
HEALTH = _gauge("health", "1 for the verdict of kiosk-agent status, 0 for the others.", "verdict")
PROBLEM = _gauge("health_problem", "1 for each kind of problem that kiosk-agent status tells of now, else 0.", "kind")
CLOCK_SYNCED = _gauge("clock_synced", "1 while the wall clock is synchronised.")

PLAYER_UP = _gauge("player_up", "1 while the player's process runs and answers.")
PLAYER_STATE = _gauge("player_state", "1 for the state that the player is in, 0 for the others.", "state")
PLAYER_RESTARTS = _counter("player_restarts_total", "Players that died or hung since the agent's start.")
SESSIONS = _counter("player_sessions_total", "Sessions (plays of one item) since the store was made.")
STALLS = _counter("player_stalls_total", "Stalls of the picture, first buffering included, since the agent's start.")
SKIPPED = _counter("player_skipped_total", "Items passed over since the agent's start, by reason.", "reason")

DISPLAY = _gauge("display", "1 for what is known of the screen (on, off, unknown), 0 for the others.", "state")
SCREEN_HOURS = _gauge("display_should_be_on", "1 within the opening hours of the screen, absent while no clock tells.")
LEFT_OUT = _counter("plays_left_out_total", "Plays on a dark screen that nobody is told of, since the agent's start.")

CACHE_WANTED = _gauge("cache_wanted_media", "Media of the list that are to be cached; absent where none is.")
CACHE_HERE = _gauge("cache_here_media", "Of these the ones of which a whole copy is there.")
CACHE_BYTES = _gauge("cache_bytes", "Size of all copies.")
CACHE_BOUND = _gauge("cache_bound_bytes", "The most that they may take.")
CACHE_FETCHED = _counter("cache_fetched_bytes_total", "Bytes that came over the network for copies since the start.")
CACHE = _counter("cache_total", "What became of copies since the agent's start, by outcome.", "outcome")

EVENTS = _counter("events_total", "Events written to the queue since the agent's start, by kind.", "kind")
CREATED = _counter("events_created_total", "Events ever written to this store.")
WRITTEN_BYTES = _counter("written_bytes_total", "Bytes that the agent wrote to its disk since its start.")
WRITTEN_EVENTS = _counter("written_events_total", "Events that those bytes were written for.")
QUEUE_EVENTS = _gauge("queue_events", "Events that wait for the slowest destination.")
QUEUE_BYTES = _gauge("queue_bytes", "Size of the queue's database.")
QUEUE_BOUND = _gauge("queue_bound_bytes", "The most that it may take.")
QUEUE_OLDEST = _gauge("queue_oldest_age_seconds", "How long ago the oldest event that waits happened.")
QUEUE_DROPPED = _counter("queue_dropped_events_total", "Events given up, by reason.", "reason")
QUEUE_ESTIMATED = _counter("queue_estimated_times_total", "Events sent with a time that no synchronised clock gave.")
IN_MEMORY = _gauge("events_in_memory", "Events that wait in memory, since the disk takes none.")
BALANCED = _gauge("books_balanced", "1 while every event ever made is accounted for.")

SINK_STATE = _gauge("sink_state", "1 for the state that the destination is in, 0 for the others.", "sink", "state")
SINK_EVENTS = _gauge("sink_queue_events", "Events that wait for the destination.", "sink")
SINK_OLDEST = _gauge("sink_oldest_age_seconds", "How long ago the oldest of them happened.", "sink")
SINK_LAST = _gauge("sink_last_delivery_timestamp_seconds", "When a message was last accepted.", "sink")
SINK_TRIES = _gauge("sink_failed_tries", "Failures in a row at present.", "sink")
SINK_DELIVERED = _counter("sink_delivered_messages_total", "Messages accepted since the store was made.", "sink")
SINK_RESENT = _counter("sink_resent_messages_total", "Messages sent again, since an answer was lost.", "sink")
SINK_REPEATED = _counter("sink_perhaps_repeated_messages_total", "Messages perhaps sent twice by a restart.", "sink")
SINK_UNVERIFIED = _counter("sink_unverified_messages_total", "Accepted by an answer that says nothing.", "sink")
SINK_BATCHES = _counter("sink_batches_total", "Batches sent since the agent's start.", "sink")
SINK_REFUSED = _counter("sink_refused_messages_total", "Messages refused, by the service's code.", "sink", "code")
SINK_LETTERS = _gauge("sink_dead_letters", "Refused messages that are still kept.", "sink")
SINK_DROPPED = _counter(
    "sink_dropped_events_total", "Events given up for the destination, by reason.", "sink", "reason"
)
SINK_PASSED = _counter("sink_passed_events_total", "Events that it has no message for, by reason.", "sink", "reason")
RENEWALS = _counter("session_renewals_total", "Sessions (KS) started at Kaltura since the agent's start.")

BROKER_UP = _gauge("broker_connected", "1 while the broker's connection stands; absent without a broker.")
BROKER_CONNECTS = _counter("broker_connects_total", "Connections made with the broker since the agent's start.")
INTAKE = _counter("intake_events_total", "What applications told, by outcome.", "outcome")
FAULTS = _counter("faults_total", "What went wrong inside since the agent's start, by kind.", "kind")

TEMPERATURE = _gauge("machine_temperature_celsius", "The processor's temperature, where the machine tells.")
UNDER_VOLTAGE = _gauge("machine_under_voltage", "1 where the power was too weak since the boot; Raspberry Pi only.")
DISK_FREE = _gauge("disk_free_bytes", "Room on the state folder's file system.")
DISK_SIZE = _gauge("disk_size_bytes", "Size of that file system.")
MEMORY = _gauge("process_resident_memory_bytes", "Memory of the agent's process, without the player's.")
DESCRIPTORS = _gauge("process_open_fds", "Open files of the agent's process.")
THREADS = _gauge("process_threads", "Threads of the agent's process.")

METRICS = tuple(each for each in list(vars().values()) if isinstance(each, Metric))
