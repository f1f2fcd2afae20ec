"""Runs the container of a pod as a process of this machine, with what a kubelet would give it.

It has its own namespaces for mounts and processes, so that its command is process 1; the uid and gid of
the manifest, which have no entry in /etc/passwd; no capabilities; a file system that cannot be written to but
for the volumes; and no environment but what the manifest says: no HOME. Making all that takes root.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What container images have."""
SHADOWED = ("/tmp", "/root", "/home", "/opt", "/var/lib")  # noqa: S108
"""Folders of this machine that the container must not see."""


def command(
    pod: Mapping[str, Any],
    env: Mapping[str, str],
    volumes: Mapping[str, Path | None],
    image: Mapping[str, Path],
) -> list[str]:
    """Return the command that runs the only container of a pod.

    Args:
        pod: The pod's spec.
        env: The environment of the container, besides PATH.
        volumes: Name of each volume -> the folder that it is; None for an empty one.
        image: Folders of the image -> the folders of this machine that they are, Python's aside.
    """
    (container,) = pod["containers"]
    user, own = pod["securityContext"], container["securityContext"]
    assert own == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    become = [
        *("setpriv", "--reuid", str(user["runAsUser"]), "--regid", str(user["runAsGroup"])),
        *("--groups", str(user["fsGroup"]), "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
    ]
    given = [f"{name}={value}" for name, value in {"PATH": PATH, **env}.items()]
    mounted = {one["mountPath"]: volumes[one["name"]] for one in container["volumeMounts"]}
    lines = ["set -e", *_mounts({**image, sys.base_prefix: Path(sys.base_prefix)}, mounted)]
    lines.append(shlex.join(["exec", *become, "env", "-i", *given, *container["command"]]))
    return [
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("sh", "-c", "\n".join(lines)),
    ]


def _mounts(image: Mapping[str, Path], volumes: Mapping[str, Path | None]) -> Iterator[str]:
    # What is needed is put aside first: the folders that hide the machine's would hide it too.
    folders = {path: one for path, one in volumes.items() if one is not None}
    aside = {source: f"/mnt/{place}" for place, source in enumerate([*image.values(), *folders.values()])}
    yield "mount -t tmpfs none /mnt"
    for source, place in aside.items():
        yield f"mkdir {place}; mount --bind {shlex.quote(str(source))} {place}"
    empty = volumes.keys() - folders.keys()
    for path in {*SHADOWED, *empty}:
        yield f"mkdir -p {path}; mount -t tmpfs -o mode={1777 if path in empty else 755} none {path}"
    for path, source in image.items():
        yield _mount(path, aside[source])
        yield f"mount -o remount,bind,ro {shlex.quote(path)}"
    for path, source in folders.items():
        yield _mount(path, aside[source])
    for path in ("/", "/mnt", *(one for one in SHADOWED if one not in empty)):
        yield f"mount -o remount,bind,ro {path}"


def _mount(path: str, aside: str) -> str:
    quoted = shlex.quote(path)
    return f"mkdir -p {quoted}; mount --bind {aside} {quoted}"


def build(dockerfile: Path, context: Path, keep: str, folder: Path) -> list[str]:
    """Return the command that runs a Dockerfile on this machine and keeps a folder of the image.

    Args:
        dockerfile: A Dockerfile of COPY from the whole context, and RUN.
        context: The folder from which it copies.
        keep: The folder of the image to keep, below `/opt`.
        folder: Where to put it.
    """
    text = dockerfile.read_text().replace("\\\n", " ")
    ((copied,), steps) = (re.findall(rf"^{word} (.+)$", text, re.MULTILINE) for word in (r"COPY \.", "RUN"))
    assert len(steps) + 2 == len([one for one in text.splitlines() if one and not one.startswith("#")])
    mounts = [
        *("mount -t tmpfs none /mnt", "mkdir /mnt/context /mnt/kept"),
        f"mount --bind {shlex.quote(str(context))} /mnt/context",
        f"mount --bind {shlex.quote(str(folder))} /mnt/kept",
        *(f"mount -t tmpfs none {path}" for path in ("/opt", "/usr/src")),
        *(_mount(copied, "/mnt/context"), _mount(keep, "/mnt/kept")),
    ]
    return ["unshare", "--mount", "sh", "-ec", "\n".join([*mounts, *steps])]


def first_process(unshare: int) -> int:
    """Return the id of the process that is process 1 of its namespace.

    Args:
        unshare: Id of the process that made the namespace.
    """
    (child,) = Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()
    return int(child)
