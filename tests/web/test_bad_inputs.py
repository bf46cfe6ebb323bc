"""Everything that may be posted to the webhooks: malformed, hostile, repeated, forged. Ids name the checklist's row."""

import random
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from tests.web.texting import ACCOUNT, CLINIC, DANA, SMS, STATUS, a_text, sid, texting, texts_in
from triage.model.request import Priority
from triage.store import people
from triage.store.tables import callback_requests, messages, receipts
from triage.store.tables import people as people_table

CRISIS = "I want to kill myself"


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        yield clinic


def arrived(clinic):
    return clinic.count(messages, messages.c.direction == "in")


def requests_of(clinic, *which):
    with clinic.database.read() as db:
        return db.execute(select(callback_requests).where(*which)).all()


def bodies_kept(clinic):
    with clinic.database.read() as db:
        return list(db.scalars(select(messages.c.body).where(messages.c.direction == "in").order_by(messages.c.id)))


def person(clinic, phone=DANA):
    with clinic.database.read() as db:
        return people.by_phone(db, phone)


# --- one case a value

BODIES = {
    "SMS.body/missing": None,
    "SMS.body/empty": "",
    "SMS.body/spaces": "   \t  ",
    "SMS.body/1600": "tms " * 400,
    "SMS.body/20000": "help me please " * 1400,
    "SMS.body/base64_like": "V2hhdCBpcyBUTVM/",
    "SMS.markup/html": "<b>hello</b> <img src=x onerror=alert(1)>",
    "SMS.markup/script": "my name is <script>alert('x')</script>",
    "SMS.markup/template": "{{7*7}} {% raw %} {name} %s %(x)s ${x}",
    "SMS.markup/formula": '=cmd|"/c calc"!A1',
    "SMS.markup/cdata": "]]> <![CDATA[ x",
    "SMS.markup/ampersand": "a & b &amp; &lt; &#0;",
    "SMS.markup/control": "hi\x01\x02\x08\x0b\x0c\x1f\x7f\x85 there",
    "ALL.text/nul": "what is\x00 tms",
    "ALL.text/rtl": "\u202ewhat is tms\u202c \u200f",
    "ALL.text/zero_width": "w\u200bh\u200da\ufefft is tms",
    "ALL.text/combining": "tms" + "\u0301\u0316" * 300,
    "ALL.text/emoji": "👩‍❤️‍💋‍👩 🏳️‍🌈 👍🏽 what is tms",
    "ALL.text/not_a_character": "\ufffe\uffff\U0010ffff",
    "ALL.text/newlines": "what\r\nis\ntms\u2028\u2029",
    "SMS.flood/auto_reply": "I'm driving and will reply later. This is an automatic response.",
}
SENDERS = {
    "SMS.from/missing": None,
    "SMS.from/empty": "",
    "SMS.from/spaces": "   ",
    "SMS.from/short_code": "21265",
    "SMS.from/alphanumeric": "PHARMACY",
    "SMS.from/whatsapp": "whatsapp:+16025550132",
    "SMS.from/rcs": "rcs:agent_abc",
    "SMS.from/messenger": "messenger:1234567890",
    "SMS.from/email": "dana@example.org",
    "SMS.from/not_american": "+4915205550132",
    "SMS.from/7_digits": "5550132",
    "SMS.from/16_digits": "+1234567890123456",
    "SMS.from/plus": "+",
    "SMS.from/nul": "+1602\x005550132",
    "SMS.from/sql": "' OR 1=1 --",
    "SMS.from/html": "<script>alert(1)</script>",
    "SMS.from/long": "+" + "1" * 5000,
    "SMS.from/full_width": "＋１６０２５５５０１３２",
}
FIELDS = {
    "SMS.to/not_ours": {"To": "+12125550199"},
    "SMS.to/empty": {"To": ""},
    "SMS.nummedia/negative": {"NumMedia": "-1"},
    "SMS.nummedia/11": {"NumMedia": "11"},
    "SMS.nummedia/huge": {"NumMedia": "9" * 5000},
    "SMS.nummedia/text": {"NumMedia": "abc"},
    "SMS.nummedia/superscript": {"NumMedia": "²"},
    "SMS.nummedia/without_url": {"NumMedia": "2"},
    "SMS.media/foreign_host": {
        "NumMedia": "1",
        "MediaUrl0": "http://169.254.169.254/",
        "MediaContentType0": "image/png",
    },
    "SMS.media/file": {"NumMedia": "1", "MediaUrl0": "file:///etc/passwd", "MediaContentType0": "image/png"},
    "SMS.media/executable": {
        "NumMedia": "1",
        "MediaUrl0": "https://x.example/a",
        "MediaContentType0": "application/x-sh",
    },
    "SMS.media/wrong_type": {"NumMedia": "1", "MediaContentType0": "\x00<script>" + "x" * 500},
    "SMS.optouttype/with_text": {"OptOutType": "STOP", "Body": "What is TMS?"},
    "SMS.optouttype/unknown": {"OptOutType": "\x00?"},
    "ALL.shape/unknown_fields": {"Channel[0]": "x", "New": "y", "__proto__": "z"},
    "ALL.shape/foreign_account": {"AccountSid": "AC" + "f" * 32},
    "ALL.shape/empty_account": {"AccountSid": ""},
    "ALL.sid/wrong_prefix": {"MessageSid": "XX" + "1" * 32},
    "ALL.sid/wrong_case": {"MessageSid": "sm" + "A" * 32},
    "ALL.sid/short": {"MessageSid": "SM1"},
    "ALL.sid/long": {"MessageSid": "SM" + "1" * 5000},
    "ALL.sid/empty": {"MessageSid": ""},
    "ALL.sid/sql": {"MessageSid": "SM'; DROP TABLE messages; --"},
    "ALL.sid/html": {"MessageSid": "<script>alert(1)</script>\"'&"},
    "ALL.sid/nul": {"MessageSid": "SM\x00\x01" + "1" * 30},
    "ALL.sid/not_ascii": {"MessageSid": "SM" + "é" * 300},
}


