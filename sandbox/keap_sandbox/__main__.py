"""Runs the command `keap-sandbox` as `python -m keap_sandbox`."""

from __future__ import annotations

import sys

from keap_sandbox.cli import main

sys.exit(main())
