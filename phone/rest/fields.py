"""Which form fields each REST call takes, and the shape of each. A test holds them against Twilio's own OpenAPI."""

import re
from collections.abc import Mapping

from phone.rest.errors import RestError

TEXT = r"[\s\S]*"

URL = r"(https?://\S+)?"

METHOD = r"GET|POST"

YES_NO = r"(?i:true|false)"

WHOLE = r"\d{1,9}"


def sid(prefix: str) -> str:
    return rf"({prefix}[0-9a-fA-F]{{32}})?"


MESSAGE_CREATE = {
    "To": TEXT,
    "StatusCallback": TEXT,  # a wrong one has a code of its own
    "ApplicationSid": sid("AP"),
    "MaxPrice": r"\d+(\.\d+)?",
    "ProvideFeedback": YES_NO,
    "Attempt": WHOLE,
    "ValidityPeriod": WHOLE,
    "ForceDelivery": YES_NO,
    "ContentRetention": r"retain|discard",
    "AddressRetention": r"retain|obfuscate",
    "SmartEncoded": YES_NO,
    "PersistentAction": TEXT,
    "TrafficType": r"free",
    "ShortenUrls": YES_NO,
    "ScheduleType": r"fixed",
    "SendAt": r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)",
    "SendAsMms": YES_NO,
    "ContentVariables": TEXT,
    "RiskCheck": r"enable|disable",
    "From": TEXT,
    "FallbackFrom": TEXT,
    "MessagingServiceSid": sid("MG"),
    "Body": TEXT,
    "MediaUrl": TEXT,  # a wrong one has a code of its own
    "ContentSid": sid("HX"),
}

# Real, but this phone cannot act on them: better refused than sent in a way nobody asked for.
NOT_PLAYED = ("ScheduleType", "SendAt", "ContentSid", "ContentVariables")

MESSAGE_UPDATE = {"Body": TEXT, "Status": r"canceled"}

NUMBER_UPDATE = {
    "AccountSid": sid("AC"),
    "ApiVersion": TEXT,
    "FriendlyName": TEXT,
    "SmsApplicationSid": sid("AP"),
    "SmsFallbackMethod": METHOD,
    "SmsFallbackUrl": URL,
    "SmsMethod": METHOD,
    "SmsUrl": URL,
    "StatusCallback": URL,
    "StatusCallbackMethod": METHOD,
    "VoiceApplicationSid": sid("AP"),
    "VoiceCallerIdLookup": YES_NO,
    "VoiceFallbackMethod": METHOD,
    "VoiceFallbackUrl": URL,
    "VoiceMethod": METHOD,
    "VoiceUrl": URL,
    "EmergencyStatus": r"Active|Inactive",
    "EmergencyAddressSid": sid("AD"),
    "TrunkSid": sid("TK"),
    "VoiceReceiveMode": r"voice|fax",
    "IdentitySid": sid("RI"),
    "AddressSid": sid("AD"),
    "BundleSid": sid("BU"),
}

MESSAGE_LIST = {
    "To": TEXT, "From": TEXT, "DateSent": TEXT, "DateSent<": TEXT, "DateSent>": TEXT,
    "PageSize": WHOLE, "Page": WHOLE, "PageToken": TEXT,
}  # fmt: skip

SERVICE_UPDATE = {
    "FriendlyName": TEXT, "InboundRequestUrl": URL, "InboundMethod": METHOD, "FallbackUrl": URL,
    "FallbackMethod": METHOD, "StatusCallback": URL, "StickySender": YES_NO, "UseInboundWebhookOnNumber": YES_NO,
}  # fmt: skip

SERVICE_NUMBER_ADD = {"PhoneNumberSid": sid("PN")}

SERVICE_NUMBER_LIST = {"PageSize": WHOLE, "Page": WHOLE, "PageToken": TEXT}

NUMBER_LIST = {
    "Beta": YES_NO, "FriendlyName": TEXT, "PhoneNumber": TEXT, "Origin": TEXT,
    "PageSize": WHOLE, "Page": WHOLE, "PageToken": TEXT,
}  # fmt: skip

CALL_CREATE = {
    "To": TEXT, "From": TEXT, "Method": METHOD, "FallbackUrl": URL, "FallbackMethod": METHOD,
    "StatusCallback": TEXT, "StatusCallbackEvent": r"initiated|ringing|answered|completed",
    "StatusCallbackMethod": METHOD, "SendDigits": r"[0-9*#wW]*", "Timeout": WHOLE, "Record": YES_NO,
    "RecordingChannels": r"mono|dual", "RecordingStatusCallback": URL, "RecordingStatusCallbackMethod": METHOD,
    "SipAuthUsername": TEXT, "SipAuthPassword": TEXT, "MachineDetection": r"Enable|DetectMessageEnd",
    "MachineDetectionTimeout": WHOLE, "RecordingStatusCallbackEvent": TEXT, "Trim": r"trim-silence|do-not-trim",
    "CallerId": TEXT, "MachineDetectionSpeechThreshold": WHOLE, "MachineDetectionSpeechEndThreshold": WHOLE,
    "MachineDetectionSilenceTimeout": WHOLE, "AsyncAmd": YES_NO, "AsyncAmdStatusCallback": URL,
    "AsyncAmdStatusCallbackMethod": METHOD, "Byoc": sid("BY"), "CallReason": TEXT, "CallToken": TEXT,
    "RecordingTrack": r"inbound|outbound|both", "TimeLimit": WHOLE, "ClientNotificationUrl": URL, "Url": TEXT,
    "Twiml": TEXT, "ApplicationSid": sid("AP"),
}  # fmt: skip

CALL_NOT_PLAYED = ("ApplicationSid", "Byoc", "Record", "SendDigits", "SipAuthUsername", "SipAuthPassword")

CALL_UPDATE = {
    "Url": TEXT, "Method": METHOD, "Status": r"canceled|completed", "FallbackUrl": URL, "FallbackMethod": METHOD,
    "StatusCallback": URL, "StatusCallbackMethod": METHOD, "Twiml": TEXT, "TimeLimit": WHOLE,
}  # fmt: skip

CALL_LIST = {
    "To": TEXT, "From": TEXT, "ParentCallSid": TEXT,
    "Status": r"queued|ringing|in-progress|completed|busy|failed|no-answer|canceled",
    "StartTime": TEXT, "StartTime<": TEXT, "StartTime>": TEXT, "EndTime": TEXT, "EndTime<": TEXT, "EndTime>": TEXT,
    "PageSize": WHOLE, "Page": WHOLE, "PageToken": TEXT,
}  # fmt: skip

RECORDING_LIST = {
    "DateCreated": TEXT, "DateCreated<": TEXT, "DateCreated>": TEXT, "CallSid": TEXT, "ConferenceSid": TEXT,
    "IncludeSoftDeleted": YES_NO, "PageSize": WHOLE, "Page": WHOLE, "PageToken": TEXT,
}  # fmt: skip


def read(given: Mapping[str, str], allowed: Mapping[str, str]) -> dict[str, str]:
    """Read the fields of one request, the last of repeated ones. Raises RestError 20001 for a strange name or shape."""
    values = dict(given.items())
    if strange := sorted(set(values) - set(allowed)):
        raise RestError(400, 20001, f"Unknown parameters: {', '.join(strange)}")
    wrong = sorted(name for name, value in values.items() if not re.fullmatch(allowed[name], value))
    if wrong:
        raise RestError(400, 20001, f"Invalid parameters: {', '.join(wrong)}")
    return values
