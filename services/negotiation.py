"""Which format an answer has: `f` if it is given, else what the `Accept` header likes best, else JSON."""

from collections.abc import Mapping

from catalog.errors import BadRequest

MEDIA_TYPES = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/json": "json",
    "application/geo+json": "json",
    "application/schema+json": "json",
    "application/vnd.oai.openapi+json": "json",
    "application/problem+json": "json",
    "application/ld+json": "jsonld",
    "application/flatgeobuf": "fgb",
    "text/csv": "csv",
    "application/*": "json",
    "*/*": "json",
}


def format_of(given: Mapping[str, str], accept: str, formats: tuple[str, ...]) -> str:
    """Return the format of an answer. Raises BadRequest for an `f` that is not among `formats`."""
    if "f" in given:
        if given["f"] not in formats:
            raise BadRequest(parameter="f")
        return given["f"]
    return next((MEDIA_TYPES[media] for media in liked(accept) if MEDIA_TYPES.get(media) in formats), formats[0])


def liked(accept: str) -> list[str]:
    """Return the media types of an `Accept` header, the best liked first."""
    ranked = []
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        ranked.append((media, quality(weight)))
    return [media for media, weight in sorted(ranked, key=lambda each: -each[1]) if weight > 0]


def quality(text: str) -> float:
    """Read the weight of a media type; one that cannot be read weighs nothing."""
    try:
        return min(float(text), 1.0)
    except ValueError:
        return 0.0
