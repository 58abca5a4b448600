"""What goes wrong between us and the carrier, over real sockets."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from telephony.ports import TelephonyError
from telephony.twilio.account import TwilioAccount
from telephony.twilio.carrier import TwilioCarrier
from telephony.twilio.client import HttpClient
from tests.telephony.twilio.api import CUT, CUT_BODY, HANG, Answer, Api

SMS = ("+8613857461234", "您的诉求已受理", "https://hotline.example.cn/sms/status")
SENT = Answer(201, {"sid": "SM1", "status": "queued"})


@pytest.fixture
def api() -> Iterator[Api]:
    with Api().running() as running:
        yield running


def carrier_of(account: TwilioAccount, read: float = 5.0, connect: float = 5.0) -> TwilioCarrier:
    return TwilioCarrier(account, HttpClient(account, connect, read))


def failure_of(carrier: TwilioCarrier) -> TelephonyError:
    with pytest.raises(TelephonyError) as caught:
        carrier.send_sms(*SMS)
    return caught.value


# --- refusals ------------------------------------------------------------------------------------------------------


def test_too_many_requests_may_be_repeated_after_the_stated_time(api: Api) -> None:
    api.will_answer(Answer(429, {"code": 20429, "message": "Too Many Requests"}, {"Retry-After": "7"}))
    error = failure_of(carrier_of(api.account()))
    assert (error.permanent, error.outcome_unknown, error.retry_after, error.code) == (False, False, 7.0, 20429)


def test_the_stated_time_may_be_a_date_or_nonsense(api: Api) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    for header, low, high in ((later, 200, 301), ("Tue, 24 Nov 2020 04:00:05 GMT", 0, 0), ("99999999", 3600, 3600)):
        api.will_answer(Answer(429, {}, {"Retry-After": header}))
        wait = failure_of(carrier_of(api.account())).retry_after
        assert wait is not None
        assert low <= wait <= high
    api.will_answer(Answer(429, {}, {"Retry-After": "soon"}))
    assert failure_of(carrier_of(api.account())).retry_after is None


@pytest.mark.parametrize("code", [21610, 21211, 21617])
def test_a_refused_recipient_is_refused_for_good(api: Api, code: int) -> None:
    api.will_answer(Answer(400, {"code": code, "message": "no", "status": 400}))
    error = failure_of(carrier_of(api.account()))
    assert (error.permanent, error.outcome_unknown, error.code) == (True, False, code)


def test_the_message_of_an_error_hides_the_number(api: Api) -> None:
    api.will_answer(Answer(400, {"code": 21211, "message": "The 'To' number +8613857461234 is not valid."}))
    text = str(failure_of(carrier_of(api.account())))
    assert "21211" in text
    assert "1385746" not in text


def test_wrong_credentials_are_no_fault_of_the_message(api: Api) -> None:
    api.will_answer(Answer(401, {"code": 20003, "message": "Authenticate"}))
    error = failure_of(carrier_of(api.account()))
    assert (error.permanent, error.outcome_unknown, error.code) == (False, False, 20003)


def test_a_failure_the_carrier_itself_reports_may_be_repeated(api: Api) -> None:
    api.will_answer(Answer(500, {"code": 20500, "message": "Internal Server Error"}))
    error = failure_of(carrier_of(api.account()))
    assert (error.permanent, error.outcome_unknown, error.code) == (False, False, 20500)


@pytest.mark.parametrize(("status", "is_unknown"), [(500, True), (502, True), (504, True), (503, False)])
def test_a_failure_of_something_on_the_way_leaves_the_outcome_open(api: Api, status: int, is_unknown: bool) -> None:
    api.will_answer(Answer(status, b"<html>Bad Gateway</html>"))
    error = failure_of(carrier_of(api.account()))
    assert (error.permanent, error.outcome_unknown, error.code) == (False, is_unknown, None)


def test_a_redirect_is_not_followed_with_our_credentials(api: Api) -> None:
    api.will_answer(Answer(307, {}, {"Location": f"{api.url}/elsewhere"}))
    assert failure_of(carrier_of(api.account())).permanent
    assert len(api.asked) == 1


@pytest.mark.parametrize("body", [b"<html>Welcome to the hotel wifi</html>", b"", b"[]", b"null", b"[" * 50_000])
def test_success_that_cannot_be_read_leaves_the_outcome_open(api: Api, body: bytes) -> None:
    api.will_answer(Answer(201, body))
    error = failure_of(carrier_of(api.account()))
    assert (error.permanent, error.outcome_unknown) == (False, True)


def test_success_without_a_sid_leaves_the_outcome_open(api: Api) -> None:
    api.will_answer(Answer(201, {"status": "queued"}))
    assert failure_of(carrier_of(api.account())).outcome_unknown


# --- no answer -----------------------------------------------------------------------------------------------------


def test_a_time_out_after_the_request_left_leaves_the_outcome_open(api: Api) -> None:
    api.will_answer(HANG)
    error = failure_of(carrier_of(api.account(), read=0.2))
    assert (error.permanent, error.outcome_unknown) == (False, True)
    assert api.last.form["Body"] == [SMS[1]]


def test_a_connection_cut_before_the_answer_leaves_the_outcome_open(api: Api) -> None:
    api.will_answer(CUT)
    error = failure_of(carrier_of(api.account()))
    assert (error.permanent, error.outcome_unknown) == (False, True)


def test_an_answer_cut_in_the_middle_leaves_the_outcome_open(api: Api) -> None:
    api.will_answer(CUT_BODY)
    assert failure_of(carrier_of(api.account())).outcome_unknown


def test_a_time_out_of_a_question_leaves_nothing_open(api: Api) -> None:
    api.will_answer(HANG)
    with pytest.raises(TelephonyError) as caught:
        carrier_of(api.account(), read=0.2).set_muted("call-7", "CA1", True)
    assert api.last.method == "GET"
    assert (caught.value.permanent, caught.value.outcome_unknown) == (False, False)


def test_a_refused_connection_sent_nothing(api: Api) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
        error = failure_of(carrier_of(api.account(base_url=nobody)))
    assert (error.permanent, error.outcome_unknown) == (False, False)


def test_a_connection_that_is_never_accepted_sent_nothing(api: Api) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        carrier = carrier_of(api.account(base_url=f"http://127.0.0.1:{full.getsockname()[1]}"), connect=0.2)
        with socket.create_connection(full.getsockname()):  # takes the one place, further handshakes get no answer
            error = failure_of(carrier)
    assert (error.permanent, error.outcome_unknown) == (False, False)


def test_a_gateway_that_speaks_no_tls_was_told_nothing(api: Api) -> None:
    error = failure_of(carrier_of(api.account(base_url=api.url.replace("http:", "https:"))))
    assert (error.permanent, error.outcome_unknown) == (False, False)
    assert api.asked == []


# --- where the requests go -----------------------------------------------------------------------------------------


def test_the_configured_address_wins_over_region_and_edge(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC_of_somebody_else")
    api.will_answer(SENT)
    assert carrier_of(api.account()).send_sms(*SMS) == "SM1"
    assert api.last.path == f"/2010-04-01/Accounts/{api.account().account_sid}/Messages.json"


def test_without_a_configured_address_it_is_twilios_own(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    assert api.account(base_url=None).api_url == "https://api.twilio.com"


def test_an_address_below_a_path_is_kept(api: Api) -> None:
    api.will_answer(SENT)
    carrier_of(api.account(base_url=f"{api.url}/gateway/")).send_sms(*SMS)
    assert api.last.path.startswith("/gateway/2010-04-01/Accounts/")


def test_a_proxy_for_the_outside_is_not_asked_for_this_machine(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    api.will_answer(SENT)
    assert carrier_of(api.account()).send_sms(*SMS) == "SM1"


def test_requests_are_made_with_the_api_key_not_the_token_that_signs_webhooks(api: Api) -> None:
    api.will_answer(SENT)
    carrier_of(api.account()).send_sms(*SMS)
    assert api.last.user == api.account().api_key
    assert api.last.agent.startswith("twilio-python/")


# --- recordings ----------------------------------------------------------------------------------------------------


def test_a_recording_is_fetched_with_the_key(api: Api) -> None:
    api.will_answer(Answer(200, b"RIFF" * 100_000))
    assert carrier_of(api.account()).fetch_recording(f"{api.url}/Recordings/RE1.wav") == b"RIFF" * 100_000
    assert (api.last.path, api.last.user) == ("/Recordings/RE1.wav", api.account().api_key)


def test_a_gateway_known_by_another_name_is_asked_where_we_know_it(api: Api) -> None:
    api.will_answer(Answer(200, b"RIFF"))
    path = f"/2010-04-01/Accounts/{api.account().account_sid}/Recordings/RE1"
    assert carrier_of(api.account()).fetch_recording(f"https://phones.example.cn{path}") == b"RIFF"
    assert (api.last.path, api.last.user) == (path, api.account().api_key)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/RE1",
        "https://evil.example.com/RE1",
        "https://evil.example.com/2010-04-01/Accounts/AC_of_somebody_else/Recordings/RE1",
        "https://api.twilio.com.evil.example.com/RE1",
        "file:///etc/passwd",
        "http://[broken",
        "http://host:port/",
        "",
    ],
)
def test_the_key_is_never_sent_to_another_address(api: Api, url: str) -> None:
    with pytest.raises(TelephonyError) as caught:
        carrier_of(api.account()).fetch_recording(url)
    assert caught.value.permanent
    assert api.asked == []


def test_a_media_store_behind_a_redirect_gets_no_key(api: Api) -> None:
    api.will_answer(Answer(302, b"", {"Location": "/store/RE1?signature=x"}), Answer(200, b"RIFF"))
    assert carrier_of(api.account()).fetch_recording(f"{api.url}/RE1") == b"RIFF"
    assert (api.last.path, api.last.user) == ("/store/RE1", None)


def test_an_unencrypted_media_store_elsewhere_is_not_asked(api: Api) -> None:
    with Api().running() as store:
        api.will_answer(Answer(302, b"", {"Location": f"{store.url}/RE1"}))
        with pytest.raises(TelephonyError, match="not encrypted"):
            carrier_of(api.account()).fetch_recording(f"{api.url}/RE1")
        assert store.asked == []


def test_a_chain_of_redirects_is_a_refusal(api: Api) -> None:
    api.will_answer(*[Answer(302, b"", {"Location": "/again"})] * 2)
    with pytest.raises(TelephonyError, match="302"):
        carrier_of(api.account()).fetch_recording(f"{api.url}/RE1")
    assert len(api.asked) == 2


@pytest.mark.parametrize(("status", "is_permanent"), [(404, True), (503, False)])
def test_a_missing_recording_is_told_from_a_busy_carrier(api: Api, status: int, is_permanent: bool) -> None:
    api.will_answer(Answer(status, {"code": 20404, "message": "not found"} if status == 404 else b""))
    with pytest.raises(TelephonyError) as caught:
        carrier_of(api.account()).fetch_recording(f"{api.url}/RE1")
    assert caught.value.permanent is is_permanent


def test_half_a_recording_is_none(api: Api) -> None:
    api.will_answer(CUT_BODY)
    with pytest.raises(TelephonyError) as caught:
        carrier_of(api.account()).fetch_recording(f"{api.url}/RE1")
    assert (caught.value.permanent, caught.value.outcome_unknown) == (False, False)


def test_an_endless_recording_is_given_up(api: Api) -> None:
    api.will_answer(Answer(200, b"x" * 200_000))
    with pytest.raises(TelephonyError, match="too large"):
        HttpClient(api.account()).download(f"{api.url}/RE1", limit=100_000)
