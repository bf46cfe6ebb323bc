import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triage.reading.name_words import LONGEST_NAME
from triage.reading.names import (
    amended,
    is_full_name,
    is_name_of_nobody_hurt,
    is_wholly_a_name,
    names_another,
    put_right_name,
    read_lone_name,
    read_name,
)

STATED = [
    ("this is Dana", "Dana"),
    ("It's Dana, tomorrow after 3, 415-555-0132, about ketamine", "Dana"),
    ("My name's May Lin", "May Lin"),
    ("call me about TMS please, I'm April Summers", "April Summers"),
    ("call me 9285550171 bout the magnet thing friday morning name is rusty coleman", "Rusty Coleman"),
    ("please call about ketamine, Desmond Clarke here", "Desmond Clarke"),
    ("hey, Josie here!", "Josie"),
    ("dana speaking", "Dana"),
    ("wednesday adams here", "Wednesday Adams"),
    ("please call me. wednesday adams here. thursday at 10", "Wednesday Adams"),
    ("uh my name is curtis odell", "Curtis Odell"),
    ("my name is howard price", "Howard Price"),
    ("hi this is gloria mendel i'd like somebody to call me about t m s", "Gloria Mendel"),
    ("this is walter yoon calling about the ketamine", "Walter Yoon"),
    ("this is denise i was hoping someone could call me back", "Denise"),
    ("my name is will", "Will"),
    ("hi this is hope", "Hope"),
    ("my name is april", "April"),
    ("Hi this is Hope, can I get a call", "Hope"),
    ("sorry it's John Haley, autocorrect", "John Haley"),
    ("I'm Jon Hale, sorry, it's John Haley", "John Haley"),
    ("Please call me. Denise Okafor, 312-555-0158", "Denise Okafor"),
    ("call me about tms tomorrow at 3, Monique Dray, 602-555-0139", "Monique Dray"),
    ("callback please 602 555 0139 wanda pruitt", "Wanda Pruitt"),
    ("oh you want my name. Olive Trent", "Olive Trent"),
    ("yes please have someone call me, Dana, tomorrow after 3", "Dana"),
    ("Requesting callback. Mornings best. - T. Okafor", "T. Okafor"),
    ("THIS IS LORRAINE PETTIGREW, PLEASE CALL", "Lorraine Pettigrew"),
    ("this is Siobhán O'Dowd", "Siobhán O'Dowd"),
    ("this is siobhán o’dowd", "Siobhán O'Dowd"),
    ("my name is ronald mcdonald", "Ronald McDonald"),
    ("I'm Shaun McDonald", "Shaun McDonald"),
    ("This is Dr. Ruiz", "Dr. Ruiz"),
    ("Mrs Hale here, please call", "Mrs Hale"),
    ("me llamo carmen ibáñez", "Carmen Ibáñez"),
    ("soy Begoña Núñez", "Begoña Núñez"),
    ("mi nombre es maria de la cruz y quiero una llamada", "Maria de la Cruz"),
    ("habla Carmen, pueden llamarme?", "Carmen"),
    ("Llámenme mañana a las 11 sobre la TMS, soy Iván Duarte, 303-555-0141", "Iván Duarte"),
    ("Her name is Elena Park and her number is 602-555-0157", "Elena Park"),
    ("his name is robert lind", "Robert Lind"),
    ("I'm Tom Park. Could you call my wife? Her name is Elena", "Elena"),
    ("call my mom Jane", "Jane"),
    ("ask for Kim", "Kim"),
    ("llámenme al 602-555-0117, pregunten por Marisol", "Marisol"),
    ("please call Priscilla Vang at 6025550123 tomorrow morning", "Priscilla Vang"),
    ("um hi this is uh patricia moore and i would like a call", "Patricia Moore"),
    ("I'm not Dana, I'm her sister Ruth", "Ruth"),
    ("it's me Carla, call me tomorrow", "Carla"),
    ("Soy la señora Ortega, llámenme por favor", "señora Ortega"),
    ("Name: Ngozi Eze\nPhone: 602-555-0101\nTime: tomorrow 3pm", "Ngozi Eze"),
    ("Hey it's Will. Can somebody call me tomorrow around 2?", "Will"),
    ("My husband hates phones so please call me instead. I'm Judith Crane", "Judith Crane"),
    ("Soy Luis, llamen a mi esposa, se llama Lucía Peña", "Lucía Peña"),
    ("put me down as Rick Vance", "Rick Vance"),
    ("you can list it under rosa medina please", "Rosa Medina"),
    ("I go by Teddy Marsh", "Teddy Marsh"),
    ("Eunice Halvorsen is the name.", "Eunice Halvorsen"),
    ("tina orozco's my name, call me", "Tina Orozco"),
    ("graciela zamora es mi nombre", "Graciela Zamora"),
    ("Good afternoon, Lorna Whitcombe writing. Could someone ring me?", "Lorna Whitcombe"),
    ("hi dean marchetti here could a person call me", "Dean Marchetti"),
    ("My mom needs a call. She is Ottilie Braun, her phone is 602-555-0154", "Ottilie Braun"),
    ("please call my brother, he's oscar lund", "Oscar Lund"),
    ("surname Baptiste, first name Corinne", "Corinne Baptiste"),
    ("first name al and surname green", "Al Green"),
    ("my name is carlos, apellido montes", "Carlos Montes"),
    ("anotenme como Beto Rangel", "Beto Rangel"),
    ("this is officer grady calling", "Officer Grady"),
    ("please change the name to Sunita Mehra-Joshi", "Sunita Mehra-Joshi"),
    ("the name should be Kirsten Vega", "Kirsten Vega"),
    ("mi hija Paulina quisiera que la llamen", "Paulina"),
    ("The name's Bond, just kidding, it's Terrence Oakley", "Terrence Oakley"),
    ("hola soy chuy ontiveros marquenme al 6025550126 el jueves", "Chuy Ontiveros"),
]
STATED += [
    ("this is his mom, Linda", "Linda"),
    ("soy su mamá, Rosa", "Rosa"),
    ("my sons name is Tim. I am Dana Cole, call me", "Dana Cole"),
    ("please call me, Wednesday Adams, about tms", "Wednesday Adams"),
]
NOT_STATED = """
I'm worried
I'm so tired
im interested in ketamine
I'm texting for my wife
I'm having chest pain
I'm an attorney representing clients
I'm HIV+ on Biktarvy
soy de Phoenix
soy paciente
this is about tms
this is urgent
This is Urgent
it's april
its sunny
it's May 3rd
call me in May
call me May 3rd
call me Monday
call me, tomorrow, after 3
I live in Mesa, Arizona, please call me
Hi Dana, please call me
my name is not important
my name is on the form
what's your name?
my doctor's name is Ruiz
will you call me
mark my words
put me down for tuesday
put me on the list
I go by the clinic every day
she is very depressed
he's waiting for a call
what is my name
hope still here
is anyone here
my last name is hard to spell
this is father of the patient
my sister needs a call
can i put a name to the voice
Yes, I'd like a call
Thanks, Tuesday, please call
my wife Elena had TMS, can you call me about it
Good Morning, Could You Call Me
yes
STOP
602-555-0134
""".strip().splitlines()
BARE = [
    ("Wednesday Adams", "Wednesday Adams"),
    ("wednesday adams", "Wednesday Adams"),
    ("Sunday Okafor", "Sunday Okafor"),
    ("Wednesday Morning", None),
    ("wednesday please", None),
    ("friday preferably", None),
    ("Domingo Reyes", "Domingo Reyes"),
    ("Edith Coffin", "Edith Coffin"),
    ("april may", "April May"),
    ("will morrow", "Will Morrow"),
    ("Mercedes Santos", "Mercedes Santos"),
    ("jamal btw jamal wright", "Jamal Wright"),
    ("rosa, i mean rosa diaz", "Rosa Diaz"),
    ("Rosa btw", "Rosa"),
    ("J", "J"),
    ("n", None),
    ("k", None),
    ("Dana. My son's name is Tim", "Dana"),
    ("Dana Whitlock", "Dana Whitlock"),
    ("its marcus bell", "Marcus Bell"),
    ("dana", "Dana"),
    ("Dana.", "Dana"),
    ("dana whitlock please", "Dana Whitlock"),
    ("sure, Dana Whitlock", "Dana Whitlock"),
    ("LORRAINE PETTIGREW", "Lorraine Pettigrew"),
    ("J.R. Whitfield", "J.R. Whitfield"),
    ("Anne-Marie Castillo-Reed", "Anne-Marie Castillo-Reed"),
    ("anne-marie castillo-reed", "Anne-Marie Castillo-Reed"),
    ("Siobhán O'Dowd", "Siobhán O'Dowd"),
    ("Renée Beauséjour", "Renée Beauséjour"),
    ("Héctor Luna-Prieto", "Héctor Luna-Prieto"),
    ("will", "Will"),
    ("Will", "Will"),
    ("mark", "Mark"),
    ("Bill Cash", "Bill Cash"),
    ("Grace Doyle", "Grace Doyle"),
    ("Sunny Dole", "Sunny Dole"),
    ("its april", None),
    ("luz", "Luz"),
    ("JD", "JD"),
    ("王伟", "王伟"),
    ("umm dana i guess", "Dana"),
    ("sol mercedes vega", "Sol Mercedes Vega"),
    ("oduya", "Oduya"),
    ("dana w", "Dana W"),
    ("dr. ruiz", "Dr. Ruiz"),
    ("Dana and my number is 602-555-0134", "Dana"),
    ("Leon Fisk tomorrow at 3", "Leon Fisk"),
    ("leon fisk 602 555 0115", "Leon Fisk"),
    ("Rosa Villalobos, 702-555-0138", "Rosa Villalobos"),
    ("josé ramírez", "José Ramírez"),
    ("MARÍA DE LOS ÁNGELES PEÑA", "María de los Ángeles Peña"),
    ("that would be gloria sandoval", "Gloria Sandoval"),
    ("that'd be Oduya", "Oduya"),
    ("Sister Mary Agnes", "Sister Mary Agnes"),
    ("Walt and Irene Dobbs", "Walt and Irene Dobbs"),
    ("walt or irene", "Walt or Irene"),
    ("es para mi abuelita, Doña Chayo Pineda", "Doña Chayo Pineda"),
    ("Sgt. Louis Carver", "Sgt. Louis Carver"),
    ("Marguerite St. Clair", "Marguerite St. Clair"),
    ("pastor ruben lopez", "Pastor Ruben Lopez"),
    ("Corinne, last name Baptiste", "Corinne Baptiste"),
    ("fine. Beatrix", "Beatrix"),
    ("great, Beatrix Lowe", "Beatrix Lowe"),
    ("sure it's lyle lyle fenwick", "Lyle Fenwick"),
    ("Sal. Sal DiNapoli", "Sal DiNapoli"),
    ("Lund. Oscar Lund", "Oscar Lund"),
    ("who? domingo reyes", "Domingo Reyes"),
    ("me? wednesday adams", "Wednesday Adams"),
    ("Price, DeShawn", "DeShawn Price"),
    ("lopez, maria", "Maria Lopez"),
    ("ok, maria", "Maria"),
    ("roberto de leon", "Roberto de Leon"),
]
NO_ANSWER = """
muerto de cansancio
harta de todo
muerta
friday works here
sunday? friday works
yes
ok
sure
why?
Why do you need it
who is this
no
no thanks
i'd rather not say
prefer not to
none of your business
anonymous
skip
STOP
tomorrow
tomorrow at 3
monday
602-555-0134
12345
555
is it safe
wait does tms have side effects?
i dont think i can wait, i want to kill myself
everyone would be better off without me anyway
my name is not important
I already told you
a real person please
call me
3ish
heyyy
sí
claro
no
¿para qué?
prefiero no decir
no se
mañana
el lunes
ya no quiero vivir
""".strip().splitlines()


