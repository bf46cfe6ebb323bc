import json
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import WORDS
from triage.model.message import Channel, Phone
from triage.model.phone import SenderKind, as_spoken, as_written, parted, sender_kind, with_extension, zone_of
from triage.reading.phone_numbers import (
    SpokenNumber,
    answers_own_number,
    find_numbers,
    looks_like_number,
    means_own_number,
    number_tried,
    put_right,
    read_numbers,
    read_phones,
)

DATA = Path(__file__).parents[1] / "data"
RECOGNIZERS = [json.loads(line) for line in (DATA / "phone_numbers_recognizers.jsonl").read_text().splitlines()]
UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
UNIDADES = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
LIVE_AREAS = st.sampled_from(["602", "480", "623", "520", "928", "212", "415", "303", "505", "702", "713", "312"])


@st.composite
def fictitious_phones(draw: st.DrawFn) -> str:
    return f"{draw(LIVE_AREAS)}55501{draw(st.integers(0, 99)):02d}"


@pytest.mark.parametrize(
    ("words", "phone"),
    [
        ("602-555-0134", "+16025550134"),
        ("my number is 623.555.0145", "+16235550145"),
        ("call me 9285550171 bout the magnet thing friday morning", "+19285550171"),
        ("You can reach me at +1 303 555 0166.", "+13035550166"),
        ("702-5550160", "+17025550160"),
        ("(520)555-0129", "+15205550129"),
        ("1-480-555-0170", "+14805550170"),
        ("area code 928 then 555 01 08", "+19285550108"),
        ("+1 (404) 555-0173", "+14045550173"),
        ("602/555/0134", "+16025550134"),
        ("６０２５５５０１３４", "+16025550134"),
        ("my number is six oh two five five five oh one eight eight tomorrow at two would be good", "+16025550188"),
        ("it's six two three triple five zero one one six", "+16235550116"),
        ("four eighty five fifty five oh one forty two", "+14805550142"),
        ("nine twenty eight five five five zero one seventeen", "+19285550117"),
        ("six oh to five five five oh one ninety nine", "+16025550199"),
        ("six hundred two five five five oh one three three", "+16025550133"),
        ("tomorrow at two thirty six oh two five five five oh one eight eight", "+16025550188"),
        ("602_555_0133", "+16025550133"),
        ("not this phone. 623 555 0111", "+16235550111"),
        ("eight hundred five five five oh one double nine", "+18005550199"),
        ("cinco dos cero cinco cinco cinco cero uno uno cuatro", "+15205550114"),
        ("seis cero dos, cinco cincuenta y cinco, cero uno treinta y cuatro", "+16025550134"),
        ("seiscientos dos quinientos cincuenta y cinco cero uno treinta y cuatro", "+16025550134"),
        ("tomorrow at two six oh two five five five oh one eight eight", "+16025550188"),
        ("call me at six oh two five five five oh one eight eight two pm is best", "+16025550188"),
        ("tomorrow at 3 602 555 0134", "+16025550134"),
        ("tomorrow 10:00 602 555 0134", "+16025550134"),
        ("tomorrow 2-4, 602-555-0134", "+16025550134"),
        ("my mobile is +52 55 1234 5678", "+525512345678"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("plus four four two oh seven nine four six oh nine five eight", "+442079460958"),
        ("más cincuenta y dos cincuenta y cinco uno dos tres cuatro cinco seis siete ocho", "+525512345678"),
        ("dana plus six oh two five five five oh one three four", "+16025550134"),
        ("no más 602-555-0134", "+16025550134"),
        ("not today please, call 602-555-0134", "+16025550134"),
    ],
)
def test_a_number_is_read_however_it_is_said(words: str, phone: str) -> None:
    assert read_phones(words) == (phone,)


@pytest.mark.parametrize(
    "words",
    [
        "911",
        "988",
        "call 911",
        "555",
        "48055501",
        "555-0134",
        "411",
        "12345",
        "900-555-0134",
        "1-900-234-5678",
        "602-555-1212",
        "602-911-0134",
        "123-456-7890",
        "999-555-0134",
        "602-055-0134",
        "0000000000",
        "T005-2333-100731-SW-2",
        "602-555-0134-22-9",
        "4111 1111 1111 1111",
        "my policy is 6025550134",
        "account number 602 555 0134",
        "24/11/2026 at 10:30",
        "six oh two five five five oh one three for tomorrow",
        "one two three",
        "six two three fifty five fifty five oh one oh one",
        "two six oh two five five five oh one eight eight",
        "+1 911",
        "+",
        "ext 12",
        "976-976-1234",
    ],
)
def test_what_cannot_or_must_not_be_called_is_not_read(words: str) -> None:
    assert read_phones(words) == ()


@pytest.mark.parametrize(
    ("words", "phones"),
    [
        ("602-555-0134 or 480-555-0142", ["+16025550134", "+14805550142"]),
        ("602-555-0134 o 480-555-0142", ["+16025550134", "+14805550142"]),
        ("cell 602-555-0134, if no answer 480-555-0142", ["+16025550134", "+14805550142"]),
        ("602-555-0134, again 602 555 0134", ["+16025550134"]),
        ("602-555-0134, no sorry 602-555-0143", ["+16025550143"]),
        ("602-555-0134. wait, use my cell instead: 480 555 0142", ["+14805550142"]),
        ("old one was 602-555-0134, new one is 480-555-0142", ["+14805550142"]),
        ("not 602-555-0134, use 480-555-0142", ["+14805550142"]),
        ("480-555-0142, not 602-555-0134", ["+14805550142"]),
        ("change it from 602-555-0134 to 480-555-0142", ["+14805550142"]),
        ("es el 602-555-0134, perdón, 602-555-0143", ["+16025550143"]),
        ("llámenme al 480-555-0142 en vez de 602-555-0134", ["+14805550142"]),
    ],
)
def test_of_several_numbers_all_are_read_and_of_a_correction_the_last(words: str, phones: list[str]) -> None:
    assert list(read_phones(words)) == phones


@pytest.mark.parametrize(
    "words",
    [
        "602-555-0134 x42",
        "602-555-0134x42",
        "602 555 0134 ext. 42",
        "602-555-0134, extension four two",
        "602-555-0134 extensión 42",
        "602-555-0134 ext. #42",
        "602-555-0134, extension number 42",
        "602-555-0134 int. 42",
        "my extension is 42, call 602-555-0134",
    ],
)
def test_an_extension_is_kept_beside_its_number(words: str) -> None:
    assert find_numbers(words) == (SpokenNumber("+16025550134", "42"),)


@pytest.mark.parametrize("line", RECOGNIZERS, ids=lambda line: line["text"][-40:])
def test_whatever_is_read_from_the_public_set_stands_in_its_number(line: dict[str, list[str]]) -> None:
    numbers = ["".join(c for c in result if c.isdigit()) for result in line["results"]]
    for phone in read_phones(str(line["text"])):
        assert any(number.endswith(phone[-7:]) or phone[-7:] in number for number in numbers)


def test_every_number_of_the_public_set_that_can_be_called_in_north_america_is_read() -> None:
    for line in RECOGNIZERS:
        for result in line["results"]:
            digits = "".join(c for c in result.split("x")[0].split("ext")[0] if c.isdigit())
            if len(digits) == 10 or (digits[0] == "1" and len(digits) == 11):
                phone = f"+1{digits[-10:]}"
                if not result.startswith(("(+", "0")) and phonenumbers.is_valid_number(phonenumbers.parse(phone)):
                    assert read_phones(line["text"]) == (phone,), line["text"]


@given(
    fictitious_phones(), st.sampled_from(["{}{}{}", "({}) {}-{}", "{}.{}.{}", "1 {} {} {}", "+1{}{}{}", "{} - {} - {}"])
)
def test_every_style_of_writing_gives_the_same_number(digits: str, style: str) -> None:
    written = style.format(digits[:3], digits[3:6], digits[6:])
    assert read_phones(f"It's {written}, thanks") == (f"+1{digits}",)


@given(fictitious_phones(), st.sampled_from([UNITS, UNIDADES]))
def test_a_number_spoken_digit_by_digit_is_read(digits: str, words: list[str]) -> None:
    assert read_phones(" ".join(words[int(d)] for d in digits)) == (f"+1{digits}",)


@given(fictitious_phones())
def test_a_number_read_back_as_written_is_read_again(digits: str) -> None:
    assert read_phones(as_written(f"+1{digits}")) == (f"+1{digits}",)


@given(st.text())
@example("double " * 400)
@example("twenty " * 400)
@example("1" * 5000)
@example("+ + + 00 00 011")
@example("\ud800 602-555-0134 \x00")
def test_any_text_gives_numbers_that_can_be_called_or_none(text: str) -> None:
    for phone in read_phones(text):
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone))
    assert means_own_number(text) in (True, False)
    assert looks_like_number(text) in (True, False)


