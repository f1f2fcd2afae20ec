"""The report about a run that `report_file` asks for, written however the run ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.cli import ending
from tap_infusionsoft.client.traffic import Traffic
from tap_infusionsoft.config.report_settings import read_report
from tap_infusionsoft.config.settings import changed, limits
from tap_infusionsoft.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.redact import Redactor
    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.report.document import Report
    from tap_infusionsoft.report.report_file import ReportFile
    from tap_infusionsoft.report.run_log import RunLog


class RunReport:
    """The report about one run, if one is wanted.

    Attributes:
        settings: The settings of the run; None until they are checked.
        client: Its client; None until there is one.
    """

    def __init__(
        self, config: Mapping[str, Any], log: RunLog, clock: Clock, program: str, redactor: Redactor
    ) -> None:
        """A report about a run that has not begun. Warns if its file cannot be written.

        Args:
            config: The settings, unchecked.
            log: What the run does.
            clock: The time to go by.
            program: Name and version of the program.
            redactor: Masks secrets.

        Raises:
            ConfigError: The setting is wrong.
        """
        self.settings: Settings | None = None
        self.client: KeapClient | None = None
        self._config = config
        self._log = log
        self._clock = clock
        self._program = program
        self._redactor = redactor
        self._file: ReportFile | None = None
        path, keep = read_report(config)
        if path is not None:
            from tap_infusionsoft.report.report_file import ReportFile  # noqa: PLC0415  # many runs need none

            self._file = ReportFile(path, keep)
            self._file.check()

    def end(self, error: BaseException | None) -> None:
        """Note how the run ended, and write the report. A signal meanwhile becomes part of it.

        Args:
            error: What ended the run; None if it came to its end.
        """
        log = self._log
        log.ended = self._clock.now()
        log.message, log.exit_code = (None, Exit.OK) if error is None else ending(error)
        if self._file is None:
            return
        try:
            self._file.write(self._report())
        except SystemExit as signal:
            log.message, log.exit_code = ending(signal)
            self._file.write(self._report())
            raise

    def _report(self) -> Report:
        from tap_infusionsoft.report.document import Limits, report  # noqa: PLC0415  # many runs need none

        client, settings = self.client, self.settings
        return report(
            self._log,
            Traffic() if client is None else client.traffic,
            None if client is None else client.quota,
            (self._clock.now(), self._clock.monotonic()),
            program=self._program,
            account="" if client is None or client.tenant is None else client.tenant.name,
            limits=None if settings is None else Limits(limits(settings), changed(self._config)),
            mask=self._redactor,
        )