@pytest.mark.parametrize(("words", "name"), STATED)
def test_a_stated_name_is_read_though_nobody_asked(words: str, name: str) -> None:
    assert read_name(words) == name
    assert read_name(words, asked=True) == name


@pytest.mark.parametrize("words", NOT_STATED)
def test_what_only_looks_like_a_stated_name_is_none(words: str) -> None:
    assert read_name(words) is None


@pytest.mark.parametrize(("words", "name"), BARE)
def test_a_bare_answer_is_a_name_when_it_was_asked_for(words: str, name: str | None) -> None:
    assert read_name(words, asked=True) == name


@pytest.mark.parametrize("words", NO_ANSWER)
def test_a_question_a_time_a_number_or_a_refusal_is_no_name(words: str) -> None:
    assert read_name(words, asked=True) is None


@pytest.mark.parametrize("words", ["Dana Whitlock", "will", "blue", "LORRAINE PETTIGREW"])
def test_a_bare_word_is_no_name_unless_it_was_asked_for(words: str) -> None:
    assert read_name(words) is None


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Fern Abelson", "Fern Abelson"),
        ("oh and Marta", "Marta"),
        ("ines fairweather", "Ines Fairweather"),
        ("Will Tate", "Will Tate"),
        ("Mr. Ruiz", "Mr. Ruiz"),
    ],
)
def test_a_message_that_is_a_name_and_nothing_else_is_one_whenever_it_comes(words: str, name: str) -> None:
    assert read_lone_name(words) == name