@given(st.text(st.sampled_from("0123456789-+ ().x"), max_size=40), st.sampled_from(["{}.", "  {}  ", "“{}”"]))
def test_quotes_spaces_and_a_full_stop_change_nothing(text: str, style: str) -> None:
    assert read_phones(style.format(text)) == read_phones(text)


@pytest.mark.parametrize(
    "words", ["555", "48055501", "555-0134", "911", "six oh two five five", "12345", "my number is 55501"]
)
def test_a_try_at_a_number_is_seen(words: str) -> None:
    assert looks_like_number(words)


@pytest.mark.parametrize(
    "words", ["tomorrow at 3", "Dana Whitlock", "", "in 2 days", "2-4", "thursday at 10:30", "the 27th"]
)
def test_a_time_or_a_name_is_no_try_at_a_number(words: str) -> None:
    assert not looks_like_number(words)


@pytest.mark.parametrize(
    "words",
    [
        "this number is fine",
        "use this number",
        "yes please call, this number",
        "same number",
        "same",
        "el mismo",
        "en este mismo",
        "this is my number",
        "al que estoy escribiendo",
        "the one I'm texting from",
        "the number im calling from",
        "yes this one",
        "a este mismo numero",
        "este número",
        "al mismo",
        "este mismo",
        "my number is the one you have",
        "this one works, but not before 10",
        "same as this phone",
        "This phone's fine",
        "el numero desde el que escribo",
        "at this number please",
        "desde el que les escribo",
        "you can use the number i texted from",
    ],
)
def test_the_number_one_writes_from_can_be_meant_in_words(words: str) -> None:
    assert means_own_number(words)


