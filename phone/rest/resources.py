"""Twilio's JSON: a text, a number, the account, a page of a list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from phone.records import ClinicNumber, Message, Service, Status
from phone.rest.errors import RestError
from phone.texts.segments import segments

Json = dict[str, object]

API = "/2010-04-01/Accounts"

ERROR_WORDS = {
    21610: "Attempt to send to unsubscribed recipient",
    30001: "Queue overflow",
    30006: "Landline or unreachable carrier",
}


def message_json(message: Message, account: str) -> Json:
    uri = f"{API}/{account}/Messages/{message.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": format_datetime(message.created_at),
        "date_sent": format_datetime(message.sent_at) if message.sent_at else None,
        "date_updated": format_datetime(message.updated_at),
        "direction": message.direction.value,
        "error_code": message.error_code,
        "error_message": ERROR_WORDS.get(message.error_code) if message.error_code else None,
        # Nobody knows yet which number a service will pick.
        "from": None if message.status is Status.ACCEPTED else message.sender,
        "messaging_service_sid": message.service_sid,
        "num_media": str(len(message.media)),
        "num_segments": str(segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status.value,
        "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
        "to": message.recipient,
        "uri": f"{uri}.json",
    }


def media_json(message: Message, sid: str, account: str) -> Json:
    return {
        "account_sid": account,
        "content_type": "image/jpeg",
        "date_created": format_datetime(message.created_at),
        "date_updated": format_datetime(message.created_at),
        "parent_sid": message.sid,
        "sid": sid,
        "uri": f"{API}/{account}/Messages/{message.sid}/Media/{sid}.json",
    }


def number_json(number: ClinicNumber, account: str) -> Json:
    """Return the settings in snake case, as Twilio gives them back: SmsUrl becomes sms_url."""
    given = number.settings.get
    return {
        "sid": number.sid,
        "account_sid": account,
        "phone_number": number.phone,
        "friendly_name": given("FriendlyName", number.phone),
        "api_version": "2010-04-01",
        "beta": False,
        "origin": "twilio",
        "status": "in-use",
        "type": "local",
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "address_requirements": "none",
        "address_sid": given("AddressSid") or None,
        "bundle_sid": given("BundleSid") or None,
        "identity_sid": given("IdentitySid") or None,
        "trunk_sid": given("TrunkSid") or None,
        "emergency_status": given("EmergencyStatus", "Inactive"),
        "emergency_address_sid": given("EmergencyAddressSid") or None,
        "emergency_address_status": "unregistered",
        "sms_application_sid": given("SmsApplicationSid") or None,
        "sms_url": given("SmsUrl", ""),
        "sms_method": given("SmsMethod", "POST"),
        "sms_fallback_url": given("SmsFallbackUrl", ""),
        "sms_fallback_method": given("SmsFallbackMethod", "POST"),
        "status_callback": given("StatusCallback", ""),
        "status_callback_method": given("StatusCallbackMethod", "POST"),
        "voice_application_sid": given("VoiceApplicationSid") or None,
        "voice_caller_id_lookup": given("VoiceCallerIdLookup", "false").lower() == "true",
        "voice_url": given("VoiceUrl", ""),
        "voice_method": given("VoiceMethod", "POST"),
        "voice_fallback_url": given("VoiceFallbackUrl", ""),
        "voice_fallback_method": given("VoiceFallbackMethod", "POST"),
        "voice_receive_mode": given("VoiceReceiveMode", "voice"),
        "date_created": format_datetime(number.created_at),
        "date_updated": format_datetime(number.updated_at),
        "uri": f"{API}/{account}/IncomingPhoneNumbers/{number.sid}.json",
    }


def service_json(service: Service, account: str, url: str) -> Json:
    """Return a Messaging Service: this part of the interface writes times in ISO 8601 and addresses in full."""
    given = service.settings.get
    return {
        "sid": service.sid,
        "account_sid": account,
        "friendly_name": given("FriendlyName", "Clinic line"),
        "date_created": service.created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "date_updated": service.updated_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "inbound_request_url": given("InboundRequestUrl") or None,
        "inbound_method": given("InboundMethod", "POST"),
        "fallback_url": given("FallbackUrl") or None,
        "fallback_method": given("FallbackMethod", "POST"),
        "status_callback": given("StatusCallback") or None,
        "sticky_sender": service.is_sticky,
        "use_inbound_webhook_on_number": service.asks_the_number,
        "validity_period": 36_000,
        "url": url,
        "links": {"phone_numbers": f"{url}/PhoneNumbers"},
    }


def service_number_json(number: ClinicNumber, service: Service, account: str, url: str) -> Json:
    return {
        "sid": number.sid,
        "account_sid": account,
        "service_sid": service.sid,
        "date_created": number.created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "date_updated": number.updated_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "phone_number": number.phone,
        "country_code": "US",
        "capabilities": ["SMS", "MMS", "Voice"],
        "url": f"{url}/{number.sid}",
    }


def account_json(account: str, token: str, started_at: datetime) -> Json:
    uri = f"{API}/{account}"
    return {
        "sid": account,
        "owner_account_sid": account,
        "auth_token": token,
        "friendly_name": "Local phone",
        "status": "active",
        "type": "Full",
        "date_created": format_datetime(started_at),
        "date_updated": format_datetime(started_at),
        "subresource_uris": {
            "messages": f"{uri}/Messages.json",
            "calls": f"{uri}/Calls.json",
            "recordings": f"{uri}/Recordings.json",
            "incoming_phone_numbers": f"{uri}/IncomingPhoneNumbers.json",
        },
        "uri": f"{uri}.json",
    }


def page_json(name: str, items: Sequence[Json], path: str, asked: Mapping[str, str]) -> Json:
    """Return one page of a list. Raises RestError for a token that leads nowhere.

    The token is the SID of the last item of the page before, so that what comes in at the front while somebody pages
    moves nothing.
    """
    size = min(max(int(asked.get("PageSize", "50")), 1), 1000)
    token, page = asked.get("PageToken", ""), int(asked.get("Page", "0"))
    start = _after(items, token) if token else page * size
    shown = list(items[start : start + size])
    kept = {key: value for key, value in asked.items() if key not in ("Page", "PageToken", "PageSize")}

    def address(number: int, token: str = "") -> str:
        query = kept | {"PageSize": str(size), "Page": str(number)} | ({"PageToken": token} if token else {})
        return f"{path}?{urlencode(query)}"

    more = start + size < len(items)
    return {
        "first_page_uri": address(0),
        "next_page_uri": address(page + 1, f"PA{shown[-1]['sid']}") if more else None,
        "previous_page_uri": address(page - 1) if page else None,
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + len(shown) - 1 if shown else start,
        "uri": address(page, token),
        name: shown,
    }


def _after(items: Sequence[Json], token: str) -> int:
    for place, item in enumerate(items):
        if f"PA{item['sid']}" == token:
            return place + 1
    raise RestError(400, 20001, "Invalid parameters: PageToken")