def _form(case):
    if case in BODIES:
        form = a_text(body=BODIES[case] or "")
        return form if BODIES[case] is not None else [pair for pair in form if pair[0] != "Body"]
    if case in SENDERS:
        form = a_text(sender=SENDERS[case] or "")
        return form if SENDERS[case] is not None else [pair for pair in form if pair[0] != "From"]
    return a_text(**FIELDS[case])


@pytest.mark.parametrize("case", [*BODIES, *SENDERS, *FIELDS])
def test_a_strange_text_is_kept_once_and_answered_alike(clinic, case):
    form = _form(case)
    assert clinic.post(form, signature="x" * 28).status_code == 403
    assert arrived(clinic) == 0
    first = clinic.post(form)
    assert first.status_code == 200
    texts_in(first)
    requests = len(requests_of(clinic))
    clinic.clock.move(days=365)
    assert clinic.post(form).data == first.data
    assert arrived(clinic) == 1
    assert len(requests_of(clinic)) == requests


@pytest.mark.parametrize("case", [*SENDERS, *FIELDS])
def test_no_other_field_keeps_words_of_crisis_from_being_seen(clinic, case):
    form = [(name, CRISIS if name == "Body" else value) for name, value in _form(case)]
    assert clinic.post(form).status_code == 200
    assert [request.priority for request in requests_of(clinic)] == [Priority.CRISIS]


def test_a_text_of_our_own_number_is_a_loop_and_dropped(clinic):
    answer = clinic.post(a_text(sender=CLINIC))
    assert (answer.status_code, texts_in(answer), arrived(clinic)) == (200, [], 0)


@pytest.mark.parametrize("sender", ["21265", "PHARMACY"])
def test_a_robot_is_kept_and_not_answered(clinic, sender):
    assert texts_in(clinic.post(a_text(sender=sender))) == []
    assert (arrived(clinic), requests_of(clinic)) == (1, [])


@pytest.mark.parametrize("sender", ["whatsapp:+16025550132", "rcs:agent"])
def test_a_channel_that_is_not_served_is_read_by_a_person(clinic, sender):
    assert texts_in(clinic.post(a_text(sender=sender))) == []
    (request,) = requests_of(clinic)
    assert "needs_person" in request.flags


@pytest.mark.parametrize(("body", "word"), [("can i get a call", "988"), ("quiero matarme", "988")])
def test_a_foreign_phone_gets_one_line_and_is_read_by_a_person(clinic, body, word):
    (said,) = texts_in(clinic.post(a_text(sender="+4915205550132", body=body)))
    assert word in said
    (request,) = requests_of(clinic)
    assert "needs_person" in request.flags


STOPS = ("“STOP”", "STOP.", "stop ", "S T O P", "opt out", "Stop please", "no mas", "pls stop txting me", "STOPALL")
NO_STOPS = ("I can't stop crying", "cancel my 3pm", "when will it end", "the pain won't stop", "should I quit smoking")


