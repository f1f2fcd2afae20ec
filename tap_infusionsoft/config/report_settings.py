"""The settings that decide what a run tells about itself."""

from __future__ import annotations

from tap_infusionsoft.config.setting_types import Flag

LOG_METRICS = Flag(
    "log_metrics",
    default=False,
    title="Metric lines in the log",
    text="Write the Singer SDK's METRIC lines into the log, for programs that collect them. They are there "
    "with the log level DEBUG as well, and always with a log configuration of your own "
    "(SINGER_SDK_LOG_CONFIG).",
)

GROUP = (LOG_METRICS,)
"""All of them, in the order of the README."""
