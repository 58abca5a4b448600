"""Reading TwiML: text in, a small tree of verbs out, or the carrier's own error number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin
from xml.etree import ElementTree

LARGEST_DOCUMENT = 64 * 1024

DOCUMENT_PARSE_FAILURE = 12100
WRONG_CONTENT_TYPE = 12300
DOCUMENT_TOO_LARGE = 11750


class BadTwiml(ValueError):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Element:
    """One verb or noun; `text` is its own text, trimmed."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Element", ...] = ()

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.attributes.get(name)
        return default if value is None else value.strip().lower() == "true"

    def whole(self, name: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
        """A whole number inside its documented limits; nonsense is the default, as Twilio's warnings do."""
        try:
            return min(max(int(self.attributes[name]), least), most)
        except (KeyError, ValueError):
            return default

    def named(self, name: str) -> "Element | None":
        return next((child for child in self.children if child.name == name), None)


@dataclass(frozen=True, slots=True)
class Document:
    """What a URL answered; `url` is the final one, which relative URLs inside are resolved against."""

    url: str
    method: str
    verbs: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the next document comes from: a URL with extra parameters, or given text."""

    url: str
    method: str = "POST"
    parameters: Mapping[str, str] = field(default_factory=dict)
    twiml: str | None = None


def resolve(document: Document, url: str, method: str, parameters: Mapping[str, str] | None = None) -> Source:
    """A URL inside `document`; an empty one means the document itself."""
    target = urljoin(document.url, url) if url else document.url
    return Source(target, method.upper() or "POST", dict(parameters or {}))


def read_twiml(text: str, url: str = "", method: str = "POST") -> Document:
    """Raises BadTwiml: 12100 not well-formed, without Response root or with a DTD, 11750 over 64 kB."""
    if len(text.encode()) > LARGEST_DOCUMENT:
        raise BadTwiml(DOCUMENT_TOO_LARGE, "TwiML response body too large")
    # A DTD can blow a small document up to gigabytes; TwiML never has one.
    if "<!DOCTYPE" in text:
        raise BadTwiml(DOCUMENT_PARSE_FAILURE, "Document parse failure: DTD is not allowed")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 DTDs are refused and the size is limited above
    except (ElementTree.ParseError, ValueError) as error:
        raise BadTwiml(DOCUMENT_PARSE_FAILURE, f"Document parse failure: {error}") from None
    if root.tag != "Response":
        raise BadTwiml(DOCUMENT_PARSE_FAILURE, "Document parse failure: Response element missing")
    return Document(url, method, tuple(_element(child) for child in root))


def _element(node: ElementTree.Element) -> Element:
    return Element(node.tag, dict(node.attrib), (node.text or "").strip(), tuple(_element(child) for child in node))


def read_answer(body: str, content_type: str, url: str, method: str) -> Document:
    """A webhook's answer by its content type: XML is executed, plain text is spoken, as Twilio does."""
    kind = content_type.split(";")[0].strip().lower()
    if kind in ("text/xml", "application/xml", "text/html"):
        return read_twiml(body, url, method)
    if kind == "text/plain":
        return Document(url, method, (Element("Say", {}, body.strip()),))
    raise BadTwiml(WRONG_CONTENT_TYPE, f"Invalid Content-Type: {kind or 'missing'}")
