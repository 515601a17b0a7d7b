"""What keeps the package from being built.

Contract: `BuildError`, whose text says what is wrong and what to do. `main` prints it and ends with status 1.
"""


class BuildError(Exception):
    """The package cannot be built; the text is for the person who builds it."""
