"""Which addresses a crawl may reach, in every spelling that has been used to reach others."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.outcomes import Refused
from extractors.crawl.vetting import AddressPolicy, is_global, vet_url
from lakehouse.errors import ConfigError

STRICT = AddressPolicy()


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.8.9.10",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "::8.8.8.8",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "ff02::1",
        "100::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2001:0:53aa:64c:0:0:80ff:fffe",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2600:1234::5efe:10.0.0.1",
        "2600:1234::200:5efe:7f00:1",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "not an address",
        "",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_global(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::6810:84e5", "2a00:1450:4001::200e"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_global(address)
    embedded = ipaddress.ip_address(address)
    if embedded.version == 4:
        assert is_global(str(ipaddress.IPv6Address((0x64FF9B << 96) | int(embedded)))), "as NAT64 spells it"


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_calls_private(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_global(address)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://shop.example/", "shop.example", 80),
        ("https://shop.example/a?b=c#d", "shop.example", 443),
        ("https://shop.example:443/", "shop.example", 443),
        ("HTTPS://SHOP.example/", "shop.example", 443),
        ("http://8.8.8.8/", "8.8.8.8", 80),
        ("http://[2606:4700::6810:84e5]/", "2606:4700::6810:84e5", 80),
        ("https://bücher.example/", "xn--bcher-kva.example", 443),
        ("https://商店.example/", "xn--czrs0t.example", 443),
        ("https://a_b.shop.example/", "a_b.shop.example", 443),
        ("https://1.2.3.4.shop.example/", "1.2.3.4.shop.example", 443),
    ],
)
def test_ordinary_urls_pass(url: str, host: str, port: int) -> None:
    target = vet_url(url, STRICT)
    assert (target.host, target.port) == (host, port)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://shop.example/",
        "gopher://shop.example:70/_x",
        "data:text/html,hi",
        "javascript:1",
        "//shop.example/",
        "shop.example",
        "",
        "http:///x",
        "http://",
        "https:shop.example",
        "s3://bucket/key",
        "http://user@shop.example/",
        "http://user:pw@shop.example/",
        "http://shop.example@127.0.0.1/",
        "http://shop.example:8080/",
        "http://shop.example:443/",
        "https://shop.example:80/",
        "http://shop.example:22/",
        "http://shop.example:0/",
        "http://shop.example:99999/",
        "http://shop.example:x/",
        "http://shop.example:-1/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1.:80/",
        "http://127.000.000.001/",
        "http://0/",
        "http://0x/",
        "http://8.8.8/",
        "http://8.8.8.8.8/",
        "http://1.2.3.0x4/",
        "http://256.1.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[2002:7f00:1::]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[::1/",
        "http://[127.0.0.1]/",
        "http://[]/",
        "http://localhost/",
        "http://LOCALHOST/",
        "http://a.localhost/",
        "http://localhost./",
        "http://printer/",
        "http://metadata.google.internal/",
        "http://router.local/",
        "http://nas.lan/",
        "http://db.corp/",
        "http://1.0.0.127.in-addr.arpa/",
        "http://x.onion/",
        "http://shop.example./",
        "http://shop..example/",
        "http://-shop.example/",
        "http://shop.example%00.evil.example/",
        "http://shop%2eexample/",
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
        "http://ⓛocalhost/",
        "http://①②⑦.0.0.1/",
        "http://ｌｏｃａｌｈｏｓｔ/",
        "http://shop.example/\r\nHost: evil",
        "http://shop.example/a b",
        "http://shop.example\\@evil.example/",
        "http://shop.example\t/",
        "http://shop.example/\x00",
        f"http://shop.example/{'a' * 2100}",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 130}example/",
        "http://xn--ü.example/",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        vet_url(url, STRICT)


@given(st.text(max_size=40))
def test_any_text_is_vetted_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"http://shop.example/{text}"):
        try:
            target = vet_url(url, STRICT)
        except Refused:
            continue
        assert target.port in (80, 443)
        assert target.host


class TestAllowedAddresses:
    """What a site may name for tests and the sandbox, and nothing beside it."""

    policy = AddressPolicy.parse(["127.0.0.1:8811", "10.1.0.0/16", "rival.localhost:8812", "[::1]:8813"])

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:8811/",
            "http://10.1.2.3/",
            "http://10.1.2.3:9000/",
            "http://rival.localhost:8812/",
            "https://[::1]:8813/",
            "http://shop.example/",
        ],
    )
    def test_what_is_named_passes(self, url: str) -> None:
        vet_url(url, self.policy)

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://127.0.0.1:8812/",
            "http://127.0.0.2:8811/",
            "http://10.2.0.1/",
            "http://[::1]/",
            "http://rival.localhost/",
            "http://a.rival.localhost:8812/",
            "http://2130706433:8811/",
            "http://user@127.0.0.1:8811/",
            "ftp://127.0.0.1:8811/",
            "http://shop.example:8811/",
        ],
    )
    def test_what_is_not_named_is_refused(self, url: str) -> None:
        with pytest.raises(Refused):
            vet_url(url, self.policy)

    @pytest.mark.parametrize("entry", ["127.0.0.1", "shop.example", ":80", "a:0", "a:x", "10.0.0.1/8", "", "a:70000"])
    def test_what_cannot_be_read_is_an_error(self, entry: str) -> None:
        with pytest.raises(ConfigError, match="allow_addresses"):
            AddressPolicy.parse([entry])
