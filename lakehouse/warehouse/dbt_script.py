"""``dbt_script.py RESULTS ARGUMENT …``: one dbt command, whose nodes' results it leaves in the file RESULTS.

dbt's own script writes them too, and with them, at every command, all that it knows of the project and what depends on
what: some 20 MB that nobody reads, in a tenth of the time of a day's build.

It is run by its path, so that nothing of ours is imported before dbt.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

_SUCCESS, _NODES_FAILED, _NOTHING_RUN = 0, 1, 2  # dbt's own


def main(results: Path, arguments: list[str]) -> int:
    """Runs the command.

    Returns:
        dbt's status.
    """
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke([*arguments[:1], "--no-write-json", *arguments[1:]])
    if done.exception is not None:
        sys.stderr.write(f"{done.exception}\n")
        return _NOTHING_RUN
    found = [
        {
            "unique_id": node.node.unique_id,
            "status": str(node.status),
            "execution_time": node.execution_time,
            "failures": node.failures,
            "message": node.message,
        }
        for node in done.result.results  # type: ignore[union-attr] # of other commands than ours it is something else
    ]
    results.write_text(json.dumps(found))
    return _SUCCESS if done.success else _NODES_FAILED


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
