"""``python -m lakehouse.leashed PID SCRIPT …`` runs a Python script that ends when the process PID ends.

A builder that is killed cannot end its dbt any more. An orphan would go on working on files that the next
builder has cleared away, and write its results over the next one's.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
import time

_INTERVAL = 0.1


def _watch(parent: int) -> None:
    while os.getppid() == parent:  # an orphan is given to another process at once
        time.sleep(_INTERVAL)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_watch, args=(int(sys.argv[1]),), daemon=True).start()
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
