"""Is the Learning Record Store there, and does it take our authority? One real request that stores nothing.

Contract: findings; raises nothing.
Reasons: agent.runtime.learning; the request asks for a statement that there cannot be.
"""

from collections.abc import Iterator

from agent.config.model import Settings
from agent.runtime import learning
from agent.runtime.assembly import wire_to
from agent.runtime.checks.finding import Finding, fail, ok

_SUBJECT = "xapi"


def learning_record_store(settings: Settings) -> Iterator[Finding]:
    """Ask the configured LRS; nothing where it is off."""
    if not settings.xapi.enabled:
        return
    wire = wire_to(settings.kaltura)
    try:
        _, lrs = learning.store(settings, wire)
        if lrs is None:
            yield fail(_SUBJECT, str(learning.problem(settings)), "Mend the file, or take the setting out.")
            return
        found = lrs.asked()
    finally:
        wire.close()
    if found is None:
        yield ok(_SUBJECT, f"{settings.xapi.endpoint} answers and takes our authority")
    else:
        remedy = "Check xapi.endpoint, xapi.authentication and the network."
        yield fail(_SUBJECT, f"{settings.xapi.endpoint}: {found}", remedy)
