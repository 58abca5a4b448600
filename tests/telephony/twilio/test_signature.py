"""Every trap of X-Twilio-Signature as its own test, most of them through a real HTTP server and Flask request."""

import http.client
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from telephony.ports import WebhookRequest
from telephony.twilio.signature import body_hash, is_genuine, sign

TOKEN = "12345678901234567890123456789012"
PUBLIC = "https://hotline.example.cn"
FORM = (("CallSid", "CA1"), ("From", "+8613857461234"), ("To", "96310"), ("Digits", "1"))
FORM_TYPE = "application/x-www-form-urlencoded"


def signed(url: str = f"{PUBLIC}/voice/start", form: tuple[tuple[str, str], ...] = FORM) -> WebhookRequest:
    return WebhookRequest("POST", url, form, headers={"x-twilio-signature": sign(url, form, TOKEN)})


def with_signature(request: WebhookRequest, signature: str, **headers: str) -> WebhookRequest:
    return replace(request, headers={"x-twilio-signature": signature, **headers})


# --- what the carrier sends ----------------------------------------------------------------------------------------


def test_the_published_example_of_twilio_is_genuine() -> None:
    form = (
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+12349013030"),
        ("Digits", "1234"),
        ("From", "+12349013030"),
        ("To", "+18005551212"),
    )
    request = with_signature(
        WebhookRequest("POST", "https://mycompany.com/myapp.php?foo=1&bar=2", form), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    )
    assert is_genuine(request, "12345")
    assert not is_genuine(request, "12346")


def test_a_signed_form_is_genuine_in_any_order_and_with_unknown_parameters() -> None:
    form = (("Zukunft", "新参数"), *FORM)
    request = signed(form=form)
    assert is_genuine(request, TOKEN)
    assert is_genuine(replace(request, form=tuple(reversed(form))), TOKEN)


@pytest.mark.parametrize(
    "changes",
    [
        {"form": (*FORM[:-1], ("Digits", "2"))},
        {"form": FORM[:-1]},
        {"form": (*FORM, ("Extra", "1"))},
        {"url": f"{PUBLIC}/voice/other"},
        {"url": f"{PUBLIC}/voice/start?call=1"},
        {"url": "https://elsewhere.example.cn/voice/start"},
        {"url": "http://hotline.example.cn/voice/start"},
    ],
)
def test_whatever_is_changed_on_the_way_is_refused(changes: Mapping[str, Any]) -> None:
    assert not is_genuine(replace(signed(), **changes), TOKEN)


def test_repeated_names_are_signed_sorted_and_once_each() -> None:
    form = (("Media", "b"), ("Media", "a"), ("Media", "b"), ("CallSid", "CA1"))
    by_hand = sign(f"{PUBLIC}/x", (("CallSid", "CA1"), ("Media", "a"), ("Media", "b")), TOKEN)
    assert is_genuine(with_signature(WebhookRequest("POST", f"{PUBLIC}/x", form), by_hand), TOKEN)


def test_the_fragment_is_not_signed() -> None:
    assert is_genuine(signed(url=f"{PUBLIC}/x#rc=5"), TOKEN)
    assert sign(f"{PUBLIC}/x#rc=5", (), TOKEN) == sign(f"{PUBLIC}/x", (), TOKEN)


@pytest.mark.parametrize("as_signed", [f"{PUBLIC}/x", f"{PUBLIC}:443/x"])
@pytest.mark.parametrize("as_called", [f"{PUBLIC}/x", f"{PUBLIC}:443/x"])
def test_the_default_port_may_be_written_or_not(as_signed: str, as_called: str) -> None:
    assert is_genuine(replace(signed(as_signed), url=as_called), TOKEN)


def test_a_port_of_our_own_is_left_out_by_some_carriers() -> None:
    request = WebhookRequest("POST", "http://127.0.0.1:8443/x?", FORM)
    assert is_genuine(with_signature(request, sign("http://127.0.0.1/x?", FORM, TOKEN)), TOKEN)
    assert is_genuine(with_signature(request, sign(request.url, FORM, TOKEN)), TOKEN)
    assert not is_genuine(with_signature(request, sign("http://127.0.0.1:9/x?", FORM, TOKEN)), TOKEN)


# --- refusing instead of failing -----------------------------------------------------------------------------------


def test_a_missing_or_empty_header_is_refused() -> None:
    assert not is_genuine(replace(signed(), headers={}), TOKEN)
    assert not is_genuine(with_signature(signed(), ""), TOKEN)


@pytest.mark.parametrize("junk", ["x", "é" * 28, "=" * 28, "\udcff", "A" * 10_000])
def test_a_senseless_header_is_refused(junk: str) -> None:
    assert not is_genuine(with_signature(signed(), junk), TOKEN)


