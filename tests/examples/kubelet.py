"""Kubernetes' part of the example: the image and its pod, as a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.examples import pod
from tests.examples.hosts import Outcome
from tests.examples.installed import EXAMPLES, ROOT, Installed
from tests.processes import PATIENCE

MANIFEST = EXAMPLES / "kubernetes" / "cronjob.yaml"
LATER = 75
KILLED = "unshare: sigprocmask unblock failed"
"""What unshare of util-linux 2.38 says, before it ends with 1, if process 1 of its namespace was killed."""


def documents() -> dict[str, Any]:
    """Return the documents of the manifest by their kinds."""
    return {one["kind"]: one for one in yaml.safe_load_all(MANIFEST.read_text())}


class Kubelet:
    """Runs the pod of the manifest."""

    def __init__(self, keap: Installed, image: Path, folder: Path) -> None:
        found = documents()
        self._job = found["CronJob"]["spec"]["jobTemplate"]["spec"]
        spec = self._job["template"]["spec"]
        (key,) = found["Secret"]["stringData"]
        target = folder / "target"
        target.mkdir()
        for name, text in found["ConfigMap"]["data"].items():
            (target / name).write_text(text)
        self._words = pod.command(
            spec,
            {key: keap.box.api_key},
            {"state": keap.folder, "target": target, "scratch": None},
            {"/opt/keap": image},
        )
        self._log = folder / "pod.log"
        self._process: subprocess.Popen[bytes] | None = None
        assert {one["name"] for one in spec["volumes"]} == {"state", "target", "scratch"}
        # As fsGroup does.
        for path in (keap.folder, *keap.folder.iterdir()):
            os.chown(path, -1, spec["securityContext"]["fsGroup"])
            path.chmod(0o770)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._words, env={"PATH": pod.PATH}, stdout=log, stderr=log)

    def stop(self) -> None:
        os.kill(pod.first_process(self.process.pid), signal.SIGTERM)

    def says(self) -> str:
        code = self._code()
        if code == 0:
            return "Complete"
        (rule,) = [one for one in self._job["podFailurePolicy"]["rules"] if "onExitCodes" in one]
        assert rule["action"] == "FailJob"
        is_final = code in rule["onExitCodes"]["values"]
        return "Failed: PodFailurePolicy" if is_final else f"exit code {code}: a new pod"

    def outcome(self) -> Outcome:
        said = self.says()
        code = self._code()
        assert code in {0, LATER, 143}, self.log
        assert (said == "Failed: PodFailurePolicy") == (code == LATER)
        return {0: Outcome.DONE, LATER: Outcome.LATER, 143: Outcome.STOPPED}[code]

    def _code(self) -> int:
        """Return the exit code of process 1, as a kubelet sees it."""
        code = self.process.wait(PATIENCE)
        was_killed = code == -signal.SIGKILL or KILLED in self.log
        return 128 + signal.SIGKILL if was_killed else code


def context(folder: Path) -> Path:
    """Copy what the Dockerfile's list of ignored files leaves of the checkout."""
    ignored = (EXAMPLES / "kubernetes" / "Dockerfile.dockerignore").read_text()
    everything, *taken = [line for line in ignored.splitlines() if line[:1] not in {"", "#"}]
    assert everything == "*"
    for line in taken:
        source = ROOT / line.removeprefix("!")
        to = folder / source.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, to)
        else:
            shutil.copy(source, to)
    return folder


def build(where: Path) -> Path:
    """Run the Dockerfile, and return the folder with what it puts into `/opt/keap`.

    Args:
        where: An empty folder.
    """
    made, log = where / "keap", where / "build.log"
    made.mkdir()
    words = pod.build(EXAMPLES / "kubernetes" / "Dockerfile", context(where / "context"), "/opt/keap", made)
    env = {**os.environ, "PATH": f"{sys.base_prefix}/bin:{pod.PATH}"}
    with log.open("w") as file:
        code = subprocess.run(words, env=env, stdout=file, stderr=file, check=False).returncode
    assert code == 0, log.read_text()
    (made / "etc").mkdir()  # where the manifest mounts a volume
    return made
