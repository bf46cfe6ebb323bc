"""The rules that find what speaks of time: clocks, days, parts of the day, and what joins them.

They read the words that `spelling.canonical` gives.
"""

import re

from triage.reading.times.holidays import HOLIDAYS

_CLOCK = (
    r"(?:\d{1,2}:\d\d(?::\d\d)?|\d{1,2}\.\d\d|\d{3,4}(?![./:])"
    r"|\d{1,2}w? \d\d(?![\w:./])|\d{1,2}w?(?![:./\w])"
    r"|noon|midnight)"
    r"(?: oclock)?(?: ~)?(?: (?:am|pm)\b)?(?: oclock)?"
)

_AT = r"(?:(?:a|at|las|for|to|~|the(?= 1w?\b)) ){0,3}"

_MONTH_DAY = (
    r"(?:(?!mon5 \d+w)mon\d+ (?:the )?\d{1,2}(?:th|w)?"
    r"|(?:the |on |days ){0,3}(?:\d{1,2}(?:th)?(?: of)?|\d{1,2}w of) (?:on )?mon\d+)"
    r"(?:(?: ,| of)? 20\d\d(?!\w))?"
)

_FIGURES = r"\d{1,2}/\d{1,2}(?:/\d{4})?"

_BEHIND_A_CLOCK = r"(?:(?<=\dw )|(?<=[ap]m )|(?<= \d )|(?<=:\d\d ))"

_DAY_OF_MONTH = (
    r"(?:(?:the |on |days ){0,3}\d{1,2}th"
    r"|(?:on (?:the )?days|on(?: the)?) \d{1,2}w?(?![:./\w])"
    rf"|{_BEHIND_A_CLOCK}of(?: the)? \d{{1,2}}w?(?![:./\w]| (?:a|to|-|until|[ap]m)\b))"
    r"(?: of (?:the|this|next) (?:coming )?month)?"
)

_WEEK = (
    r"(?:(?:the )?week after next|(?:the )?(?:next|coming) week|(?:the )?week (?:next|coming)"
    r"|(?:this|the) week|last week|week last)"
)

_TIME_FOLLOWS = (
    r"(?= (?:(?:a )?(?:at|las|the)|between|after|before|noearlier) (?:las )?\d| (?:in )?(?:morning|afternoon|evening))"
)

_ITS_DATE = (
    rf"(?P<its_date>{_MONTH_DAY}|{_FIGURES}|\d{{1,2}}th(?: of (?:the|this) month)?"
    rf"|(?:1[3-9]|2\d|3[01])w?(?![:./\w])|\d{{1,2}}w?{_TIME_FOLLOWS})"
)

_WEEKDAY = (
    rf"(?:(?P<week_before>{_WEEK}) (?:, )?(?:on )?(?:the )?)?"
    r"(?:the )?(?P<which>(?:this |next |coming |last ){0,3})(?P<weekday>wd\d)"
    r"(?P<which_after>(?: (?:next|last|coming)(?! week))*)"
    rf"(?:(?: ,)?(?: (?:of|in|on))* (?P<week_after>{_WEEK}))?"
    rf"(?:(?: ,)?(?: on| the| days){{0,3}} {_ITS_DATE})?"
)

_HOLIDAY = rf"(?:{'|'.join(HOLIDAYS)})"