def test_without_a_token_everything_is_refused() -> None:
    request = with_signature(signed(), sign(signed().url, FORM, ""))
    assert not is_genuine(request, "")


def test_a_json_body_without_its_hash_in_the_url_is_refused() -> None:
    url = f"{PUBLIC}/events"
    request = with_signature(WebhookRequest("POST", url, body=b'{"a":1}'), sign(url, (), TOKEN))
    assert not is_genuine(request, TOKEN)


def test_a_json_body_is_covered_by_its_hash() -> None:
    body = '{"text":"河道有垃圾"}'.encode()
    url = f"{PUBLIC}/events?a=b&bodySHA256={body_hash(body)}"
    request = with_signature(WebhookRequest("POST", url, body=body), sign(url, (), TOKEN))
    assert is_genuine(request, TOKEN)
    assert not is_genuine(replace(request, body=body + b" "), TOKEN)
    assert not is_genuine(replace(request, body=b"\xff\xfe not utf-8"), TOKEN)


def test_a_body_that_is_no_utf8_is_still_covered_by_its_hash() -> None:
    body = b"\xff\xfe\x00"
    url = f"{PUBLIC}/events?bodySHA256={body_hash(body)}"
    assert is_genuine(with_signature(WebhookRequest("POST", url, body=body), sign(url, (), TOKEN)), TOKEN)


def test_a_body_hash_in_the_url_does_not_excuse_a_form_from_the_signature() -> None:
    url = f"{PUBLIC}/voice?bodySHA256={body_hash(b'')}"
    assert not is_genuine(with_signature(WebhookRequest("POST", url, FORM), sign(url, (), TOKEN)), TOKEN)


# --- shared keys with SHA-256 --------------------------------------------------------------------------------------

KEYS = {"webhooks_sharedkey_1": "s" * 32, "webhooks_sharedkey_2": "t" * 32}


def by_shared_key(secret: str, settings: str, algorithm: str = "HMAC_SHA256") -> WebhookRequest:
    signature = sign(signed().url, FORM, secret, algorithm)
    return with_signature(signed(), signature, **{"x-twilio-webhooks-signature-settings": settings})


@pytest.mark.parametrize("key", KEYS)
def test_the_sender_picks_among_the_configured_keys(key: str) -> None:
    assert is_genuine(by_shared_key(KEYS[key], f"key={key},algorithm=HMAC_SHA256"), TOKEN, KEYS)
    assert is_genuine(by_shared_key(KEYS[key], f"algorithm=hmac_sha256, key={key}"), TOKEN, KEYS)


