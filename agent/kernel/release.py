"""What this build is.

Contract: two constants, read by the package's metadata, the command line and the clock guard.
"""

VERSION = "0.1.0"
# 2026-11-01T00:00:00Z. No event is sent with a year before this program was made (decision 22): a wall clock that
# reads earlier is wrong. A later release raises it to two years before itself at most: an upgraded kiosk may hold
# events of a long time offline, and those must not look older than the program that delivers them.
BUILD_EPOCH = 1_793_491_200
