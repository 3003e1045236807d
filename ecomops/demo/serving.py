"""The shops to practise on and their rivals', as servers in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from lakehouse.errors import ConfigError
from lakehouse.settings import PROJECT_ROOT
from sandbox import storefronts

PRACTICE = PROJECT_ROOT / "config" / "practice.yml"
_DECLARED_PORTS = {"shopify": 8801, "woocommerce": 8802, "amazon": 8803} | storefronts.PORTS
_RIVAL_SIZE = 36  # product pages of each rival
_PACE = 2000  # times the vendors' own rates: at those, Amazon alone would take hours for 120 days


@dataclass(frozen=True)
class Shops:
    """Servers that are running.

    Attributes:
        sources_file: A declaration of them, with the addresses where they are now.
        variables: What their credentials are called, and what they are.
        addresses: Where they are, by the name of their source.
    """

    sources_file: Path
    variables: Mapping[str, str]
    addresses: Mapping[str, str]


@contextmanager
def serving(folder: Path, now: datetime, drops: Path) -> Iterator[Shops]:
    """Runs the shops of a world while the block runs, on free ports.

    Args:
        folder: The world.
        now: The merchant's time.
        drops: Where the files of the merchant's other tools are dropped.

    Raises:
        ConfigError: If they did not start.
    """
    command = [sys.executable, "-m", "sandbox", "serve", str(folder), "--now", now.isoformat(), "--json"]
    command += ["--pace", str(_PACE), "--shopify-port", "0", "--woocommerce-port", "0", "--amazon-port", "0"]
    command += ["--storefronts-port", "0", "--storefront-size", str(_RIVAL_SIZE), "--traps", "none"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _started(process.stdout, folder, drops)
        finally:
            if process.stdin is not None:
                process.stdin.close()  # its end is what they stop at, also when this process is killed
            process.wait(timeout=30)


def _started(output: IO[str] | None, folder: Path, drops: Path) -> Shops:
    line = output.readline() if output is not None else ""
    if not line:
        raise ConfigError("The shops to practise on did not start.", remedy="Try it by hand: make sandbox.")
    told = json.loads(line)
    declared = PRACTICE.read_text(encoding="utf-8")
    for name, port in _DECLARED_PORTS.items():
        declared = declared.replace(f"127.0.0.1:{port}", told["addresses"][name].removeprefix("http://"))
    declared = declared.replace("var/drops", str(drops))
    file = folder.parent / "sources.yml"
    file.write_text(declared, encoding="utf-8")
    return Shops(file, told["variables"], told["addresses"])
