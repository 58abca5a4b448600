"""The SDK's REST client on our own HTTP layer: time-outs, no redirects, and errors that say what may be repeated."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from twilio.base.exceptions import TwilioException
from twilio.http.response import Response
from twilio.rest import Client

from telephony.ports import TelephonyError
from telephony.twilio import errors
from telephony.twilio.account import TwilioAccount

# Together below the 15 s a webhook may take, so an answer can still be rendered while the API hangs.
CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
MAX_RECORDING_BYTES = 128 * 1024 * 1024  # an hour in two channels, uncompressed
_CHUNK = 64 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class HttpClient:
    """What the SDK calls for every request.

    Raises TelephonyError itself: the SDK's own exception has no headers, hence no Retry-After, and does not tell a
    refusal from a lost answer.
    """

    is_async = False

    def __init__(self, account: TwilioAccount, connect: float = CONNECT_SECONDS, read: float = READ_SECONDS) -> None:
        self._api = account.api_url
        self._resources = f"/2010-04-01/Accounts/{account.account_sid}/"
        self._key = HTTPBasicAuth(account.api_key, account.api_secret)
        self._timeout = (connect, read)
        self._session = requests.Session()
        # A proxy meant for the outside world must not get the calls to a gateway on this machine.
        self._session.trust_env = urlsplit(self._api).hostname not in _LOOPBACK

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        **_ignored: object,  # the SDK's credentials, time-out and redirect settings: ours are fixed
    ) -> Response:
        answer = self._send(method, url, auth=self._key, params=params, data=data, headers=headers)
        if not 200 <= answer.status_code < 300:
            raise errors.refused(method, answer)
        if answer.status_code != 204 and not _is_json_object(answer):
            raise errors.unreadable(method)
        return Response(answer.status_code, answer.text, answer.headers)

    def download(self, url: str, limit: int = MAX_RECORDING_BYTES) -> bytes:
        """A file of the carrier's.

        The address comes from a webhook, so our key goes only to the API host we know. One redirect is followed,
        without the key: media may live in a store with signed addresses.
        """
        url = self._at_known_host(url)
        answer = self._send("GET", url, auth=self._key, stream=True)
        if answer.is_redirect:
            answer.close()
            answer = self._send("GET", _store_address(url, answer), auth=_send_no_key, stream=True)
        with answer:
            if answer.status_code != 200:
                raise errors.refused("GET", answer)
            return _read(answer, limit)

    def _at_known_host(self, url: str) -> str:
        """`url`, or the same resource at the configured host: a gateway may be known to the world by another name."""
        if _origin(url) == _origin(self._api):
            return url
        _, is_resource, path = url.partition(self._resources)
        if not is_resource:
            raise TelephonyError("the file is not at the carrier's address", permanent=True)
        return f"{self._api}{self._resources}{path}"

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        try:
            return self._session.request(method, url, timeout=self._timeout, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise errors.lost(method, error) from error


def make_client(account: TwilioAccount, http: HttpClient) -> Any:
    """A `twilio.rest.Client` (untyped) that talks to the account's API address and nowhere else."""
    client = Client(account.api_key, account.api_secret, account.account_sid, http_client=http)
    # The SDK takes these from TWILIO_REGION and TWILIO_EDGE and would rewrite every host name with them.
    client.region = client.edge = None
    client.api.base_url = account.api_url
    return client


def ask(call: Any, **options: Any) -> Any:
    """Call one SDK method; what the SDK itself finds wrong with it can only be wrong again."""
    try:
        return call(**options)
    except TwilioException as error:
        raise TelephonyError(errors.hide_numbers(f"carrier client: {error}"), permanent=True) from error


def _is_json_object(answer: requests.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except (ValueError, RecursionError):
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ("", None, None)
    return (parts.scheme, parts.hostname, port)


def _store_address(url: str, answer: requests.Response) -> str:
    store = urljoin(url, answer.headers["Location"])
    if urlsplit(store).scheme != "https" and _origin(store) != _origin(url):
        raise TelephonyError("the carrier's media store is not encrypted", permanent=True)
    return store


def _send_no_key(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Unlike auth=None this also keeps requests from looking into ~/.netrc."""
    return request


def _read(answer: requests.Response, limit: int) -> bytes:
    content = bytearray()
    try:
        for chunk in answer.iter_content(_CHUNK):
            content += chunk
            if len(content) > limit:
                raise TelephonyError("the file is too large", permanent=True)
    except requests.RequestException as error:
        raise errors.lost("GET", error) from error
    return bytes(content)