@pytest.mark.parametrize(
    "words",
    [
        "will",
        "hope",
        "Panic Attacks",
        "blue",
        "Monday",
        "April",
        "may",
        "is it Dana?",
        "ketamine",
        "ok",
        "Dana hung up",
    ],
)
def test_a_word_that_need_not_be_a_name_is_none_where_none_was_asked_for(words: str) -> None:
    assert read_lone_name(words) is None


@pytest.mark.parametrize(
    ("before", "said", "text", "name"),
    [
        ("Nora Lindqvist", "Norah", "my name is spelled Norah", "Norah Lindqvist"),
        ("Kristen Vega", "Kirsten", "sorry, it's Kirsten", "Kirsten Vega"),
        ("Dana", "Whitlock", "my last name is Whitlock", "Dana Whitlock"),
        ("Dana Hall", "Hull", "last name is Hull", "Dana Hull"),
        ("Dana Whitlock", "Dana", "this is Dana", "Dana Whitlock"),
        ("Dana Whitlock", "Marcus", "actually ask for Marcus", "Marcus"),
        ("Dana Whitlock", "Marcus Bell", "no, my name is Marcus Bell", "Marcus Bell"),
        ("Norah", "Nora Lind", "it's Nora Lind", "Nora Lind"),
        (None, "Dana", "Dana", "Dana"),
    ],
)
def test_a_part_of_a_name_put_right_keeps_the_rest(before: str | None, said: str, text: str, name: str) -> None:
    assert amended(before, said, text) == name


