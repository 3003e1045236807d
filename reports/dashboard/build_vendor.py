"""Fetches the dashboard's JavaScript from npm: `python -m reports.dashboard.build_vendor`.

A maintainer's tool: it needs npm and a network; the dashboard needs neither. Vega draws the compiled charts, its
interpreter evaluates their expressions without `eval`, so that the page's policy can forbid it. D3 is fetched for
its licence only: Vega's bundle holds parts of it. The interpreter comes as a module, which an inline script cannot
import; it is wrapped to take what it needs from Vega's global and to leave itself there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent / "vendor"
_FILES = (
    ("vega@6.4.0", "package/build/vega.min.js", "vega.min.js"),
    ("vega@6.4.0", "package/LICENSE", "vega.LICENSE.txt"),
    ("vega-interpreter@2.3.2", "package/build/vega-interpreter.js", "vega-interpreter.js"),
    ("vega-interpreter@2.3.2", "package/LICENSE", "vega-interpreter.LICENSE.txt"),
    ("d3@7.9.0", "package/LICENSE", "d3.LICENSE.txt"),
)


def _wrapped(module: str) -> str:
    """The interpreter's module as a plain script.

    Raises:
        ValueError: If the module imports or exports otherwise than the version this was written for.
    """
    imported = re.match(r"import \{ ([\w, ]+) \} from 'vega-util';\n", module)
    exported = re.search(r"\nexport \{ expression as expressionInterpreter \};\n?$", module)
    if imported is None or exported is None:
        raise ValueError("vega-interpreter has changed its imports or exports: adapt the wrapping.")
    names, body = imported[1], module[imported.end() : exported.start()]
    return f"((vega) => {{\nconst {{ {names} }} = vega;\n{body}\nvega.expressionInterpreter = expression;\n}})(vega);\n"


def _fetch(package: str, folder: Path) -> Path:
    done = subprocess.run(["npm", "pack", package, "--silent"], cwd=folder, check=True, capture_output=True, text=True)
    return folder / done.stdout.strip().splitlines()[-1]


def main() -> int:
    """Fetches the pinned packages and keeps the files that the dashboard is made of."""
    with tempfile.TemporaryDirectory() as name:
        archives = {package: _fetch(package, Path(name)) for package in sorted({file[0] for file in _FILES})}
        for package, member, target in _FILES:
            with tarfile.open(archives[package]) as tar:
                handle = tar.extractfile(member)
                if handle is None:
                    raise FileNotFoundError(f"{package} holds no file {member}")
                text = handle.read().decode().split("\n//# sourceMappingURL=")[0].rstrip() + "\n"
                if target == "vega-interpreter.js":
                    text = _wrapped(text)
                (VENDOR / target).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
