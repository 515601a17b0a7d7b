"""`python -m tools.deb`: builds the package."""

from tools.deb.main import main

if __name__ == "__main__":
    raise SystemExit(main())