FIRST = st.sampled_from(["dana", "marcus", "lucía", "anne-marie", "theodora", "josé"])
LAST = st.sampled_from(["whitlock", "o'dowd", "núñez", "castillo-reed", "okafor", "bell", "price"])


@given(
    FIRST, LAST, st.sampled_from(["my name is {}", "this is {}", "Hi, it's {}.", "me llamo {}", "soy {}", "{} here"])
)
def test_a_name_is_the_same_in_any_case_quotes_and_spacing(first: str, last: str, sentence: str) -> None:
    proper = read_name(f"my name is {first} {last}")
    assert proper is not None
    assert proper.lower() == f"{first} {last}"
    said = sentence.format(f"{first} {last}")
    for written in (said, said.upper(), f"  {said}.", said.replace("'", "’"), said.replace(" ", "  ")):
        assert read_name(written) == proper


@given(FIRST, LAST)
def test_a_bare_name_reads_back_as_itself(first: str, last: str) -> None:
    name = read_name(f"{first} {last}", asked=True)
    assert name is not None
    assert read_name(name, asked=True) == name


@given(st.text(), st.booleans())
@example("my name is " + "x" * 5000, False)
@example("name is " * 700, False)
@example("my name is de la de la de la", True)
@example("I'm Dr. Dr. Dr.", True)
@example("\ud800 my name is \x00", True)
@example("İ my name is Dana", False)
def test_any_text_gives_a_short_name_or_none(text: str, asked: bool) -> None:
    name = read_name(text, asked)
    assert name is None or (0 < len(name) <= LONGEST_NAME and any(c.isalpha() for c in name))


