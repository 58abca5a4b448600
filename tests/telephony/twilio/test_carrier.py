"""What the adapter asks of the carrier, read at the other end of the wire."""

from collections.abc import Iterator

import jwt
import pytest

from telephony.ports import Carrier, Hangup, Keys, TelephonyError, WebhookRequest
from telephony.twilio.account import TwilioAccount
from telephony.twilio.carrier import TwilioCarrier
from telephony.twilio.signature import sign
from tests.telephony.twilio.api import CUT, Answer, Api

CONFERENCE = "CF" + "0" * 32
BASE = "https://hotline.example.cn"


@pytest.fixture
def api() -> Iterator[Api]:
    with Api().running() as running:
        yield running


@pytest.fixture
def carrier(api: Api) -> Carrier:
    return TwilioCarrier(api.account())


def path(api: Api, rest: str) -> str:
    return f"/2010-04-01/Accounts/{api.account().account_sid}/{rest}.json"


def test_a_message_is_sent_from_the_hotlines_number(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(201, {"sid": "SM1"}))
    assert carrier.send_sms("+8613857461234", "已受理", f"{BASE}/sms/status") == "SM1"
    assert (api.last.method, api.last.path) == ("POST", path(api, "Messages"))
    assert api.last.form == {
        "To": ["+8613857461234"],
        "From": ["+8657496310"],
        "Body": ["已受理"],
        "StatusCallback": [f"{BASE}/sms/status"],
    }


def test_a_messaging_service_may_be_the_sender(api: Api) -> None:
    api.will_answer(Answer(201, {"sid": "SM1"}))
    TwilioCarrier(api.account(sms_sender="MG" + "d" * 32)).send_sms("+8613857461234", "已受理", BASE)
    assert api.last.form["MessagingServiceSid"] == ["MG" + "d" * 32]
    assert "From" not in api.last.form


