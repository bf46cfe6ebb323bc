"""Twilio's JSON for calls, recordings and transcriptions."""

from email.utils import format_datetime

from phone.calls.legs import Leg, Recording, Transcription
from phone.rest.resources import API, Json


def call_json(leg: Leg, account: str) -> Json:
    uri = f"{API}/{account}/Calls/{leg.sid}"
    return {
        "account_sid": account,
        "annotation": None,
        "answered_by": leg.answered_by or None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": format_datetime(leg.created_at),
        "date_updated": format_datetime(leg.updated_at),
        "direction": leg.way.value,
        "duration": None if leg.is_open else str(leg.duration_s),
        "end_time": format_datetime(leg.ended_at) if leg.ended_at else None,
        "forwarded_from": dict(leg.extra).get("ForwardedFrom"),
        "from": leg.sender,
        "from_formatted": leg.sender,
        "group_sid": None,
        "parent_call_sid": leg.parent.sid if leg.parent else None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": leg.sid,
        "start_time": format_datetime(leg.started_at) if leg.started_at else None,
        "status": leg.status.value,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        "to": leg.recipient,
        "to_formatted": leg.recipient,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def recording_json(recording: Recording, account: str, own_url: str) -> Json:
    uri = f"{API}/{account}/Recordings/{recording.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid,
        "channels": 1,
        "conference_sid": None,
        "date_created": format_datetime(recording.created_at),
        "date_updated": format_datetime(recording.created_at),
        "duration": str(recording.seconds),
        "encryption_details": None,
        "error_code": None,
        "media_url": f"{own_url}{uri}",
        "price": None,
        "price_unit": "USD",
        "sid": recording.sid,
        "source": "RecordVerb",
        "start_time": format_datetime(recording.created_at),
        "status": "completed",
        "subresource_uris": {"transcriptions": f"{uri}/Transcriptions.json"},
        "uri": f"{uri}.json",
    }


def transcription_json(transcription: Transcription, account: str) -> Json:
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "date_created": format_datetime(transcription.created_at),
        "date_updated": format_datetime(transcription.created_at),
        "duration": str(transcription.recording.seconds),
        "price": None,
        "price_unit": "USD",
        "recording_sid": transcription.recording.sid,
        "sid": transcription.sid,
        "status": transcription.status,
        "transcription_text": transcription.text,
        "type": "fast",
        "uri": f"{API}/{account}/Transcriptions/{transcription.sid}.json",
    }