@pytest.mark.parametrize(
    "text",
    [
        "his name is Will",
        "my husband will be there too, his name is Will",
        "it's for my daughter, her name is Kelly Dunn",
        "my husband's name is Bob Smith",
        "mi hija se llama Ana López",
    ],
)
def test_the_name_of_somebody_who_is_spoken_of_is_told_from_the_one_to_ask_for(text):
    assert names_another(text)


@pytest.mark.parametrize(
    "text",
    [
        "call him, his name is Will Stone",
        "Her name is Elena Park and her number is 602-555-0157",
        "ask for Kim",
        "llamen a mi esposa, se llama Lucía Peña",
        "my name is Dana, my son's name is Tim",
        "Dana Hall",
        "yes",
    ],
)
def test_who_is_to_be_called_is_asked_for(text):
    assert not names_another(text)


@pytest.mark.parametrize("text", ["Edith Coffin", "Jane Graves", "Ana López Coffin"])
def test_a_full_name_with_its_capitals_is_surely_one(text):
    assert is_full_name(text)


@pytest.mark.parametrize(
    "text",
    ["Mike overdosed", "Mike Overdosed", "Dan Bleeding", "mary collapsed", "Hope Gone", "Will Die", "KILL ME", "Edith"],
)
def test_what_happened_to_somebody_is_no_full_name(text):
    assert not is_full_name(text)


@given(st.text(max_size=300), st.booleans())
def test_no_text_makes_the_questions_about_names_fail(text, asked):
    name = read_name(text, asked=asked)
    assert is_wholly_a_name(text, name) in (True, False)
    assert names_another(text) in (True, False)
    assert not is_wholly_a_name(text, None)


FRAMED = [
    ("under Edith Coffin", "Edith Coffin"),
    ("pt is wednesday adams", "Wednesday Adams"),
    ("just put domingo reyes", "Domingo Reyes"),
    ("it's for my wife Karen Dunn", "Karen Dunn"),
    ("my husband Greg Wolfe", "Greg Wolfe"),
    ("everyone calls me Gia", "Gia"),
    ("you're talking to Maria Lopez", "Maria Lopez"),
    ("of course, siobhan o'neil", "Siobhan O'Neil"),
    ("hi its wednesday adams", "Wednesday Adams"),
    ("gia haha", "Gia"),
    ("domingo reyes is fine", "Domingo Reyes"),
    ("póngale siobhan o'neil", "Siobhan O'Neil"),
    ("nombre completo: luis", "Luis"),
    ("mucho gusto, Tom Baker", "Tom Baker"),
    ("claro que sí, tom baker", "Tom Baker"),
    ("que pregunten x Maria Lopez", "Maria Lopez"),
    ("es para mi hijo Luis", "Luis"),
    ("todos me dicen Luis pero está bien", "Luis"),
    ("paciente domingo reyes", "Domingo Reyes"),
    ("aquí Maria Lopez", "Maria Lopez"),
]