# "the day after thanksgiving", "2 days before christmas", "the friday after thanksgiving"
_COUNTED_FROM = (
    r"(?:(?P<holiday_days>(?:a|the|on|\d{1,2}w?)? ?days)|(?:the |on )*(?P<holiday_weekday>wd\d))"
    r" (?P<holiday_side>after|before) (?:the |on )*"
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

_ZONE = (
    "eastern|east coast|edt|est|et|central|cst|cdt|ct|mountain|mst|mdt|mt|pacific|west coast|pst|pdt|pt"
    "|arizona|alaska|hawaii|gmt|utc|bst|cet|ist|new york|california|texas|chicago"
)

NAMED_ZONE = re.compile(
    r" (?:\( )?"
    r"(?:hour of (?:the )?(?P<hour_of>this|centro|montana|pacifico|arizona|california|texas|\w+ \w+)"
    rf"|(?:in )?(?P<zone>{_ZONE})(?: standard| daylight)?(?: (?:time|hour))?)"
    r"(?: \))?(?!\S)"
)

# What is looked for at each word; of several that fit, the first.
_GRAMMAR = {
    "within": rf"within (?:~ )?{_LENGTH}|in (?:the |on )?next {_LENGTH}",
    "offset": rf"in (?:~ )?{_LENGTH}|{_LENGTH} (?:from now|out)|from now {_LENGTH}|\+ {_LENGTH}",
    "soon_minutes": r"in (?:~ )?(?:5|10|15|20|25|30|40|45|50|60)w?(?= [.,!?]| please|$)",
    "day_offset": (
        r"in (?:~ )?(?:a|\d+w?) (?:days|weeks?)(?: from now)?|\d+w? dayafter"
        r"|(?:a|\d+w?) (?:days|weeks?) from now|(?:a|\d+w?) wd\d from (?:now|today)"
        r"|from now (?:in )?(?:a|\d+w?) (?:days|weeks?)"
        r"|(?:a|\d+w?) (?:days|weeks?) (?:from|after) (?:today|tomorrow|(?:on )?wd\d)"
        r"|week from (?:today|tomorrow|wd\d)"
        r"|of (?:today|tomorrow|(?:on )?wd\d) in (?:8|15)w?(?: days)?"
    ),
    "holiday_phrase": (
        rf"(?:the )?(?:{_COUNTED_FROM})?(?P<holiday>{_HOLIDAY})(?! (?:break|weekend|weeks?|dinner|party|season))"
    ),
    "weekday_phrase": _WEEKDAY,
    "days_on_end": (
        rf"{_MONTH_DAY} (?:-|to|and) \d{{1,2}}(?:th)?(?! (?:am|pm))"
        rf"|\d{{1,2}}(?:th)? (?:-|to|and|a) {_MONTH_DAY}"
    ),
    "month_day": _MONTH_DAY,
    "figures": rf"(?:on )?{_FIGURES}",
    "relative": r"(?:the )?(?:today|tomorrow|dayafter|yesterday)",
    "day_of_month": _DAY_OF_MONTH,
    "vague_day": (
        rf"{_WEEK}|week of(?: the)?(?: mon\d+)?(?: \d{{1,2}}(?:th)?)?|within (?:a|\d+w?) (?:days|weeks?)"
        r"|(?:this |the |next ){0,3}weekend|(?:next|this|last|coming|in) month|month (?:next|coming)|in mon\d+"
        r"|(?:the )?(?:next|coming) \d+w? days|in weeks"
        rf"|(?:the )?(?:week|weekend) (?:after|before|of) (?:the )?{_HOLIDAY}|{_HOLIDAY} (?:break|weekend|weeks?)"
    ),
    "range": (
        r"(?P<opened>(?:from|between|of) )?"
        rf"{_AT}(?P<first>{_CLOCK}) (?P<joint>to|-|until|and|a) {_AT}(?P<second>{_CLOCK})"
    ),
    "relation": (
        r"(?P<sense>after|noearlier|past|from|before|until|(?:between|from|of) now (?:and|to|until|-)) "
        rf"(?:~ |the ){{0,3}}{_AT}(?P<bound>{_CLOCK})(?: onward| on\b(?! (?:the|wd|mon|\d|days)))?"
    ),
    "or_later": rf"{_AT}(?P<since>{_CLOCK}) (?:onward|\+(?! \d))",
    "or_before": rf"{_AT}(?P<by>{_CLOCK}) orbefore",
    "around_part": (
        r"(?P<side>after|noearlier|past|before|until) (?:the |my ){0,3}"
        r"(?P<bound_part>lunch|endofday|morning|afternoon|evening)"
    ),
    "moved_from": (
        rf"(?:from|of) (?:the |on |my ){{0,2}}(?:{_PART}|wd\d|today|tomorrow|dayafter)(?= (?:to|a|al|for|until) )"
    ),
    "after_that": (
        r"(?:after|past|before) that(?= [.,;!?]|$| (?:is|works|please|on|today|tomorrow|wd\d)\b)"
        r"|after(?= (?:is|works|would be)(?!\S))"
        r"|(?:(?<=call )|(?<=me )|(?<=ring )|(?<=but )|(?<=so )|(?<=, )|(?<=free )|(?<=open ))after(?= [.,;!?]|$)"
    ),
    "after_work": (
        r"afterwork|(?<!las \d )(?<!las \d\d )(?:after|(?:after |when |at )?(?:saliendo|salir|salga|salgo))"
        rf" {_OFF_WHAT}{_WORK}"
        r"(?! (?:a )?(?:at|las) \d)"
        rf"|(?:after|when) {_SPEAKER}(?:home|(?:off|out|done|home|finish|finished|leave|clock out) {_OFF_WHAT}{_WORK})"
    ),
    "deadline": (
        rf"(?:after|before|until) (?:on |the ){{0,3}}(?:wd\d|today|tomorrow|dayafter|{_HOLIDAY}|{_MONTH_DAY}|\d+th)"
        rf"(?! (?:{_AT}{_CLOCK}|(?:the )?(?:{_PART}))(?!\S))"
    ),
    "other_time": (
        rf"beforework(?: (?:a )?(?:at|las) {_CLOCK})?|(?:after|before|until|from) (?:on |the ){{0,3}}(?=mon\d)"
    ),
    "same_time": r"sametime",
    "habit": rf"(?:habit|some|most|other|many) (?:{_PART}|wd\d|tomorrow|days)",
    "earliest": r"earliest",
    "part": _PART,
    "edge": r"early|late|am|pm|eve",
    "clock": rf"(?P<lead>{_AT})(?P<hour>{_CLOCK})",
    "open": (
        rf"asap|now|ya|soon|(?:as )?(?:soon|quick|quickly|fast) as (?:possible|{_SOMEBODY} (?:\w+ )?(?:can|are|is)"
        r"|\w+'s (?:free|available|able))|the sooner (?:\w+ ){0,4}the better"
        rf"|anytime {_SOMEBODY} (?:\w+ )?(?:can|want|like|please|prefer|are|get (?:to )?(?:it|me)|have)|anytime"
    ),
    "vague": r"later|sometime",
    "none": rf"not next(?= [.,;!?]|$)|than (?:on |the ){{0,2}}(?:wd\d|today|tomorrow|{_PART}|{_AT}{_CLOCK})",
    "against": r"not|except|busy|no (?:phone )?(?:calls?|calling|llamadas?)",
    "bad": r"bad",
    "no": r"no",
    "fix": r"fix",
    "stop": (
        r"[.,;!?()]|but|so|say"
        r"|and(?= (?:i|im|i'm|my|he|she|we|they|please|can|call|could|luego|mi|yo|then)(?!\S))"
        r"|works(?= (?:not|i|im|i'm|my)(?!\S))"
    ),
    "aside": r"because|if|when|while|since|as|que|si|where|after|before",
}

SCAN = re.compile(r"(?<!\S)(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _GRAMMAR.items()) + r")(?!\S)")
