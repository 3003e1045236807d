"""OAuth 1.0a: the RFC's own example, published vectors, and what a real request carries."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.woocommerce.oauth import OAuth1, base_string, signature

RFC_PARAMETERS = [
    ("b5", "=%3D"),
    ("a3", "a"),
    ("c@", ""),
    ("a2", "r b"),
    ("oauth_consumer_key", "9djdj82h48djs9d2"),
    ("oauth_token", "kkk9d7dh3k39sjv7"),
    ("oauth_signature_method", "HMAC-SHA1"),
    ("oauth_timestamp", "137131201"),
    ("oauth_nonce", "7d8f3e4a"),
    ("c2", ""),
    ("a3", "2 q"),
]


def test_the_base_string_is_that_of_rfc_5849_section_3_4_1_1() -> None:
    assert base_string("post", "http://EXAMPLE.COM:80/request?b5=%3D%253D", RFC_PARAMETERS) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


# From the tests of request/oauth-sign (https://github.com/request/oauth-sign/blob/master/test.js), HMAC-SHA256.
VECTORS = [
    (
        "https://api.twitter.com/oauth/request_token",
        {
            "oauth_callback": "http://localhost:3005/the_dance/process_callback?service_provider_id=11",
            "oauth_consumer_key": "GDdmIQH6jhtmLUypg82g",
            "oauth_nonce": "QP70eNmVz8jvdPevU3oJD2AfF7R7odC2XJcn4XlZJqk",
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": "1272323042",
            "oauth_version": "1.0",
        },
        "MCD8BKwGdgPHvAuvgvz4EQpqDAtx89grbuNMRd7Eh98&",
        "N0KBpiPbuPIMx2B77eIg7tNfGNF81iq3bcO9RO6lH+k=",
    ),
    (
        "http://api.twitter.com/1/statuses/update.json",
        {
            "oauth_consumer_key": "GDdmIQH6jhtmLUypg82g",
            "oauth_nonce": "oElnnMTQIZvqvlfXM56aBLAf5noGD0AQR3Fmi7Q6Y",
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_token": "819797-Jxq8aYUDRmykzVKrgoLhXSq67TEa5ruc4GJC2rWimw",
            "oauth_timestamp": "1272325550",
            "oauth_version": "1.0",
            "status": "setting up my twitter 私のさえずりを設定する",
        },
        "MCD8BKwGdgPHvAuvgvz4EQpqDAtx89grbuNMRd7Eh98&J6zix3FfA9LofH0awS24M3HcBYXO5nI1iYe8EfBA",
        "xYhKjozxc3NYef7C26WU+gORdhEURdZRxSDzRttEKH0=",
    ),
]


@pytest.mark.parametrize(("url", "parameters", "key", "expected"), VECTORS)
def test_published_vectors(url: str, parameters: dict[str, str], key: str, expected: str) -> None:
    assert signature("POST", url, parameters.items(), key) == expected


def test_the_rfcs_request_under_sha256() -> None:
    parameters = [
        (name, "HMAC-SHA256" if name == "oauth_signature_method" else value) for name, value in RFC_PARAMETERS
    ]
    key = "j49sk3j29djd&dh893hdasih9"
    assert signature("POST", "http://example.com/request", parameters, key) == (
        "ypAxjNip++Dm0fTM+gCl8wAo6ufSnseu1WHxL7py3BU="
    )


def test_a_request_is_signed_in_its_query_with_a_new_nonce_each_time() -> None:
    nonces = iter(["first", "second"])
    auth = OAuth1("ck_1", "cs_1", wall=lambda: 1_700_000_000.9, nonce=lambda: next(nonces))
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(dict(request.url.params))
        return httpx.Response(200)

    with httpx.Client(auth=auth, transport=httpx.MockTransport(answer)) as http:
        for _ in range(2):
            http.get("http://shop.example/wp-json/wc/v3/orders", params={"search": "a b&c", "page": 2})
    assert [one["oauth_nonce"] for one in seen] == ["first", "second"]
    assert seen[0]["search"] == "a b&c"
    assert seen[0]["oauth_timestamp"] == "1700000000"
    assert seen[0]["oauth_signature"] != seen[1]["oauth_signature"]
    unsigned = [(name, value) for name, value in seen[0].items() if name != "oauth_signature"]
    url = "http://shop.example/wp-json/wc/v3/orders"
    assert seen[0]["oauth_signature"] == signature("GET", url, unsigned, "cs_1&")
    assert "cs_1" not in str(seen)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=6))
def test_the_order_of_parameters_does_not_matter(parameters: list[tuple[str, str]]) -> None:
    url = "http://shop.example/a"
    assert signature("GET", url, parameters, "k&") == signature("GET", url, parameters[::-1], "k&")
