"""What is looked for in the vocabulary of `triage._time_words`: clocks, days, parts of the day, and what joins them."""

import re

_CLOCK = (
    r"(?:\d{1,2}:\d\d(?::\d\d)?|\d{1,2}\.\d\d|\d{3,4}(?![./:])|\d{1,2}w? \d\d(?![\w:./])|\d{1,2}w?(?![:./\w])|noon"
    r"|midnight)"
    r"(?: oclock)?(?: ~)?(?: (?:am|pm)\b)?(?: oclock)?"
)

_AT = r"(?:(?:a|at|las|for|to|~|the(?= 1w?\b)) ){0,3}"

_MONTH_DAY = (
    r"(?:(?!mon5 \d+w)mon\d+ (?:the )?\d{1,2}(?:th|w)?|(?:the |on |days ){0,3}(?:\d{1,2}(?:th)?(?: of)?"
    r"|\d{1,2}w of) (?:on )?mon\d+)(?:(?: ,| of)? 20\d\d(?!\w))?"
)

_FIGURES = r"\d{1,2}/\d{1,2}(?:/\d{4})?"

_DAY_OF_MONTH = (
    r"(?:(?:the |on |days ){0,3}\d{1,2}th|(?:on (?:the )?days|on(?: the)?) \d{1,2}w?(?![:./\w])|(?:(?<=\dw )"
    r"|(?<=[ap]m )|(?<= \d )|(?<=:\d\d ))of(?: the)? \d{1,2}w?(?![:./\w]| (?:a|to|-|until|[ap]m)\b))(?: of (?:the"
    r"|this|next) (?:coming )?month)?"
)

_WEEK = (
    r"(?:(?:the )?week after next|(?:the )?(?:next|coming) week|(?:the )?week (?:next|coming)|(?:this|the) week"
    r"|last week|week last)"
)

_WEEKDAY = (
    rf"(?:(?P<week_before>{_WEEK}) (?:, )?(?:on )?(?:the )?)?(?:the )?(?P<which>(?:this |next |coming "
    rf"|last ){{0,3}})(?P<weekday>wd\d)"
    rf"(?P<which_after>(?: (?:next|last|coming)(?! week))*)(?:(?: ,)?(?: (?:of|in|on))* (?P<week_after>{_WEEK}))?"
    rf"(?:(?: ,)?(?: on| the| days){{0,3}} (?P<its_date>{_MONTH_DAY}|{_FIGURES}|\d{{1,2}}th(?: of (?:the"
    rf"|this) month)?|(?:1[3-9]|2\d|3[01])w?(?![:./\w])|\d{{1,2}}w?"
    rf"(?= (?:(?:a )?(?:at|las)|between|after|before|noearlier) (?:las )?\d| (?:in )?(?:morning|afternoon|evening))))?"
)

_AMOUNT = r"(?:half a|a half|half|a quarter of a|quarter of a|a|the|\d/\d|\d{1,3}w? and (?:a )?half|\d{1,3}w?)"

_LENGTH = (
    rf"(?:{_AMOUNT} (?:more )?(?:hours?|minutes)(?: and (?:a )?half| and \d{{1,2}}w? minutes)?|hour and (?:a )?half)"
)

_SPEAKER = r"(?:(?:i|im|i'm|am|we|we're|get|getting|got) ){0,3}"

_WORK = r"(?:work|job|shift|trabajo)"

_OFF_WHAT = r"(?:(?:of|from|with|my|the|mi) ){0,3}"

_SOMEBODY = r"(?:you|u|ya|yall|y'all|they|she|he|someone|somebody|anyone|anybody|(?:the|your) \w+)"

_PART = (
    "earlymorning|midmorning|latemorning|earlyafternoon|midafternoon|lateafternoon|earlyevening|lateevening"
    "|morning|afternoon|evening|firstthing|endofday|lunch|dawn"
)

NAMED_ZONE = re.compile(
    r" (?:\( )?(?:hour of (?:the )?(?P<hour_of>this|centro|montana|pacifico|arizona|california|texas|\w+ \w+)"
    r"|(?:in )?(?P<zone>eastern|east coast|edt|est|et|central|cst|cdt|ct|mountain|mst|mdt|mt|pacific|west coast|pst"
    r"|pdt|pt"
    r"|arizona|alaska|hawaii|gmt|utc|bst|cet|ist|new york|california|texas|chicago)(?: standard"
    r"| daylight)?(?: (?:time|hour))?)(?: \))?(?!\S)"
)


