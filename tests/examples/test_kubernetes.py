"""The example for Kubernetes: the manifest by its schema, and what it relies on, as a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.examples import pod
from tests.examples.hosts import Outcome, walk
from tests.examples.installed import EXAMPLES, ROOT, Installed, programs_of
from tests.processes import PATIENCE

MANIFEST = EXAMPLES / "kubernetes" / "cronjob.yaml"
LATER = 75
LOOK_AROUND = """
echo "uid $(id -u), gids $(id -G), process $$, HOME ${HOME-none}, $(grep CapBnd /proc/1/status)"
getent passwd $(id -u) && echo 'it is in /etc/passwd'
for path in / /opt/keap /opt/keap/bin /opt/keap/etc/target.json /var/lib /root /var/tmp /mnt; do
    touch $path/new && echo $path
done
for path in /tmp /var/lib/keap; do touch $path/new || echo $path; done
ls /home
"""


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
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._words, env={"PATH": pod.PATH}, stdout=log, stderr=log)

    def stop(self) -> None:
        os.kill(pod.first_process(self.process.pid), signal.SIGTERM)

    def outcome(self) -> Outcome:
        code = self.process.wait(PATIENCE)
        assert code in {0, LATER, 143}, self.log
        if code == LATER:
            (rule,) = [one for one in self._job["podFailurePolicy"]["rules"] if "onExitCodes" in one]
            assert rule["action"] == "FailJob"
            assert LATER in rule["onExitCodes"]["values"]
        return {0: Outcome.DONE, LATER: Outcome.LATER, 143: Outcome.STOPPED}[code]


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


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile puts into `/opt/keap`."""
    if os.geteuid() != 0:
        pytest.skip("making a container takes root")
    where = tmp_path_factory.mktemp("image")
    made, log = where / "keap", where / "build.log"
    made.mkdir()
    words = pod.build(EXAMPLES / "kubernetes" / "Dockerfile", context(where / "context"), "/opt/keap", made)
    env = {**os.environ, "PATH": f"{sys.base_prefix}/bin:{pod.PATH}"}
    with log.open("w") as file:
        code = subprocess.run(words, env=env, stdout=file, stderr=file, check=False).returncode
    assert code == 0, log.read_text()
    (made / "etc").mkdir()  # where the manifest mounts a volume
    return made


@pytest.fixture
def kubelet(keap: Installed, image: Path, tmp_path: Path) -> Iterator[Kubelet]:
    keap.leave_out("api_key")  # it comes from the Secret
    folder = tmp_path / "pod"
    folder.mkdir()
    found = Kubelet(keap, image, folder)
    yield found
    found.process.kill()
    found.process.wait()


def test_the_pod(kubelet: Kubelet, keap: Installed) -> None:
    walk(kubelet, keap)


def test_the_process_has_what_a_container_has(kubelet: Kubelet, image: Path) -> None:
    load = image / "bin" / "load.sh"
    script = load.read_text()
    load.write_text(f"#!/bin/sh\n{LOOK_AROUND}")
    kubelet.start()
    kubelet.process.wait(PATIENCE)
    load.write_text(script)
    said = [line for line in kubelet.log.splitlines() if not line.startswith("touch: ")]
    assert said == [f"uid 10001, gids 10001, process 1, HOME none, CapBnd:\t{0:016x}"]


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    """Every member is one that Kubernetes knows: a misspelled one would be ignored, or refused."""
    program = programs_of("Kubernetes") / "kubernetes-validate"
    subprocess.run([program, "--strict", "--quiet", MANIFEST], check=True)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(MANIFEST.read_text().replace("concurrencyPolicy", "concurencyPolicy"))
    assert subprocess.run([program, "--strict", "--quiet", wrong], check=False).returncode != 0
