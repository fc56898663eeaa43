"""`python -m pricing_fdm` is `pricing-fdm`."""

from __future__ import annotations

import sys

from pricing_fdm.cli import main

if __name__ == "__main__":
    sys.exit(main())
