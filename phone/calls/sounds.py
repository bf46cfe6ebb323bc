"""A sample message: what a recording sounds like when nobody spoke into a microphone."""

import io
import math
import struct
import wave

RATE = 8000

LONGEST_S = 180


def sample_wav(seconds: int) -> bytes:
    """Make soft notes in the rhythm of speech, 8 kHz mono like a telephone's."""
    length = RATE * min(max(seconds, 1), LONGEST_S)
    beat = [_note(place) for place in range(RATE)]
    samples = (beat * (length // RATE + 1))[:length]
    out = io.BytesIO()
    with wave.open(out, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(struct.pack(f"<{length}h", *samples))
    return out.getvalue()


def _note(place: int) -> int:
    """Make one second: a swelling tone, then a breath."""
    at = place / RATE
    swell = max(0.0, math.sin(math.pi * at / 0.8)) if at < 0.8 else 0.0
    return int(6000 * swell * math.sin(2 * math.pi * (220 + 40 * math.sin(6 * at)) * at))
