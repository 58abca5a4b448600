"""The REST subset as the unmodified SDK sees it."""

import json
import urllib.error
import urllib.request
from base64 import b64encode

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.telephony.emulator.harness import ACCOUNT, KEY, SECRET, World


@pytest.mark.parametrize(
    ("name", "secret"), [(ACCOUNT, "口令"), ("AC" + "9" * 32, "carrier-auth-token"), (KEY, "wrong"), ("", "")]
)
def test_nobody_without_the_accounts_secret_is_served(world: World, name: str, secret: str) -> None:
    request = urllib.request.Request(f"{world.carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    if name:
        request.add_header("Authorization", "Basic " + b64encode(f"{name}:{secret}".encode()).decode())
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 401
    assert json.load(refused.value)["code"] == 20003
    refused.value.close()


def test_the_api_key_is_as_good_as_the_account(world: World) -> None:
    assert world.carrier.client(KEY, SECRET).calls.list() == []


def test_a_call_that_never_was_is_not_found_in_twilios_words(world: World) -> None:
    with pytest.raises(TwilioRestException) as refused:
        world.rest.calls("CA" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    assert "was not found" in refused.value.msg


def test_lists_are_paged(world: World) -> None:
    for n in range(7):
        world.rest.messages.create(to=f"+861380000000{n}", from_="96310", body=str(n))
    assert [message.body for message in world.rest.messages.list(page_size=3)] == list("6543210")
    assert len(world.rest.messages.list(limit=4, page_size=3)) == 4
    assert [message.body for message in world.rest.messages.list(to="+8613800000002")] == ["2"]


def test_a_call_that_is_over_cannot_be_redirected(world: World) -> None:
    world.answer(voice="")
    phone = world.phone()
    phone.dial()
    phone.got("ended")
    with pytest.raises(TwilioRestException) as refused:
        world.rest.calls(phone.sid).update(url=world.url("/x"))
    assert refused.value.code == 21220


def test_a_ringing_call_cannot_be_redirected_but_canceled(world: World) -> None:
    phone = world.phone()
    call = world.rest.calls.create(to="+8613800001234", from_="96310", twiml="<Response/>")
    phone.got("incoming")
    with pytest.raises(TwilioRestException):
        call.update(url=world.url("/x"))
    assert call.update(status="canceled").status == "canceled"
    phone.got("canceled")


def test_canceling_never_cuts_a_talk(world: World) -> None:
    world.answer(voice="<Pause length='60'/>")
    phone = world.phone()
    phone.dial()
    phone.got("status", status="in-progress")
    assert world.rest.calls(phone.sid).update(status="canceled").status == "in-progress"


def test_calls_tell_when_they_began_ended_and_how_long_they_were(world: World) -> None:
    world.answer(voice="<Pause length='61'/>")
    phone = world.phone()
    phone.dial()
    phone.got("status", status="in-progress")
    world.advance(61)
    phone.got("ended")
    call = world.rest.calls(phone.sid).fetch()
    assert (call.status, call.duration, call.direction) == ("completed", "61", "inbound")
    assert (call.end_time - call.start_time).total_seconds() == 61
    assert [one.sid for one in world.rest.calls.list(status="completed")] == [phone.sid]


def test_too_many_requests_can_be_provoked(world: World) -> None:
    world.carrier.set_chaos(refuse_rest=1)
    with pytest.raises(TwilioRestException) as refused:
        world.rest.calls("CA1").update(status="completed")
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert world.rest.calls.list() == []


@pytest.mark.parametrize(("missing", "code"), [("To", 21201), ("From", 21213), ("Url", 21205)])
def test_a_call_needs_to_from_and_url(world: World, missing: str, code: int) -> None:
    form = {"To": "+8613800001234", "From": "96310", "Url": world.url("/x")}
    del form[missing]
    answer = world.rest.request("POST", f"{world.carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", data=form)
    assert (answer.status_code, json.loads(answer.text)["code"]) == (400, code)


def test_a_nonsensical_page_or_timeout_is_the_askers_fault(world: World) -> None:
    base = f"{world.carrier.url}/2010-04-01/Accounts/{ACCOUNT}"
    assert world.rest.request("GET", f"{base}/Calls.json?PageSize=many").status_code == 400
    form = {"To": "+8613800001234", "From": "96310", "Url": "http://x/", "Timeout": "soon"}
    assert world.rest.request("POST", f"{base}/Calls.json", data=form).status_code == 400
    assert world.rest.request("GET", f"{base}/Nothing.json").status_code == 404
    assert world.rest.request("DELETE", f"{base}/Calls.json").status_code == 405