@pytest.mark.parametrize(("words", "name"), FRAMED)
def test_what_stands_around_a_name_is_no_part_of_it(words: str, name: str) -> None:
    assert read_name(words, asked=True) == name


@pytest.mark.parametrize(
    "words",
    [
        "for anxiety",
        "its for my wife",
        "under pressure rn",
        "pt is in pain",
        "put me down for tuesday",
        "use my cell",
        "make it tomorrow",
        "hi its late",
        "para la ansiedad",
        "es para mi esposa",
        "apunte mi número",
        "con gusto",
        "sería mañana",
        "soy paciente nueva",
    ],
)
def test_a_frame_around_something_else_gives_no_name(words: str) -> None:
    assert read_name(words, asked=True) is None


@pytest.mark.parametrize(("name", "is_name"), [("edith coffin", True), ("mike shot", False), ("Mike Overdosed", False)])
def test_what_befell_somebody_is_no_surname(name: str, is_name: bool) -> None:
    assert is_name_of_nobody_hurt(name) is is_name


TAILS = ("duh", "lol", "tho", "bruh", "man", "mate", "wey", "ok", "please", "thx", "btw", "hun", "rn", "compa")


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("name", ["Siobhan O'Neil", "Ana Torres", "Tom Baker", "Gia", "Domingo Reyes", "Edith Coffin"])
@pytest.mark.parametrize("said", ["its {} {}", "my name is {} {}", "{} {}", "me llamo {} {}"])
def test_what_people_put_behind_anything_is_no_part_of_a_name(said: str, name: str, tail: str) -> None:
    assert read_name(said.format(name, tail), asked=True) == name
    assert (read_name(said.format(name.lower(), tail), asked=True) or "").lower() == name.lower()


def test_lower_case_behind_a_name_with_capitals_is_no_part_of_it() -> None:
    assert read_name("its Dana Price whatevs", asked=True) == "Dana Price"
    assert read_name("its Dana price", asked=True) == "Dana price"
    assert read_name("my name is Maria de la Cruz") == "Maria de la Cruz"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("the name you want on the file is edith coffin", "Edith Coffin"),
        ("ahí póngale maria lopez, así como suena", "Maria Lopez"),
        ("Domingo Reyes like its spelled", "Domingo Reyes"),
        ("domingo reyes like its spelled", "Domingo Reyes"),
        ("my daughter ana handles it", "Ana"),
        ("i live in phoenix with my sister", None),
        ("good morning from Austin", None),
        ("because of my anxiety", None),
        ("can Dana or Gia call", None),
        ("Estimados señores", None),
        ("operadora", None),
    ],
)
def test_a_name_is_found_in_an_answer_that_says_more(words: str, name: str | None) -> None:
    assert read_name(words, asked=True) == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("maria lopez soy yo", "Maria Lopez"),
        ("siobhan o'neil soy yo", "Siobhan O'Neil"),
        ("maria lopez mucho gusto", "Maria Lopez"),
        ("shoot, i forgot my card", None),
        ("dang, wrong window", None),
    ],
)
def test_the_whole_name_is_taken_and_no_sigh_for_one(words: str, name: str | None) -> None:
    assert read_name(words, asked=True) == name


def test_a_greeting_that_is_a_name_elsewhere_is_none() -> None:
    assert read_lone_name("ola") is None


def test_who_is_not_somebody_has_not_that_name() -> None:
    assert read_name("no soy Maria Lopez") is None


def test_the_name_before_a_no_is_the_wrong_one() -> None:
    assert put_right_name("Tania Escamilla", "Tania no, pongan Tatiana Escamilla") == "Tatiana Escamilla"


@pytest.mark.parametrize("words", ["sooner please, today at 11", "later, maybe 4", "antes por favor"])
def test_when_it_would_suit_is_no_name(words: str) -> None:
    assert read_name(words, asked=True) is None
