"""The address that was vetted is the one connected to: name servers that change their mind, literal addresses, TLS."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.raw_http import answer, serving
from tests.support.visiting import visit

_PUBLIC = "93.184.215.14"


async def _plainly(path: str, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"", status="404 Not Found") if path == "/robots.txt" else answer(b"a page"))


def test_a_later_answer_of_the_name_server_is_not_used(tmp_path: Path) -> None:
    """DNS rebinding: public when it is vetted, private when it is connected to."""
    urls = [f"http://turns.example/{n}" for n in range(5)]
    with serving(_plainly) as server:
        found = visit(
            tmp_path,
            urls,
            allow=["127.0.0.1/32"],  # where the test's server stands in for the public address
            names={"turns.example": [[_PUBLIC], ["127.0.0.2"], ["10.0.0.1"]]},
            ports={80: server.ports[0]},
        )
    assert {found.ends[url][:2] for url in urls} == {("fetched", "200")}
    assert found.lookups == ["turns.example"], "looked up once, so that there is no second answer"
    assert set(found.connections) == {(_PUBLIC, 80)}


@pytest.mark.parametrize("addresses", [["127.0.0.2"], [_PUBLIC, "10.0.0.1"], ["169.254.169.254", _PUBLIC]], ids=str)
def test_a_name_with_a_private_address_is_not_connected_to(tmp_path: Path, addresses: list[str]) -> None:
    url = "http://inside.example/"
    with serving(_plainly) as server:
        found = visit(tmp_path, [url], names={"inside.example": [addresses]}, ports={80: server.ports[0]})
    assert found.connections == []
    assert server.log == []
    assert found.ends[url][0] == "disallowed"
    assert "not a public one" in found.ends[url][1]


def test_the_resolver_refuses_even_if_nothing_was_vetted_before(tmp_path: Path) -> None:
    """Without the middleware that vets ahead, and for literal addresses too: a connection has no other way."""
    off = {"extractors.crawl.middlewares.VettingMiddleware": None, "extractors.crawl.gate.RobotsGate": None}
    off |= {"extractors.crawl.middlewares.ConnectionMiddleware": None}
    with serving(_plainly) as server:
        port = server.ports[0]
        urls = [f"http://{host}:{port}/" for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]")]
        found = visit(tmp_path, urls, settings={"DOWNLOADER_MIDDLEWARES": off})
    assert found.connections == []
    assert server.log == []
    assert {end[0] for end in found.ends.values()} == {"failed"}


def test_a_name_server_cannot_hold_a_crawl_up(tmp_path: Path) -> None:
    url = "http://slow.example/"
    found = visit(tmp_path, [url], names={"slow.example": [[_PUBLIC]]}, settings={"DNS_TIMEOUT": 1})
    assert found.ends[url] == (
        "disallowed",
        "robots.txt could not be had: The host's name server took longer than 1 s.",
        0,
    )
    assert found.connections == []


def test_tls_names_the_host_and_checks_it(tmp_path: Path) -> None:
    context = _certified(tmp_path, "secure.example")
    names = {host: [[_PUBLIC]] for host in ("secure.example", "other.example")}
    with serving(_plainly, tls=context) as server:
        found = visit(
            tmp_path,
            ["https://secure.example/", "https://other.example/"],
            allow=["127.0.0.1/32"],
            names=names,
            ports={443: server.ports[0]},
            environment={"SSL_CERT_FILE": str(tmp_path / "certificate.pem")},
        )
    assert found.ends["https://secure.example/"][:2] == ("fetched", "200")
    assert found.ends["https://other.example/"][0] == "disallowed", "its certificate is another's"
    assert set(server.names) == {"secure.example", "other.example"}
    assert set(found.connections) == {(_PUBLIC, 443)}


def _certified(folder: Path, name: str) -> ssl.SSLContext:
    """A server's TLS context with a certificate that says this name, written to the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