@pytest.mark.parametrize(
    ("secret", "settings", "algorithm"),
    [
        ("s" * 32, "key=webhooks_sharedkey_9,algorithm=HMAC_SHA256", "HMAC_SHA256"),
        ("s" * 32, "key=webhooks_sharedkey_2,algorithm=HMAC_SHA256", "HMAC_SHA256"),
        ("s" * 32, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", "HMAC_SHA1"),
        ("s" * 32, "key=webhooks_sharedkey_1", "HMAC_SHA1"),
        ("s" * 32, "key=webhooks_sharedkey_2,key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "HMAC_SHA256"),
        ("", "key=,algorithm=HMAC_SHA256", "HMAC_SHA256"),
        ("", "algorithm=HMAC_SHA256", "HMAC_SHA256"),
        (TOKEN, "algorithm=HMAC_SHA256", "HMAC_SHA256"),
        (TOKEN, "key=webhooks_sharedkey_1,algorithm=MD5", "HMAC_SHA1"),
        (TOKEN, "", "HMAC_SHA1"),
        (TOKEN, ",,,=", "HMAC_SHA1"),
    ],
)
def test_the_sender_cannot_bring_a_key_or_a_weaker_algorithm(secret: str, settings: str, algorithm: str) -> None:
    assert not is_genuine(by_shared_key(secret, settings, algorithm), TOKEN, KEYS)


def test_without_configured_keys_the_settings_header_is_refused() -> None:
    assert not is_genuine(by_shared_key("s" * 32, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"), TOKEN)


# --- any input -----------------------------------------------------------------------------------------------------

pairs = st.lists(st.tuples(st.text(), st.text()), max_size=8).map(tuple)


@given(
    url=st.text(),
    form=pairs,
    body=st.binary(max_size=50),
    signature=st.text(),
    settings=st.none() | st.text(),
)
def test_no_request_makes_the_check_fail_or_pass_by_luck(
    url: str, form: tuple[tuple[str, str], ...], body: bytes, signature: str, settings: str | None
) -> None:
    headers = {"x-twilio-signature": signature}
    if settings is not None:
        headers["x-twilio-webhooks-signature-settings"] = settings
    assert is_genuine(WebhookRequest("POST", url, form, body=body, headers=headers), TOKEN, KEYS) is False


@given(
    path=st.from_regex(r"/[a-z%0-9/]{0,20}\??[a-z=&]{0,10}", fullmatch=True), form=st.dictionaries(st.text(), st.text())
)
def test_what_the_sdk_signs_is_genuine(path: str, form: dict[str, str]) -> None:
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
    request = with_signature(WebhookRequest("POST", PUBLIC + path, tuple(form.items())), signature)
    assert is_genuine(request, TOKEN)


# --- through a real server: the address is where requests get lost -------------------------------------------------


@dataclass
class Desk:
    """A Flask application that tells what `is_genuine` says about each request."""

    port: int
    heard: list[WebhookRequest] = field(default_factory=list)

    def call(self, method: str, target: str, body: str = "", **headers: str) -> int:
        """Send `target` to the server byte for byte, as a carrier does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, target, body.encode() or None, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def post(self, target: str, form: tuple[tuple[str, str], ...] = FORM) -> int:
        signature = sign(PUBLIC + target, form, TOKEN)
        return self.call(
            "POST", target, urlencode(form), **{"Content-Type": FORM_TYPE, "X-Twilio-Signature": signature}
        )


def hear(request: flask.Request) -> WebhookRequest:
    """The rule every receiver follows: the configured public base and the raw path and query, never `request.url`."""
    raw = request.environ["RAW_URI"]
    body = request.get_data(cache=True)
    return WebhookRequest(
        method=request.method,
        url=PUBLIC + raw,
        form=tuple(request.form.items(multi=True)),
        query=tuple(parse_qsl(request.query_string.decode(), keep_blank_values=True)),
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
    )


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    app = flask.Flask("desk")
    opened = Desk(0)

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def receive(path: str) -> tuple[str, int]:
        request = hear(flask.request)
        opened.heard.append(request)
        return "", 204 if is_genuine(request, TOKEN) else 403

    server = make_server("127.0.0.1", 0, app, threaded=True)
    opened.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield opened
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "target",
    [
        "/voice/start",
        "/voice/start?",
        "/voice/start?call=1",
        "/voice/start?call=1&",
        "/voice/start?empty=&call",
        "/voice/%E6%B2%B3%E9%81%93?q=%E5%9E%83%E5%9C%BE",
        "/voice/%e6%b2%b3?q=%e5%9e%83",
        "/voice/%7Euser/~user?tilde=%7E",
        "/voice/a%2Fb?next=%2Fvoice%3Fa%3D1",
        "/voice/with%20space?plus=a+b&space=a%20b",
        "/voice/start?CallSid=CA_from_the_query",
    ],
)
def test_a_genuine_post_is_recognised_at_every_kind_of_address(desk: Desk, target: str) -> None:
    assert desk.post(target) == 204


def test_behind_a_proxy_that_ends_tls_the_public_address_counts(desk: Desk) -> None:
    # The server itself is called by http on a port of its own.
    assert desk.post("/voice/start?x=1") == 204
    assert desk.heard[-1].url == f"{PUBLIC}/voice/start?x=1"


def test_a_get_is_signed_by_its_address_alone(desk: Desk) -> None:
    target = "/voice/wait?QueuePosition=1&CallSid=CA1&Name=%E6%B2%B3"
    signature = sign(PUBLIC + target, (), TOKEN)
    assert desk.call("GET", target, **{"X-Twilio-Signature": signature}) == 204
    assert desk.call("GET", target + "1", **{"X-Twilio-Signature": signature}) == 403


def test_a_form_with_chinese_blank_and_repeated_fields_is_recognised(desk: Desk) -> None:
    assert desk.post("/sms", (("Body", "小区门口 井盖+坏了 & 漏水"), ("Blank", ""), ("To", "b"), ("To", "a"))) == 204


def test_a_json_request_over_the_wire_needs_its_hash(desk: Desk) -> None:
    body = '{"transcript":"路灯不亮"}'
    headers = {"Content-Type": "application/json"}
    covered = f"/events?bodySHA256={body_hash(body.encode())}"
    assert (
        desk.call("POST", covered, body, **headers, **{"X-Twilio-Signature": sign(PUBLIC + covered, (), TOKEN)}) == 204
    )
    bare = "/events"
    assert desk.call("POST", bare, body, **headers, **{"X-Twilio-Signature": sign(PUBLIC + bare, (), TOKEN)}) == 403
    assert desk.call("POST", bare, body, **headers) == 403


def test_an_unsigned_request_over_the_wire_is_refused(desk: Desk) -> None:
    assert desk.call("POST", "/voice/start", urlencode(FORM), **{"Content-Type": FORM_TYPE}) == 403
    assert desk.call("GET", "/voice/start") == 403
