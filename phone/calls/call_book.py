"""All calls, recordings and transcripts of this process."""

import threading

from phone.board import Board
from phone.calls.legs import Leg, Line, Recording, Transcription


class CallBook:
    """Legs change under `lock`, which is never held while the clinic is asked."""

    def __init__(self, board: Board) -> None:
        self.lock = threading.RLock()
        self._board = board
        self._legs: dict[str, Leg] = {}
        self._recordings: dict[str, Recording] = {}
        self._transcriptions: dict[str, Transcription] = {}

    def add(self, leg: Leg) -> None:
        with self.lock:
            self._legs[leg.sid] = leg
        self._board.touched()

    def hear(self, leg: Leg, line: Line) -> None:
        with self.lock:
            leg.lines.append(line)
        self._board.touched()

    def leg(self, sid: str) -> Leg | None:
        return self._legs.get(sid)

    def legs(self) -> list[Leg]:
        """Return all legs, oldest first."""
        with self.lock:
            return list(self._legs.values())

    def of(self, owner: str) -> list[Leg]:
        """Return the calls of one handset, oldest first."""
        return [leg for leg in self.legs() if leg.owner == owner]

    def delete(self, sid: str) -> None:
        with self.lock:
            self._legs.pop(sid, None)
        self._board.touched()

    def keep(self, recording: Recording) -> None:
        with self.lock:
            self._recordings[recording.sid] = recording

    def recording(self, sid: str) -> Recording | None:
        return self._recordings.get(sid)

    def recordings(self) -> list[Recording]:
        with self.lock:
            return list(self._recordings.values())

    def delete_recording(self, sid: str) -> None:
        with self.lock:
            self._recordings.pop(sid, None)

    def keep_transcription(self, transcription: Transcription) -> None:
        with self.lock:
            self._transcriptions[transcription.sid] = transcription

    def transcription(self, sid: str) -> Transcription | None:
        return self._transcriptions.get(sid)

    def transcriptions(self, recording_sid: str) -> list[Transcription]:
        with self.lock:
            return [each for each in self._transcriptions.values() if each.recording.sid == recording_sid]

    def delete_transcription(self, sid: str) -> None:
        with self.lock:
            self._transcriptions.pop(sid, None)