@pytest.mark.parametrize(
    "words",
    [
        "not this number",
        "this number is wrong",
        "use this number 480-555-0142",
        "don't use this number",
        "",
        "yes",
        "another number",
        "I don't have this number any more",
        "no a este numero",
        "otro numero",
        "tomorrow at 3",
        "Dana",
        "call my other number",
        "this phone doesn't work",
    ],
)
def test_a_refusal_or_another_number_does_not_mean_ones_own(words: str) -> None:
    assert not means_own_number(words)


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("+16025550134", SenderKind.PHONE_NANP),
        ("+442079460958", SenderKind.PHONE_FOREIGN),
        ("+525512345678", SenderKind.PHONE_FOREIGN),
        ("72345", SenderKind.SHORT_CODE),
        ("262966", SenderKind.SHORT_CODE),
        ("RESETCLINIC", SenderKind.ALPHANUMERIC),
        ("Amazon", SenderKind.ALPHANUMERIC),
        ("whatsapp:+16025550134", SenderKind.CHANNEL),
        ("rcs:agent_x", SenderKind.CHANNEL),
        ("messenger:12", SenderKind.CHANNEL),
        ("client:ann", SenderKind.CHANNEL),
        ("sip:ann@example.org", SenderKind.CHANNEL),
        ("ann@example.org", SenderKind.INVALID),
        ("5550134", SenderKind.INVALID),
        ("+5550134", SenderKind.INVALID),
        ("+1234567890123456", SenderKind.INVALID),
        ("+10025550134", SenderKind.INVALID),
        ("<script>", SenderKind.INVALID),
        ("anonymous", SenderKind.WITHHELD),
        ("Anonymous", SenderKind.WITHHELD),
        ("restricted", SenderKind.WITHHELD),
        ("unavailable", SenderKind.WITHHELD),
        ("unknown", SenderKind.WITHHELD),
        ("", SenderKind.WITHHELD),
        ("+", SenderKind.WITHHELD),
        ("+266696687", SenderKind.WITHHELD),
        ("+7378742833", SenderKind.WITHHELD),
        ("+17378742833", SenderKind.WITHHELD),
        ("+17378742883", SenderKind.WITHHELD),
        ("+86282452253", SenderKind.WITHHELD),
        ("+2562533", SenderKind.WITHHELD),
        ("+8656696", SenderKind.WITHHELD),
        ("+464", SenderKind.WITHHELD),
    ],
)
def test_a_sender_is_of_one_kind(sender: str, kind: SenderKind) -> None:
    assert sender_kind(sender) is kind


@given(st.text())
def test_any_sender_at_all_has_a_kind(sender: str) -> None:
    assert sender_kind(sender) in SenderKind


def test_a_number_is_written_in_three_groups_and_spoken_digit_by_digit() -> None:
    assert as_written("+16025550134") == "602-555-0134"
    assert as_written("+442079460958") == "+44 20 7946 0958"
    assert as_spoken("+16025550134") == "6 0 2, 5 5 5, 0 1 3 4"


