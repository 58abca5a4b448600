"""Sending to an address that somebody typed: never into our own network, only to the address that was checked."""

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PATIENCE = urllib3.Timeout(connect=3.0, read=8.0)
PRIVATE = "地址指向内部网络，未被允许"
# What is routed in the IPv6 internet at all; everything beside it is somebody's own.
_UNICAST, _NAT64 = ipaddress.IPv6Network("2000::/3"), ipaddress.IPv6Network("64:ff9b::/96")


class Unreachable(Exception):
    """One sentence in Chinese; nothing of the address beyond what its owner typed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL and the one IP address that will be spoken to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def check_url(url: str) -> None:
    """Raises Unreachable for what can never be a hook, without asking the network."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unreachable("网址格式不正确") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Unreachable("网址须以 https:// 或 http:// 开头")
    if parts.username or parts.password or parts.fragment:
        raise Unreachable("网址中不能带用户名、密码或 #")


def check_literal(url: str, allowed: Sequence[Network]) -> None:
    """Raises Unreachable at once for an address that is typed as one; what a name means is asked at every sending."""
    try:
        address = str(ipaddress.ip_address(str(urlsplit(url).hostname)))
    except ValueError:
        return
    if not _may_be_reached(address, allowed):
        raise Unreachable(PRIVATE)


def find_target(url: str, allowed: Sequence[Network]) -> Target:
    """Resolve once and check what came out: the connection goes to exactly that address.

    Only public addresses, or those of `allowed` (a government network), are spoken to. A name that resolves to a public
    and to a private address is refused as a whole.
    """
    check_url(url)
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    found = _addresses(host, port)
    if not found or not all(_may_be_reached(address, allowed) for address in found):
        raise Unreachable(PRIVATE)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, found[0])


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """The answer's status; its body is not read. No redirect is followed: it would lead past the check."""
    pool = _pool(target)
    standard = (target.scheme == "https" and target.port == 443) or (target.scheme == "http" and target.port == 80)
    host = target.host if standard else f"{target.host}:{target.port}"
    try:
        answer = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers={**headers, "Host": host},
            redirect=False,
            retries=False,
            preload_content=False,
        )
        answer.close()
        return int(answer.status)
    except urllib3.exceptions.HTTPError as error:
        raise Unreachable(_words(error)) from None
    finally:
        pool.close()


def _addresses(host: str, port: int) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Unreachable("域名无法解析") from None


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.address, target.port, timeout=PATIENCE)
    # The certificate is the host's, although the connection goes to the checked address.
    return urllib3.HTTPSConnectionPool(
        target.address, target.port, timeout=PATIENCE, server_hostname=target.host, assert_hostname=target.host
    )


def _may_be_reached(text: str, allowed: Sequence[Network]) -> bool:
    address = _meant(ipaddress.ip_address(text.partition("%")[0]))
    is_public = address.is_global and not address.is_multicast and (address.version == 4 or address in _UNICAST)
    return is_public or any(address in network for network in allowed)


def _meant(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one only wraps: it is where the packets go."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _words(error: Exception) -> str:
    known = (
        (urllib3.exceptions.NewConnectionError, "连接被拒绝"),
        (urllib3.exceptions.ConnectTimeoutError, "连接超时"),
        (urllib3.exceptions.ReadTimeoutError, "对方没有及时应答"),
        (urllib3.exceptions.SSLError, "对方证书无效"),
    )
    return next((words for kind, words in known if isinstance(error, kind)), "连接失败")
