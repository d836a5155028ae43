"""Measure walking times under the name of their family; see `benchmarks.walking`."""

import sys

from benchmarks.walking import main

if __name__ == "__main__":
    sys.exit(main())
