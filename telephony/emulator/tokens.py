"""Access tokens of browser clients: who may register under which identity."""

from dataclasses import dataclass

import jwt

from telephony.emulator.config import Settings

LONGEST_LIFE = 24 * 3600
INVALID = 20101
EXPIRED = 20104
BAD_ISSUER = 20103


class BadToken(ValueError):
    """`code` is Twilio's error number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a token speaks for; `expires` in Unix seconds."""

    identity: str
    expires: float
    may_receive: bool
    may_call: bool


def read_token(settings: Settings, token: str) -> Visitor:
    """Raises BadToken unless our own API key signed it for this account and it is alive."""
    try:
        if jwt.get_unverified_header(token).get("cty") != "twilio-fpa;v=1":
            raise BadToken(INVALID, "Invalid access token header")
        claims = jwt.decode(
            token,
            settings.api_secret,
            algorithms=["HS256"],
            issuer=settings.api_key,
            options={"require": ["exp", "iss", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise BadToken(EXPIRED, "Access token has expired") from None
    except jwt.InvalidIssuerError:
        raise BadToken(BAD_ISSUER, "Invalid access token issuer") from None
    except jwt.PyJWTError as error:
        raise BadToken(INVALID, f"Invalid access token: {error}") from None
    return _visitor(settings, claims)


def _visitor(settings: Settings, claims: dict[str, object]) -> Visitor:
    grants = claims.get("grants")
    identity = grants.get("identity") if isinstance(grants, dict) else None
    voice = grants.get("voice") if isinstance(grants, dict) else None
    if claims["sub"] != settings.account_sid or not isinstance(identity, str) or not isinstance(voice, dict):
        raise BadToken(INVALID, "Access token lacks account, identity or voice grant")
    expires, born = float(str(claims["exp"])), float(str(claims.get("nbf") or claims.get("iat") or claims["exp"]))
    if expires - born > LONGEST_LIFE:
        raise BadToken(INVALID, "Access token lives longer than 24 hours")
    incoming, outgoing = voice.get("incoming") or {}, voice.get("outgoing") or {}
    return Visitor(identity, expires, bool(incoming.get("allow")), bool(outgoing.get("application_sid")))