@pytest.mark.parametrize("body", STOPS, ids=lambda body: f"SMS.stop/{body}")
def test_an_opt_out_is_one_in_any_words(clinic, body):
    clinic.post(a_text(body=body))
    assert person(clinic).opted_out_at is not None


@pytest.mark.parametrize("body", NO_STOPS, ids=lambda body: f"SMS.notstop/{body}")
def test_what_only_sounds_like_an_opt_out_is_none(clinic, body):
    assert clinic.post(a_text(body=body)).status_code == 200
    assert person(clinic).opted_out_at is None


def test_a_bare_yes_opts_nobody_in_again(clinic):
    clinic.post(a_text(1, "STOP"))
    clinic.post(a_text(2, "YES"))
    assert person(clinic).opted_out_at is not None


def test_stop_with_words_of_crisis_keeps_the_opt_out_and_alerts(clinic):
    answer = clinic.post(a_text(body=f"STOP texting me. {CRISIS}"))
    assert "988" in texts_in(answer)[0]
    (request,) = requests_of(clinic)
    assert request.priority is Priority.CRISIS
    assert person(clinic).opted_out_at is not None


@pytest.mark.parametrize("word", ["HELP", "INFO", "END", "STOP"])
def test_a_bare_keyword_after_a_crisis_alerts_again(clinic, word):
    clinic.post(a_text(1, CRISIS))
    with clinic.database.write() as db:
        db.execute(callback_requests.update().values(next_alert_at=None, acknowledged_at=clinic.clock()))
    clinic.post(a_text(2, word))
    (request,) = requests_of(clinic)
    assert (request.acknowledged_at, request.next_alert_at) == (None, clinic.clock())


def test_a_crisis_split_over_two_texts_is_seen(clinic):
    clinic.post(a_text(1, "i want to"))
    clinic.post(a_text(2, "kill myself"))
    (request,) = requests_of(clinic)
    assert request.priority is Priority.CRISIS


def test_a_robot_that_answers_us_is_not_answered_for_ever(clinic):
    answered = [bool(texts_in(clinic.post(a_text(n, "ok thanks")))) for n in range(40)]
    assert sum(answered) == clinic.line.clinic.limits.replies_per_hour + 1
    assert not answered[-1]
    assert "988" in texts_in(clinic.post(a_text(99, CRISIS)))[0]


# --- what surrounds the form


def test_forged_requests_are_turned_away(clinic):
    form = a_text()
    right = clinic.signature(SMS, form)
    changed = [(name, "another" if name == "Body" else value) for name, value in form]
    forged = {
        "ALL.signature/empty": clinic.post(form, signature=""),
        "ALL.signature/other_path": clinic.post(form, signature=clinic.signature(STATUS, form)),
        "ALL.signature/http": clinic.post(form, signature=clinic.signature(SMS, form, base="http://line.example.org")),
        "ALL.signature/wrong_token": clinic.post(form, signature=clinic.signature(SMS, form, "another token")),
        "ALL.signature/changed": clinic.post(changed, signature=right),
        "ALL.signature/added": clinic.post([*form, ("New", "1")], signature=right),
        "ALL.signature/not_ascii": clinic.post(form, signature="é" * 28),
        "ALL.signature/absent": clinic.post_raw(urlencode(form).encode()),
        "ALL.signature/doubled": clinic.post_raw(
            urlencode(form).encode(), headers=[("X-Twilio-Signature", right), ("X-Twilio-Signature", right)]
        ),
        "ALL.shape/double_other": clinic.post([*form, ("From", "+16025550199")]),
        "ALL.shape/double_equal": clinic.post([*form, ("From", DANA)]),
        "ALL.shape/moved_border": clinic.post(
            [pair for pair in form if pair[0] != "To"] + [("T", "o" + CLINIC)], signature=right
        ),
    }
    signs_alike = forged.pop("ALL.shape/moved_border")
    assert {case: answer.status_code for case, answer in forged.items()} == dict.fromkeys(forged, 403)
    assert signs_alike.status_code < 500
    assert arrived(clinic) <= 1


HOSTS = {
    "port_99999": "x:99999",
    "port_abc": "x:abc",
    "other": "evil.example",
    "ipv6": "[::1]",
    "upper": "LINE.EXAMPLE.ORG",
}


@pytest.mark.parametrize("host", HOSTS.values(), ids=[f"ALL.host/{name}" for name in HOSTS])
def test_the_host_that_a_request_names_decides_nothing(clinic, host):
    form = a_text()
    for signature, allowed in ((clinic.signature(SMS, form), (200, 400)), ("x" * 28, (403, 400))):
        headers = {"X-Twilio-Signature": signature, "Host": host}
        assert clinic.post_raw(urlencode(form).encode(), headers=headers).status_code in allowed


