"""A real S3 server for tests: Ceph's gateway over one monitor and one object daemon, all in a temporary folder.

Needs Debian's packages, and no privileges:
``apt-get install --no-install-recommends ceph-mon ceph-osd radosgw ceph-common``.
"""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import httpx

BINARIES = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool")
INSTALL = "apt-get install --no-install-recommends ceph-mon ceph-osd radosgw ceph-common"
KMS_KEY = "ecomops-key"
_READY_SECONDS = 120.0
_CAPABILITIES = MappingProxyType(
    {
        "client.admin": ("mon", "allow *", "osd", "allow *", "mds", "allow *", "mgr", "allow *"),
        "client.rgw": ("mon", "allow rw", "osd", "allow rwx"),
        "osd.0": ("mon", "allow profile osd", "osd", "allow *"),
        "mon.": ("mon", "allow *"),
    }
)


class CephError(RuntimeError):
    """A daemon or a set-up command of the test server failed; the message holds the end of its log."""


@dataclass(frozen=True)
class S3Server:
    """A running S3 endpoint with one user.

    Attributes:
        endpoint_url: Where it answers.
        access_key_id: Its user's access key.
        secret_access_key: Its user's secret.
    """

    endpoint_url: str
    access_key_id: str
    secret_access_key: str


def missing_binaries() -> list[str]:
    """The programs of Ceph that are not installed here."""
    return [name for name in BINARIES if shutil.which(name) is None]


@contextmanager
def running(folder: Path) -> Iterator[S3Server]:
    """Starts a cluster in an empty folder, and stops it by its own process ids.

    Raises:
        CephError: If a part of it does not come up.
    """
    cluster = _Cluster(folder)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@dataclass
class _Cluster:
    folder: Path
    fsid: str = field(default_factory=lambda: str(uuid.uuid4()))
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> S3Server:
        mon_port, gateway_port = _free_ports(2)
        self._write_config(mon_port, gateway_port)
        self._write_keys()
        self._start_monitor(mon_port)
        self._start_object_daemon()
        server = S3Server(f"http://127.0.0.1:{gateway_port}", "ecomops-test", "a-secret-of-this-test-run")
        self._create_user(server)
        self._spawn("radosgw", "-n", "client.rgw", "--keyring", str(self._keyring("client.rgw")))
        self._wait_for_gateway(server)
        return server

    def stop(self) -> None:
        """Ends the daemons in reverse order: the gateway and the object daemon need the monitor to say goodbye."""
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()

    def _write_config(self, mon_port: int, gateway_port: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {
            "fsid": self.fsid,
            "mon host": f"[v2:127.0.0.1:{mon_port}]",
            "ms bind msgr1": "false",
            # cephx throughout: with authentication off the gateway hangs at its start.
            "auth cluster required": "cephx",
            "auth service required": "cephx",
            "auth client required": "cephx",
            "run dir": self.folder,
            "admin socket": "",
            "log file": f"{self.folder}/$name.log",
            "crash dir": f"{self.folder}/crash",
            "mon data": f"{self.folder}/mon",
            "osd data": f"{self.folder}/osd",
            # In memory: what is tested is the protocol, and the folder may lie on a file system without direct I/O.
            "osd objectstore": "memstore",
            "memstore device bytes": 4 << 30,
            "osd pool default size": 1,
            "osd pool default min size": 1,
            "osd pool default pg num": 4,
            "osd pool default pg autoscale mode": "off",
            "osd crush chooseleaf type": 0,
            "mon allow pool size one": "true",
            "mon max pg per osd": 1000,
            "rgw frontends": f"beast endpoint=127.0.0.1:{gateway_port}",
            # The key service of tests: Ceph takes aws:kms headers with keys from its own configuration.
            "rgw crypt require ssl": "false",
            "rgw crypt s3 kms backend": "testing",
            "rgw crypt s3 kms encryption keys": f"{KMS_KEY}={base64.b64encode(bytes(range(32))).decode()}",
        }
        lines = "\n".join(f"{name} = {value}" for name, value in options.items())
        (self.folder / "ceph.conf").write_text(f"[global]\n{lines}\n")

    def _write_keys(self) -> None:
        for name, capabilities in _CAPABILITIES.items():
            pairs = zip(capabilities[::2], capabilities[1::2], strict=True)
            flags = [part for subsystem, grant in pairs for part in ("--cap", subsystem, grant)]
            path = str(self._keyring(name))
            self._run("ceph-authtool", "--create-keyring", path, "--gen-key", "-n", name, *flags)
        for name in ("client.admin", "client.rgw", "osd.0"):
            self._run("ceph-authtool", str(self._keyring("mon.")), "--import-keyring", str(self._keyring(name)))

    def _start_monitor(self, port: int) -> None:
        monmap = str(self.folder / "monmap")
        address = f"[v2:127.0.0.1:{port}]"
        self._run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", address, monmap)
        keyring = str(self._keyring("mon."))
        self._run("ceph-mon", *self._config(), "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
        self._spawn("ceph-mon", "-i", "a")

    def _start_object_daemon(self) -> None:
        (self.folder / "osd").mkdir()
        identity = str(uuid.uuid4())
        self._ceph("osd", "new", identity)
        keyring = ("--keyring", str(self._keyring("osd.0")))
        self._run("ceph-osd", *self._config(), "-i", "0", "--mkfs", "--osd-uuid", identity, *keyring)
        self._spawn("ceph-osd", "-i", "0", *keyring)
        deadline = time.monotonic() + _READY_SECONDS
        while '"num_up_osds":1' not in self._ceph("osd", "stat", "--format", "json").replace(" ", ""):
            self._check_alive(deadline)
            time.sleep(0.2)

    def _create_user(self, server: S3Server) -> None:
        keys = ("--access-key", server.access_key_id, "--secret-key", server.secret_access_key)
        self._run(
            "radosgw-admin", *self._config(), *self._admin(), "user", "create",
            "--uid", "ecomops", "--display-name", "ecomops", *keys,
        )  # fmt: skip

    def _wait_for_gateway(self, server: S3Server) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            self._check_alive(deadline)
            try:
                if httpx.get(server.endpoint_url, timeout=5).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(0.2)

    def _spawn(self, *command: str) -> None:
        """Starts a daemon that dies with this process, even where the test run is killed."""
        guard = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        output = (self.folder / f"{command[0]}.out").open("wb")
        with output:
            self.daemons.append(
                subprocess.Popen(
                    [*guard, command[0], "-f", *self._config(), *command[1:]],
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                )
            )

    def _check_alive(self, deadline: float) -> None:
        for daemon in self.daemons:
            if daemon.poll() is not None:
                raise CephError(f"{daemon.args!r} ended with {daemon.returncode}.\n{self._logs()}")
        if time.monotonic() > deadline:
            raise CephError(f"The server was not ready within {_READY_SECONDS:.0f} s.\n{self._logs()}")

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_READY_SECONDS, check=False)
        if done.returncode:
            raise CephError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}\n{self._logs()}")
        return done.stdout

    def _ceph(self, *arguments: str) -> str:
        return self._run("ceph", "--connect-timeout", "60", *self._config(), *self._admin(), *arguments)

    def _config(self) -> tuple[str, str]:
        return "-c", str(self.folder / "ceph.conf")

    def _admin(self) -> tuple[str, str]:
        return "--keyring", str(self._keyring("client.admin"))

    def _keyring(self, name: str) -> Path:
        return self.folder / f"{name.rstrip('.')}.keyring"

    def _logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in sorted(self.folder.glob("*.out"))
        )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
