"""cron with the example: Debian's cron, with its own folders, so that it runs no other crontab."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

from tests.examples.hosts import Outcome, until
from tests.examples.installed import EXAMPLES, Installed
from tests.examples.servers import running

MINUTES = 150.0
"""Seconds in which a job that is due every minute starts."""


class Cron:
    """Starts cron until the job has started, with the minute that comes next in the crontab."""

    def __init__(self, keap: Installed, folder: Path) -> None:
        self._keap = keap
        self._folder = folder
        self._log = keap.folder / "log"
        self._read = 0
        (folder / "crontabs").mkdir(parents=True)
        (folder / "empty").mkdir()
        (folder / "crontab").touch()
        here = shlex.quote(str(folder))
        mounts = (
            f"mount --bind {here}/crontabs /var/spool/cron/crontabs; mount --bind {here}/empty /etc/cron.d; "
            f"mount --bind {here}/crontab /etc/crontab; mount -t tmpfs none /run"
        )
        self._words = ["unshare", "--mount", "sh", "-ec", f"{mounts}; exec /usr/sbin/cron -f"]

    def start(self) -> None:
        self._read = len(self._text)
        table = self._folder / "crontabs" / "root"
        text = self._keap.put_in((EXAMPLES / "cron" / "crontab").read_text())
        table.write_text(re.sub(r"^\d+ ", "* ", text, flags=re.MULTILINE))
        table.chmod(0o600)
        with running(self._words, {"PATH": os.environ["PATH"]}, self._folder / "cron.log"):
            until(lambda: len(self._text) > self._read, "the minute of the job", MINUTES)

    def stop(self) -> None:
        oldest = ["pgrep", "--oldest", "--full", f"^(/bin/)?bash {self._keap.programs}/load.sh"]
        found = subprocess.run(oldest, capture_output=True, text=True, check=True).stdout
        os.kill(int(found), signal.SIGTERM)

    def says(self) -> str:
        until(lambda: not self._keap.is_at_work, "the end of the run")
        return ""

    def outcome(self) -> Outcome:
        self.says()
        if "Stopped by SIGTERM" in self.log:
            return Outcome.STOPPED
        if "Run again" in self.log:
            return Outcome.LATER
        assert re.search(r"[\d,]+ rows? of \d+ streams; .* API calls? in", self.log), self.log
        assert " | ERROR " not in self.log
        return Outcome.DONE

    @property
    def log(self) -> str:
        return self._text[self._read :]

    @property
    def _text(self) -> str:
        return self._log.read_text() if self._log.exists() else ""