def test_an_agent_is_rung_into_the_calls_conference(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(201, {"call_sid": "CA2", "conference_sid": CONFERENCE}))
    sid = carrier.ring_agent(
        "call-7",
        "agent_12",
        "agent",
        f"{BASE}/leg",
        timeout=15,
        conference_callback=f"{BASE}/conference",
        recording_callback=f"{BASE}/recording",
    )
    assert sid == "CA2"
    assert api.last.path == path(api, "Conferences/call-7/Participants")
    assert api.last.form == {
        "From": ["96310"],
        "To": ["client:agent_12"],
        "Label": ["agent"],
        "Timeout": ["15"],
        "EarlyMedia": ["true"],
        "Beep": ["false"],
        "StartConferenceOnEnter": ["true"],
        "EndConferenceOnExit": ["false"],
        "WaitUrl": [""],
        "StatusCallback": [f"{BASE}/leg"],
        "StatusCallbackMethod": ["POST"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "ConferenceStatusCallback": [f"{BASE}/conference"],
        "ConferenceStatusCallbackMethod": ["POST"],
        "ConferenceStatusCallbackEvent": ["start", "end", "join", "leave", "mute", "hold"],
        "ConferenceRecord": ["record-from-start"],
        "ConferenceRecordingStatusCallback": [f"{BASE}/recording"],
        "ConferenceRecordingStatusCallbackMethod": ["POST"],
        "ConferenceRecordingStatusCallbackEvent": ["in-progress", "completed", "absent"],
    }


def test_a_conference_is_neither_recorded_nor_reported_unasked(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(201, {"call_sid": "CA2"}))
    carrier.ring_agent("call-7", "agent_12", "agent", f"{BASE}/leg")
    assert not [name for name in api.last.form if name.startswith("Conference")]


@pytest.mark.parametrize("identity", ["", "agent 1", "agent-1", "client:agent_1", "坐席", "a" * 122])
def test_an_identity_no_browser_can_be_reached_by_is_refused(api: Api, carrier: Carrier, identity: str) -> None:
    with pytest.raises(ValueError, match="name"):
        carrier.ring_agent("call-7", identity, "agent", BASE)
    with pytest.raises(ValueError, match="name"):
        carrier.browser_token(identity)
    assert api.asked == []


def test_a_telephone_is_rung_up_and_every_step_asked_for(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(201, {"sid": "CA7"}))
    sid = carrier.place_call("+8657455500017", f"{BASE}/duty?call=7", f"{BASE}/duty/status?call=7", timeout=25)
    assert sid == "CA7"
    assert (api.last.method, api.last.path) == ("POST", path(api, "Calls"))
    assert api.last.form == {
        "From": ["96310"],
        "To": ["+8657455500017"],
        "Url": [f"{BASE}/duty?call=7"],
        "Method": ["POST"],
        "Timeout": ["25"],
        "StatusCallback": [f"{BASE}/duty/status?call=7"],
        "StatusCallbackMethod": ["POST"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
    }


def test_a_number_the_carrier_cannot_ring_is_a_permanent_error(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(400, {"code": 21211, "message": "The 'To' number +8657455500017 is not valid."}))
    with pytest.raises(TelephonyError) as caught:
        carrier.place_call("+8657455500017", BASE, BASE)
    assert (caught.value.permanent, caught.value.outcome_unknown, caught.value.code) == (True, False, 21211)
    assert "55500017" not in str(caught.value)


def test_a_call_whose_answer_was_lost_may_be_ringing(api: Api, carrier: Carrier) -> None:
    api.will_answer(CUT)
    with pytest.raises(TelephonyError) as caught:
        carrier.place_call("+8657455500017", BASE, BASE)
    assert (caught.value.permanent, caught.value.outcome_unknown) == (False, True)


def test_a_call_is_moved_to_another_document(api: Api, carrier: Carrier) -> None:
    carrier.move_call("CA1", f"{BASE}/voice/join?call=7")
    assert api.last.path == path(api, "Calls/CA1")
    assert api.last.form == {"Url": [f"{BASE}/voice/join?call=7"], "Method": ["POST"]}


def test_a_call_that_is_gone_cannot_be_moved(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(400, {"code": 21220, "message": "Call is not in-progress. Cannot redirect."}))
    with pytest.raises(TelephonyError) as caught:
        carrier.move_call("CA1", BASE)
    assert (caught.value.permanent, caught.value.code) == (True, 21220)


def test_hanging_up_twice_is_hanging_up(api: Api, carrier: Carrier) -> None:
    carrier.hang_up("CA1")
    assert api.last.form == {"Status": ["completed"]}
    api.will_answer(Answer(400, {"code": 21220, "message": "Call is not in-progress."}))
    carrier.hang_up("CA1")
    api.will_answer(Answer(500, {"code": 20500, "message": "Internal"}))
    with pytest.raises(TelephonyError):
        carrier.hang_up("CA1")


def test_muting_and_holding_by_the_conferences_sid(api: Api, carrier: Carrier) -> None:
    carrier.set_muted(CONFERENCE, "CA1", True)
    assert (api.last.path, api.last.form) == (
        path(api, f"Conferences/{CONFERENCE}/Participants/CA1"),
        {"Muted": ["true"]},
    )
    carrier.set_held(CONFERENCE, "CA1", True, f"{BASE}/hold.mp3")
    assert api.last.form == {"Hold": ["true"], "HoldUrl": [f"{BASE}/hold.mp3"], "HoldMethod": ["GET"]}
    carrier.set_held(CONFERENCE, "CA1", False, f"{BASE}/hold.mp3")
    assert api.last.form == {"Hold": ["false"]}


def test_our_own_name_of_a_conference_is_looked_up(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(200, {"conferences": [{"sid": CONFERENCE, "friendly_name": "call-7"}]}), Answer())
    carrier.set_muted("call-7", "CA1", False)
    looked_up, muted = api.asked
    assert (looked_up.method, looked_up.path) == ("GET", path(api, "Conferences"))
    assert looked_up.query["FriendlyName"] == ["call-7"]
    assert looked_up.query["Status"] == ["in-progress"]
    assert muted.path == path(api, f"Conferences/{CONFERENCE}/Participants/CA1")


def test_a_conference_that_has_ended_is_a_permanent_error(api: Api, carrier: Carrier) -> None:
    api.will_answer(Answer(200, {"conferences": []}))
    with pytest.raises(TelephonyError) as caught:
        carrier.set_held("call-7", "CA1", True, BASE)
    assert caught.value.permanent


def test_the_browsers_token_opens_its_own_phone_for_an_hour(api: Api, carrier: Carrier) -> None:
    token = carrier.browser_token("agent_12")
    account = api.account()
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1"}
    claims = jwt.decode(token, account.api_secret, algorithms=["HS256"])
    assert (claims["iss"], claims["sub"]) == (account.api_key, account.account_sid)
    assert claims["exp"] - claims["nbf"] <= 3600
    assert claims["grants"] == {
        "identity": "agent_12",
        "voice": {"incoming": {"allow": True}, "outgoing": {"application_sid": account.application_sid}},
    }


@pytest.mark.parametrize("ttl", [0, -1, 3601, 86_400])
def test_a_token_lives_at_most_an_hour(carrier: Carrier, ttl: int) -> None:
    with pytest.raises(ValueError, match="hour"):
        carrier.browser_token("agent_12", ttl)


def test_webhooks_are_checked_read_and_answered_with_one_object(api: Api, carrier: Carrier) -> None:
    form = (("CallSid", "CA1"), ("Digits", "1"))
    signature = sign(f"{BASE}/menu", form, api.account().auth_token)
    request = WebhookRequest("POST", f"{BASE}/menu", form, headers={"x-twilio-signature": signature})
    assert carrier.is_genuine(request)
    assert not carrier.is_genuine(WebhookRequest("POST", f"{BASE}/menu", form))
    assert carrier.hear_gather(request) == Keys("CA1", "1")
    assert "<Hangup" in carrier.render([Hangup()])


# --- the account ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["account_sid", "auth_token", "api_key", "api_secret", "application_sid", "hotline_number", "sms_sender"],
)
def test_an_account_with_a_missing_secret_refuses_to_start(api: Api, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        api.account(**{name: ""})


@pytest.mark.parametrize("address", ["api.twilio.com", "ftp://gateway", "https://", "https://h/?a=1", "https://h/#x"])
def test_an_account_at_no_address_refuses_to_start(api: Api, address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        api.account(base_url=address)


def test_an_account_never_prints_its_secrets(api: Api) -> None:
    account: TwilioAccount = api.account(signing_keys={"key": "shared-secret"})
    assert account.auth_token not in repr(account)
    assert account.api_secret not in repr(account)
    assert "shared-secret" not in repr(account)
