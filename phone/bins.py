"""TwiML that the provider itself serves, as Twilio does from its TwiML Bins: it answers while the clinic is away."""

from pathlib import Path

from flask import Blueprint, Response, abort

from phone.webhook import Answer

# The files that a clinic pastes into its TwiML Bins.
BINS = Path(__file__).parent.parent / "templates" / "hosted"

CONTENT_TYPE = "text/xml; charset=utf-8"


def hosted(name: str) -> Answer:
    """Read the bin `text` or `voice` as an answer that can be played."""
    return Answer("2xx", 200, CONTENT_TYPE, (BINS / f"{name}.xml").read_bytes())


def bins_of() -> Blueprint:
    bp = Blueprint("bins", __name__, url_prefix="/bins")

    @bp.route("/<name>", methods=["GET", "POST"])
    def bin_named(name: str) -> Response:
        """Serve one bin to whoever asks, by GET or POST, as Twilio does."""
        if not (BINS / f"{name}.xml").is_file():
            abort(404)
        return Response(hosted(name).body, content_type=CONTENT_TYPE)

    return bp