@pytest.mark.parametrize("path", ["//webhooks/sms", "/webhooks//sms", "/webhooks/sms/", "/webhooks%2Fsms"])
def test_another_path_is_no_webhook(clinic, path):
    form = a_text()
    headers = {"X-Twilio-Signature": clinic.signature(path, form)}
    assert clinic.post_raw(urlencode(form).encode(), path, headers=headers).status_code in (308, 403, 404)
    assert arrived(clinic) == 0


@pytest.mark.parametrize("path", [SMS, STATUS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_another_method_is_not_allowed(clinic, method, path):
    assert clinic.client.open(path, method=method).status_code == 405


TYPES = {
    "json": ("application/json", b'{"From": "+16025550132", "Body": "hi"}'),
    "wrong": ("text/plain", b"From=%2B16025550132&Body=hi"),
    "none": ("", b"From=%2B16025550132&Body=hi"),
    "nonsense": ("\x00;;;=", b"From=%2B16025550132&Body=hi"),
    "bad_charset": ("application/x-www-form-urlencoded; charset=nonsense", b"From=%2B16025550132&Body=hi"),
    "multipart_cut": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="From"\r\n\r\n+1',
    ),
    "multipart_without_boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "broken_encoding": ("application/x-www-form-urlencoded", b"Body=%FF%FE%ED%A0%80&From=%2B16025550132&%=%&&&=="),
    "deep_json": ("application/json", b"[" * 20_000),
}


@pytest.mark.parametrize("path", [SMS, STATUS])
@pytest.mark.parametrize("case", TYPES.values(), ids=[f"ALL.type/{name}" for name in TYPES])
def test_a_body_of_another_kind_is_turned_away_or_an_empty_form(clinic, case, path):
    content_type, body = case
    for signature in ("", "x" * 28):
        answer = clinic.post_raw(body, path, content_type, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == 403
    of_nothing = clinic.signature(path, [])
    answer = clinic.post_raw(body, path, content_type, headers={"X-Twilio-Signature": of_nothing})
    assert answer.status_code in (200, 204, 403)
    assert bodies_kept(clinic) in ([], [""])


def test_a_signed_multipart_form_is_a_form(clinic):
    form = dict(a_text())
    headers = {"X-Twilio-Signature": clinic.signature(SMS, list(form.items()))}
    assert clinic.client.post(SMS, data=form, content_type="multipart/form-data", headers=headers).status_code == 200
    assert bodies_kept(clinic) == ["What is TMS?"]


def test_bytes_that_are_no_utf8_are_kept_as_they_were_written(clinic):
    form = a_text(body="what is tms %FF")
    raw = urlencode(form).replace("%25FF", "%FF").encode()
    assert clinic.post_raw(raw, headers={"X-Twilio-Signature": clinic.signature(SMS, form)}).status_code == 200
    assert bodies_kept(clinic) == ["what is tms %FF"]


SHAPES = {
    "5000_fields": [(f"f{n}", "") for n in range(5000)],
    "100_fields": [(f"f{n}", "v") for n in range(100)],
    "1_MB_field": [("Big", "x" * 1_000_000)],
    "10_MB": [("Big", "x" * 10_000_000)],
    "brackets": [("a[b][c]", "1"), ("[]", "2"), ("=", "3"), ("", "4")],
}


@pytest.mark.parametrize("more", SHAPES.values(), ids=[f"ALL.shape/{name}" for name in SHAPES])
def test_a_form_of_any_size_is_taken_or_turned_away(clinic, more):
    form = [*a_text(), *more]
    assert clinic.post(form, signature="x" * 28).status_code == 403
    assert clinic.post(form).status_code in (200, 403)


@pytest.mark.parametrize("token", [None, "1", "another", "\x7f" * 300])
def test_the_idempotency_token_is_no_more_than_a_hint(clinic, token):
    def post(form):
        headers = {"X-Twilio-Signature": clinic.signature(SMS, form)}
        headers |= {"I-Twilio-Idempotency-Token": token} if token else {}
        return clinic.post_raw(urlencode(form).encode(), headers=headers)

    assert post(a_text(1)).data == post(a_text(1)).data
    post(a_text(2, "thanks"))
    assert arrived(clinic) == 2


# --- delivery reports

REPORTS = {
    "STATUS.value/missing": {"MessageStatus": ""},
    "STATUS.value/unknown": {"MessageStatus": "teleported"},
    "STATUS.value/upper": {"MessageStatus": "DELIVERED"},
    "STATUS.value/nul": {"MessageStatus": "sent\x00"},
    "STATUS.value/long": {"MessageStatus": "x" * 5000},
    "STATUS.error/empty": {"ErrorCode": ""},
    "STATUS.error/0": {"ErrorCode": "0"},
    "STATUS.error/text": {"ErrorCode": "abc"},
    "STATUS.error/superscript": {"ErrorCode": "²"},
    "STATUS.error/huge": {"ErrorCode": "9" * 3000},
    "STATUS.error/unknown": {"ErrorCode": "99999"},
    "STATUS.error/21610": {"ErrorCode": "21610", "MessageStatus": "failed"},
    "STATUS.bind/unknown_sid": {"MessageSid": sid(404)},
    "STATUS.bind/no_sid": {"MessageSid": ""},
    "STATUS.bind/nul_sid": {"MessageSid": "SM\x00"},
    "STATUS.bind/long_sid": {"MessageSid": "SM" + "1" * 5000},
}
REFS = (
    "",
    "?ref=",
    "?ref=n1.1",
    "?ref=n999999999.999999999",
    "?ref=in:x.0",
    "?ref=%00%ff",
    "?ref=" + "x" * 3000,
    "?ref=a&ref=b",
)


def post_strange_report(clinic, more, query):
    form = list(({"MessageSid": sid(7), "MessageStatus": "sent", "AccountSid": ACCOUNT} | more).items())
    assert clinic.post(form, STATUS + query, signature="x" * 28).status_code == 403
    assert [clinic.post(form, STATUS + query).status_code for _ in range(2)] == [204, 204]
    assert clinic.count(receipts) <= 1


@pytest.mark.parametrize("case", REPORTS)
def test_a_strange_report_is_answered_204_and_kept_at_most_once(clinic, case):
    post_strange_report(clinic, REPORTS[case], "?ref=n1.1")


@pytest.mark.parametrize("query", REFS, ids=[f"STATUS.bind/ref{place}" for place in range(len(REFS))])
def test_a_report_with_a_strange_reference_is_answered_204_and_kept_at_most_once(clinic, query):
    post_strange_report(clinic, {}, query)


def test_reports_before_the_text_late_and_twice_end_in_the_truest_state(clinic):
    """As the answer to a text: our reference is in the address that the TwiML gave."""
    clinic.post(a_text())
    ref = f"?ref=in%3A{sid(1)}.0"
    for status in ("delivered", "sent", "delivered", "queued"):
        clinic.post([("MessageSid", sid(8)), ("MessageStatus", status)], STATUS + ref)
        clinic.clock.move(days=7)
    with clinic.database.read() as db:
        assert list(db.scalars(select(messages.c.status).where(messages.c.direction == "out"))) == ["delivered"]


# --- all of it mixed

SEED = 20261124
FORMS = 1000
CHARACTERS = [*range(0x300), *range(0x1F600, 0x1F650)]


def _mixed(chance: random.Random, number: int):
    """A form whose every field is drawn from the cases above; None for a field stands for its absence."""
    form = dict(a_text(number, sender=f"+1602555{chance.randrange(101, 200):04d}"))
    for cases, field in ((BODIES, "Body"), (SENDERS, "From")):
        if chance.random() < 0.5:
            form[field] = chance.choice(list(cases.values()))
    for case in chance.sample(list(FIELDS.values()), chance.randrange(3)):
        form |= {name: value for name, value in case.items() if name != "MessageSid"}
    if chance.random() < 0.2:
        form["Body"] = "".join(
            map(chr, chance.choices([*range(0x300), *range(0x1F600, 0x1F650)], k=chance.randrange(20)))
        )
    pairs = [(name, value) for name, value in form.items() if value is not None]
    chance.shuffle(pairs)
    return pairs


@pytest.mark.parametrize("forms", [100, pytest.param(FORMS, marks=pytest.mark.rare)])
def test_malformed_forms_are_each_kept_once_and_answered_alike(clinic, forms):
    chance = random.Random(SEED)
    for number in range(1, forms + 1):
        form = _mixed(chance, number)
        clinic.clock.move(minutes=2)
        first = clinic.post(form)
        assert first.status_code == 200, form
        texts_in(first)
        assert clinic.post(form).data == first.data, form
        assert arrived(clinic) == number, form
        if number % 5 == 0:
            forged = clinic.signature(SMS, form)[::-1]
            assert clinic.post(form, signature=forged).status_code == 403, form
    assert clinic.count(people_table) <= 100 + len(SENDERS)
