"""The example for Kubernetes: the manifest by its schema, and what it relies on, as a process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.hosts import walk
from tests.examples.installed import Installed, programs_of
from tests.examples.kubelet import MANIFEST, Kubelet, build
from tests.processes import PATIENCE

LOOK_AROUND = """
echo "uid $(id -u), gids $(id -G), process $$, HOME ${HOME-none}, $(grep CapBnd /proc/1/status)"
getent passwd $(id -u) && echo 'it is in /etc/passwd'
for path in / /opt/keap /opt/keap/bin /opt/keap/etc/target.json /var/lib /root /var/tmp /mnt; do
    touch $path/new && echo $path
done
for path in /tmp /var/lib/keap; do touch $path/new || echo $path; done
ls /home
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile puts into `/opt/keap`."""
    if os.geteuid() != 0:
        pytest.skip("making a container takes root")
    return build(tmp_path_factory.mktemp("image"))


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
