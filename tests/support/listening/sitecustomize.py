"""Python imports this at start when its folder is on PYTHONPATH: it notes every host a process asks for.

An audit hook sees what any library does with sockets, C extensions that go through Python's included.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_NOTES = os.environ.get("NOTE_HOSTS_IN")
_HERE = ("127.", "::1", "localhost", "0.0.0.0", "/", "@")


def _note(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = str(address[0]) if isinstance(address, tuple) else "/local"
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0].decode() if isinstance(args[0], bytes) else str(args[0])
    else:
        return
    if _NOTES and host and host != "None" and not host.startswith(_HERE) and host not in _own_names():
        with Path(_NOTES).open("a") as notes:
            notes.write(f"{host}\n")


def _own_names() -> set[str]:
    return {os.uname().nodename}


if _NOTES:
    sys.addaudithook(_note)
