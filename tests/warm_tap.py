"""Run the tap as a process that need not import it first, which takes half a second of every run.

A server imports the tap once and forks for each run. The child takes over the descriptors it was sent.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_LARGEST_REQUEST = 1 << 20


def run(words: Sequence[str], folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the tap, with nothing on stdin and pipes for stdout and stderr.

    Args:
        words: The command line.
        folder: Working directory.
        env: All environment variables.
    """
    server = _server()
    request = json.dumps({"words": [*words], "folder": str(folder), "env": {**env}}).encode()
    ours, theirs = zip(os.pipe(), os.pipe(), strict=True)
    with contextlib.ExitStack() as stack:
        for descriptor in theirs:
            stack.callback(os.close, descriptor)
        socket.send_fds(server, [request], theirs)
    printed = ["", ""]

    def read(number: int) -> None:
        with open(ours[number], encoding="utf-8") as pipe:  # noqa: PTH123  # a descriptor is no path
            printed[number] = pipe.read()

    readers = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return subprocess.CompletedProcess(words, int(server.recv(16)), *printed)


@functools.cache
def _server() -> socket.socket:
    """Start the server of this process."""
    ours, theirs = socket.socketpair()
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, str(theirs.fileno())],
        cwd=_ROOT,
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
    )
    theirs.close()

    def stop() -> None:
        ours.close()
        server.wait()

    atexit.register(stop)
    return ours


def _serve(channel: socket.socket) -> None:
    """Fork for each request, and answer with the exit code. A child returns from here, and runs the tap."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(channel, _LARGEST_REQUEST, 2)
        if not request:
            sys.exit()
        child = os.fork()
        if not child:
            channel.close()
            for descriptor, standard in zip(descriptors, (1, 2), strict=True):
                os.dup2(descriptor, standard)
                os.close(descriptor)
            given = json.loads(request)
            os.chdir(given["folder"])
            os.environ.clear()
            os.environ.update(given["env"])
            sys.argv = given["words"]
            return
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    import tap_infusionsoft.tap  # noqa: F401  # what takes so long
    from tap_infusionsoft.__main__ import main

    _serve(socket.socket(fileno=int(sys.argv[1])))
    main()
