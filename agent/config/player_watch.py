"""How the player is watched: the tables `[player.restart]` and `[player.frozen]`.

Contract and rules: as agent.config.model.
Reasons: vlc.md section 6 (restarts); agent.player.frozen.
"""

import attrs

from agent.config.kinds import Flag, Number
from agent.config.setting import Effect, setting


@attrs.frozen(kw_only=True)
class Restart:
    """How the player's process is watched, and started again after it died or hung."""

    hang_after_s: float = setting(
        Number(2, 120),
        "A player that says nothing for this long is taken for hung and is killed.",
        default=5.0,
        unit="s",
        effect=Effect.PLAYER,
    )
    first_delay_s: float = setting(
        Number(0.1, 60),
        "How long to wait before the first restart; each further one waits twice as long.",
        default=1.0,
        unit="s",
        effect=Effect.PLAYER,
    )
    longest_delay_s: float = setting(
        Number(1, 3600), "The longest wait between restarts.", default=60.0, unit="s", effect=Effect.PLAYER
    )


@attrs.frozen(kw_only=True)
class Frozen:
    """How a picture that stands still is noticed, and mended: the item again, the next item, a new player."""

    enabled: bool = setting(
        Flag(),
        "Whether the picture is watched. Sound and still images need no frames; a medium that comes over the network "
        "never has the player started again.",
        default=True,
        remote=True,
    )
    after_s: float = setting(
        Number(5, 600),
        "How long a playhead may stand still, or no frame be shown, before something is done. Set it higher where a "
        "film rightly shows one picture for long: one whose decoder has nothing to do is given four times as long.",
        default=15.0,
        unit="s",
        remote=True,
    )
