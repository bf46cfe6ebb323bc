"""The clinic's own recordings in place of our voice: which there are, and the sounds themselves."""

from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, abort, send_from_directory

from triage.model.message import Channel
from triage.runtime import Runtime
from webhooks.twilio_posts import runtime

bp = Blueprint("own_voice", __name__, url_prefix="/webhooks/sounds")


@bp.get('/<any("en", "es"):lang>/<key>')
def sound(lang: str, key: str) -> Response:
    """Serve one recording; the provider fetches it to play it. It says nothing of anybody, so anyone may have it."""
    file = runtime().clinic.own_voice.get(lang, {}).get(key)  # type: ignore[call-overload]
    return send_from_directory(_folder(runtime()), file) if file else abort(404)


def recorded(parts: Runtime) -> Mapping[tuple[str, str], str]:
    """Return where the recording of a sentence is, by language and sentence; one whose file is missing is spoken."""
    base = f"{parts.environment.public_base_url}/webhooks/sounds"
    return {
        (lang, parts.words.say(key, lang, {"clinic": parts.clinic.name}, Channel.VOICE)): f"{base}/{lang}/{key}"
        for lang, files in parts.clinic.own_voice.items()
        for key, file in files.items()
        if (_folder(parts) / file).is_file()
    }


def _folder(parts: Runtime) -> Path:
    return parts.environment.clinic_file.resolve().parent / "sounds"
