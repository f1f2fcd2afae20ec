"""`python -m tap_infusionsoft.sandbox`."""

from __future__ import annotations

import sys

from tap_infusionsoft.sandbox.cli import main

sys.exit(main())