# What is looked for at each word; of several that fit, the first.
_GRAMMAR = {
    "within": rf"within (?:~ )?{_LENGTH}|in (?:the |on )?next {_LENGTH}",
    "offset": rf"in (?:~ )?{_LENGTH}|{_LENGTH} (?:from now|out)|from now {_LENGTH}|\+ {_LENGTH}",
    "soon_minutes": r"in (?:~ )?(?:5|10|15|20|25|30|40|45|50|60)w?(?= [.,!?]| please|$)",
    "day_offset": r"in (?:~ )?(?:a|\d+w?) (?:days|weeks?)(?: from now)?|\d+w? dayafter|(?:a|\d+w?) (?:days"
    r"|weeks?) from now"
    r"|(?:a|\d+w?) wd\d from (?:now|today)|from now (?:in )?(?:a|\d+w?) (?:days|weeks?)"
    r"|(?:a|\d+w?) (?:days|weeks?) (?:from|after) (?:today|tomorrow|(?:on )?wd\d)|week from (?:today|tomorrow|wd\d)"
    r"|of (?:today|tomorrow|(?:on )?wd\d) in (?:8|15)w?(?: days)?",
    "weekday_phrase": _WEEKDAY,
    "days_on_end": rf"{_MONTH_DAY} (?:-|to|and) \d{{1,2}}(?:th)?(?! (?:am|pm))|\d{{1,2}}(?:th)? (?:-|to|and"
    rf"|a) {_MONTH_DAY}",
    "month_day": _MONTH_DAY,
    "figures": rf"(?:on )?{_FIGURES}",
    "relative": r"(?:the )?(?:today|tomorrow|dayafter|yesterday)",
    "day_of_month": _DAY_OF_MONTH,
    "vague_day": rf"{_WEEK}|week of(?: the)?(?: mon\d+)?(?: \d{{1,2}}(?:th)?)?|within (?:a|\d+w?) (?:days|weeks?)"
    rf"|(?:this |the |next ){{0,3}}weekend|(?:next|this|last|coming|in) month|in mon\d+"
    r"|(?:the )?(?:next|coming) \d+w? days|in weeks",
    "range": rf"(?P<opened>(?:from|between|of) )?{_AT}(?P<first>{_CLOCK}) (?P<joint>to|-|until|and"
    rf"|a) {_AT}(?P<second>{_CLOCK})",
    "relation": rf"(?P<sense>after|noearlier|past|from|before|until|(?:between|from|of) now (?:and|to|until|-)) (?:~ "
    rf"|the ){{0,3}}{_AT}(?P<bound>{_CLOCK})"
    r"(?: onward| on\b(?! (?:the|wd|mon|\d|days)))?",
    "or_later": rf"{_AT}(?P<since>{_CLOCK}) (?:onward|\+(?! \d))",
    "or_before": rf"{_AT}(?P<by>{_CLOCK}) orbefore",
    "around_part": r"(?P<side>after|noearlier|past|before|until) (?:the |my ){0,3}(?P<bound_part>lunch|endofday|morning"
    r"|afternoon|evening)",
    "moved_from": rf"from (?:the |on |my ){{0,2}}(?:{_PART}|wd\d|today|tomorrow)(?= (?:to|a|for|until) )",
    "after_that": r"(?:after|past|before) that(?= [.,;!?]|$| (?:is|works|please|on|today|tomorrow|wd\d)\b)"
    r"|(?:(?<=call )|(?<=me )|(?<=ring )|(?<=but )|(?<=so )|(?<=, )|(?<=free )|(?<=open ))after(?= [.,;!?]|$)",
    "after_work": rf"afterwork|(?:after|(?:after |when |at )?(?:saliendo|salir|salga|salgo)) {_OFF_WHAT}{_WORK}"
    rf"(?! (?:a )?(?:at|las) \d)|(?:after|when) {_SPEAKER}(?:home"
    rf"|(?:off|out|done|home|finish|finished|leave|clock out) {_OFF_WHAT}{_WORK})",
    "deadline": rf"(?:after|before|until) (?:on |the ){{0,3}}(?:wd\d|today|tomorrow|dayafter|{_MONTH_DAY}|\d+th)"
    rf"(?! (?:{_AT}{_CLOCK}|(?:the )?(?:{_PART}))(?!\S))",
    "other_time": rf"beforework(?: (?:a )?(?:at|las) {_CLOCK})?|(?:after|before|until|from) (?:on "
    rf"|the ){{0,3}}(?=mon\d)",
    "same_time": r"sametime",
    "habit": rf"(?:habit|some|most|other|many) (?:{_PART}|wd\d|tomorrow|days)",
    "part": _PART,
    "edge": r"early|late|am|pm|eve",
    "clock": rf"(?P<lead>{_AT})(?P<hour>{_CLOCK})",
    "open": rf"asap|now|soon|(?:as )?(?:soon|quick|quickly|fast) as (?:possible|{_SOMEBODY} (?:\w+ )?(?:can|are|is)"
    rf"|\w+'s (?:free|available|able))|the sooner (?:\w+ ){{0,4}}the better"
    rf"|anytime {_SOMEBODY} (?:\w+ )?(?:can|want|like|please|prefer|are|get (?:to )?(?:it|me)|have)|anytime",
    "vague": r"later|sometime",
    "none": rf"not next(?= [.,;!?]|$)|than (?:on |the ){{0,2}}(?:wd\d|today|tomorrow|{_PART}|{_AT}{_CLOCK})",
    "against": r"not|except|busy|no (?:phone )?(?:calls?|calling|llamadas?)",
    "bad": r"bad",
    "no": r"no",
    "fix": r"fix",
    "stop": r"[.,;!?()]|but|so|say|and(?= (?:i|im|i'm|my|he|she|we|they|please|can|call|could|luego|mi|yo|then)(?!\S))"
    r"|works(?= (?:not|i|im|i'm|my)(?!\S))",
    "aside": r"because|if|when|while|since|as|que|si|where|after|before",
}

SCAN = re.compile(r"(?<!\S)(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _GRAMMAR.items()) + r")(?!\S)")