def test_the_zone_of_a_number_is_known_only_where_its_area_code_has_one() -> None:
    assert zone_of("+16025550134") == ZoneInfo("America/Phoenix")
    assert zone_of("+12125550134") == ZoneInfo("America/New_York")
    assert zone_of("+12085550134") is None
    assert zone_of("+18005550134") is None
    assert zone_of("nonsense") is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("ugh fat fingers. 0147 not 0174", "+16025550147"),
        ("not 0174, 0147", "+16025550147"),
        ("no 0174 sino 0147", "+16025550147"),
        ("sorry it ends in 0147", "+16025550147"),
        ("the last four digits are 0147", "+16025550147"),
        ("los ultimos cuatro numeros son 0147", "+16025550147"),
        ("the last four are oh one four seven", "+16025550147"),
        ("it's oh one four seven not oh one seven four", "+16025550147"),
        ("1030 not 1130", None),
        ("my shift ends in 30 minutes", None),
        ("it ends in 120 minutes", None),
        ("10 not 11", None),
        ("tomorrow at 3", None),
        ("0174 not 0147", None),
    ],
)
def test_the_end_of_a_number_is_put_right(text: str, phone: str | None) -> None:
    assert put_right("+16025550174", text) == phone


@given(st.text(max_size=300))
def test_any_text_puts_a_number_right_to_a_callable_one_or_none(text: str) -> None:
    phone = put_right("+16025550174", text)
    assert phone is None or (phone.startswith("+1") and len(phone) == 12 and phone != "+16025550174")


@pytest.mark.parametrize(
    "text",
    [
        "call me at 602-JKL-0134",
        "reach me at 555-0134, Axel Brandt",
        "602-555-013",
        "my number is 602555013",
        "my cell is 60255",
        "llámenme al 555-0134",
        "602-555-01345 please",
        "call me at 1-800-FLOWERS",
        "+44 20 7946",
    ],
)
def test_a_number_that_was_meant_and_cannot_be_read_is_known_as_one(text: str) -> None:
    assert not read_phones(text)
    assert number_tried(text)


@pytest.mark.parametrize(
    "text",
    [
        "call me at 602-555-0134",
        "12-3 at 2pm",
        "dob 03-09-1980",
        "my birthday is 1980 03 09",
        "call me 2-4",
        "1500-1700 tomorrow",
        "$1,500,000",
        "account number 123456789",
        "85016-1234",
        "call me at 1500",
        "call 988",
        "741741",
        "0147 not 0174",
        "take 300 mg 2 times",
    ],
)
def test_dates_hours_and_other_figures_are_no_try_at_a_number(text: str) -> None:
    assert not number_tried(text)


@given(st.text(alphabet="0123456789 -().+abcol:/", max_size=60) | st.text(max_size=200))
@example("1 " * 100)
@example("1-" * 1000)
def test_any_text_is_a_number_a_try_or_neither(text: str) -> None:
    assert number_tried(text) in (True, False)
    assert not (number_tried(text) and read_phones(text))


def test_an_extension_is_written_and_spoken_with_its_number_and_goes_with_it() -> None:
    kept = with_extension("+16025550134", "14")
    assert parted(kept) == ("+16025550134", "14")
    assert parted("+16025550134") == ("+16025550134", "")
    assert as_written(kept) == "602-555-0134 ext. 14"
    assert zone_of(kept) == zone_of("+16025550134")
    assert put_right(kept, "0147 not 0134") == with_extension("+16025550147", "14")
    assert put_right("+16025550134", "the extension is 14") == kept


@pytest.mark.parametrize(("lang", "word"), [("en", "extension"), ("es", "extensión")])
def test_an_extension_is_heard_with_its_word(lang: str, word: str) -> None:
    heard = WORDS.say("number_back", lang, {"number": Phone("+16025550134;ext=14")}, Channel.VOICE)
    assert f"0 1 3 4, {word}, 1 4" in heard


@pytest.mark.parametrize(
    "words",
    [
        "the one you're texting",
        "from where im texting",
        "call me back here",
        "este mero",
        "a este de aquí",
        "del que les escribo",
        "al número que les estoy escribiendo",
        "con este está bien",
        "mi cel es este",
        "márquenme aquí",
    ],
)
def test_the_number_that_they_write_from_is_meant_in_many_words(words: str) -> None:
    assert means_own_number(words)


@pytest.mark.parametrize("words", ["right here", "you already have my number", "current one is fine", "ya lo tienen"])
def test_some_words_mean_it_only_where_a_number_was_asked_for(words: str) -> None:
    assert answers_own_number(words)
    assert not means_own_number(words)


@pytest.mark.parametrize(
    "words", ["another one", "a otro", "el de mi casa", "este es de mi hija", "este viernes", "here"]
)
def test_another_number_or_thing_is_not_the_one_they_write_from(words: str) -> None:
    assert not means_own_number(words)


@pytest.mark.parametrize("words", ["not this one 602-555-0148", "dont call this one, 602-555-0148"])
def test_a_number_beside_the_one_that_is_refused_is_taken(words: str) -> None:
    assert read_numbers(words) == ("+16025550148",)
