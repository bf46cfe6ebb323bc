"""The words of time, English and Spanish, and what they mean in the small vocabulary of `triage._time_marks`."""

import re

from triage.words.number_words import IN_A_TIME, NUMBERS


def _table(rows: dict[str, str]) -> dict[str, str]:
    """{"today": "today | hoy"} as {"today": "today", "hoy": "today"}."""
    return {words.strip(): meaning for meaning, row in rows.items() for words in row.split("|")}


# One word each.
WORDS = _table(
    {
        "wd0": "monday|mondays|mon|mondy|munday|lunes|lun",
        "wd1": "tuesday|tuesdays|tues|tue|tuseday|tusday|teusday|martes",
        "wd2": "wednesday|wednesdays|weds|wed|wedsday|wendsday|wensday|wednsday|wednesdy|miercoles|mie|mier|miercole",
        "wd3": "thursday|thursdays|thurs|thur|thu|thrusday|thursdy|thirsday|jueves|jue|juebes",
        "wd4": "friday|fridays|fri|firday|firiday|frday|friady|viernes|vie|bierness|biernes",
        "wd5": "saturday|saturdays|sat|saterday|satuday|sabado|sabados|sab",
        "wd6": "sunday|sundays|sun|domingo|domingos|dom",
        "mon1": "january|jan|enero",
        "mon2": "february|feb|febuary|febrero",
        "mon3": "march|marzo",
        "mon4": "april|apr|abril",
        "mon5": "may|mayo",
        "mon6": "june|jun|junio",
        "mon7": "july|jul|julio",
        "mon8": "august|aug|agosto",
        "mon9": "september|sept|sep|septiembre|setiembre",
        "mon10": "october|oct|octubre",
        "mon11": "november|nov|novemeber|noviembre",
        "mon12": "december|dec|decembre|diciembre|dic",
        "today": "today|todays|tday|2day|hoy",
        "tomorrow": "tomorrow|tomorrows|tmrw|tmr|tmw|tmmrw|tomm|tommorow|tommorrow|tomorow|tomorro|tomorrw|2moro"
        "|mnn|mnna|2morrow|2mrw|2mro|2morow|tmro|tmrow|tomoro|tomarrow|tommorw|2maro|tomorrowe|tomor|manana",
        "tonight": "tonight|tonite|2nite|tonigt|2night",
        "yesterday": "yesterday|yday|yest|yesterdays|ayer|anteayer|antier|anoche",
        "morning": "morning|mornings|mornin|morn|moring|mornng|mornign|mananas|mananita|mananitas",
        "afternoon": "afternoon|afternoons|afternon|aft|arvo|afternoo|afternnon|aftrnoon|tarde|tardes|tardecita",
        "evening": "evening|evenings|evenin|evning|eveing|night|nights|nite|noche|noches|nochecita",
        "noon": "noon|midday|noontime|mediodia|noonish|mid-day",
        "lunch": "lunch|lunchtime|lunchbreak|almuerzo|lonche|comida",
        "midnight": "midnight|medianoche",
        "dawn": "madrugada",
        "endofday": "eod|cob",
        "asap": "asap|immediately|immediatly|inmediatamente|pronto|urgente|urgently",
        "now": "now|ahora|ahorita|ahoritita|ya|rn|atm",
        "soon": "soon|prontito",
        "anytime": "anytime|whenever|24/7",
        "week": "week|semana|wk",
        "weeks": "weeks|semanas|wks",
        "weekend": "weekend|weekends|wkend|finde|week-end",
        "month": "month|mes",
        "hour": "hour|hora|hr|horita",
        "hours": "hours|horas|hrs|h|horitas",
        "minutes": "minutes|minute|mins|min|minutos|minuto|minutito|minutitos",
        "days": "days|dias|day|dia",
        "at": "at|@",
        "las": "las",
        "~": "ish|round|tipin|around|about|roughly|approximately|approx|aproximadamente|bout|abt|aprox|arond"
        "|arround|abotu",
        "past": "past",
        "after": "after|despues|afer|aftr|tras|pasadas|pasada",
        "before": "before|b4|by|antes|befor|bfore|befre",
        "until": "until|till|til|'til|thru|hasta|untill|untl",
        "from": "from|frm",
        "between": "between|btwn|btw|bw|betwen|beetween|entre|bewteen",
        "to": "to",
        "and": "and|&|n|y",
        "or": "or|o",
        "on": "on|el",
        "the": "the|la|lo|los",
        "of": "of|de|del",
        "in": "in|en|por|dentro",
        "for": "for|para",
        "this": "this|esta|este|estas",
        "next": "next|nxt|proximo|proxima|siguiente|following|nex",
        "coming": "coming|upcoming",
        "last": "last|previous|pasado|pasada",
        "not": "not|cant|can't|cannot|dont|don't|wont|won't|isnt|isn't|doesnt|doesn't|arent|aren't|nunca|never"
        "|couldnt|shouldnt|wouldnt|tampoco|nor|didnt|didn't|avoid|excluding|wouldn't|couldn't",
        "except": "except|excepto|menos|besides|unless|salvo",
        "no": "no|nope|nah|nvm|nevermind",
        "so": "so|entonces|asique",
        "because": "because|cuz|cause|bc|cos|coz|porque",
        "but": "but|pero|however|though|aunque|sino|pues|then|otherwise",
        "fix": "actually|preferably|preferiblemente|wait|rather|instead|digo|perdon|sorry|oops|mejor|corrijo"
        "|correction|ups|scratch",
        "busy": "busy|unavailable|booked|ocupado|ocupada|swamped|tied",
        "noise": "um|uh|uhm|umm|erm|er|hmm|mm|eh|like|maybe|just|sharp|exactly|probably|perhaps|quiza|quizas"
        "|como|possibly|mmm|hm|tipo|prob|prolly|specifically|sobre|ideally",
        "am": "am",
        "pm": "pm",
        "oclock": "oclock|o'clock|oclck|o'clk",
        "early": "early|temprano|tempranito",
        "late": "late",
        "mid": "mid",
        "later": "later|luego|eventually|afterwards|lueguito",
        "sometime": "sometime|someday|sometimes",
        "half": "half|media",
        "quarter": "quarter|cuarto|qtr",
        "a": "a|an|un|una",
        "when": "when|cuando",
        "while": "while|whilst|mientras",
        "trabajo": "trabajo|jale|chamba|laburo|curro|turno|oficina",
        "habit": "every|each|cada",
    }
)

# Several words. The longest that fits is taken; the meaning may be several words, or none ("|").
PHRASES = _table(
    {
        "asap": "as soon as possible|as soon as you can|as soon as u can|soon as u can|soon as you can"
        "|soon as possible|as soon as someone can|as soon as they can|as soon as someone is free"
        "|as soon as somebody can|right away|straight away|sooner the better|sooner is better"
        "|lo antes posible|cuanto antes|cuanto antes mejor|lo mas pronto posible|lo mas pronto que puedan"
        "|lo mas pronto que pueda|tan pronto como puedan|lo mas rapido posible|tan pronto como sea posible"
        "|en cuanto puedan|en cuanto pueda|en cuanto puedas|de inmediato|lo antes que puedan|lo antes que pueda"
        "|as quick as you can|as quickly as possible|earliest you can|a s a p|first available|next available"
        "|earliest available|earliest possible|your earliest convenience|tan pronto como pueda|lo mas rapido"
        "|lo mas pronto"
        "|as soon as you re able|as soon as someone s available|as soon as someone is available",
        "now": "right now|ahora mismo|ya mismo|this minute|this moment|at the moment|en este momento|just now"
        "|this second|right this second|this very second"
        "|right this minute|at this time",
        "anytime": "a la hora que puedan|a la hora que pueda|a la hora que quieran|a la hora que gusten"
        "|a la hora que guste|a la hora que sea mejor|la hora que sea|cuando se pueda|en cuanto se pueda"
        "|whenever you have time|whatever's easiest|whatever is easiest|whatever's best|whatever is best"
        "|at your convenience"
        "|first chance you get|the first chance you get|first opportunity"
        "|at the first opportunity"
        "|whenever you have a chance"
        "|whenever you get a chance"
        "|whenever you have a minute|whenever you have a moment|whenever you get a minute|whenever you get a moment"
        "|whenever you guys can|cuando tengan tiempo"
        "|cuando tenga tiempo|cuando tengan un momento|earliest you got|earliest you have|the earliest you have"
        "|whenever you are free|whenever you re free|whenever someone is available|whenever someone is free"
        "|whenever i am free|when you have time|when you re free|all day|todo el dia|any time of day"
        "|any time of the day|any time that day|any time|any day|any hour|whenever you can|whenever u can"
        "|whenever is good|doesnt matter|doesn't matter|dont care when|don't care when|cuando quiera|cuando quieran"
        "|cuando quieras|cuando sea|cuando pueda|cuando usted pueda|cuando ustedes puedan|cuando tu puedas"
        "|cuando puedan|cuando puedas|a cualquier hora|cualquier hora|en cualquier momento|cualquier momento"
        "|a la hora que sea|any times|cualquier dia|cuando gusten|cuando guste|me da igual|no importa|no me importa"
        "|i am easy|i'm easy|im easy|im flexible|i'm flexible|i am flexible|im wide open|i'm wide open|no preference"
        "|when you can|when u can|when you get a chance|cuando les convenga|cuando le convenga|todo me sirve"
        "|all day every day|whatever works for you|whatever works|whenever works|whichever time|up to you"
        "|any time at all|a toda hora|cuando te venga bien|cuando les quede bien|cuando tengan tiempo"
        "|i'm always free|im always free",
        "firstthing": "first thing in the morning|first thing|a primera hora|primera hora|primera cosa"
        "|as soon as you open|when you open|when you first open|right when you open|as early as possible"
        "|bright and early|lo mas temprano posible|a primera hora de la manana|a primera hora por la manana"
        "|en cuanto abran|cuando abran|opening time|at opening|start of day|start of the day|beginning of the day"
        "|early as possible|as early as you can",
        "endofday": "end of day|end of the day|end of business|end of the business day|end of business day"
        "|close of business|closing time|al final del dia|final del dia|a ultima hora|ultima hora|fin del dia"
        "|before you close|right before you close|antes de cerrar|antes de que cierren|at close|at closing"
        "|end of work day|end of the work day|end of the workday|end of the afternoon|el fin del dia|fin de dia"
        "|end of workday",
        "until endofday": "until close|until you close|until closing|till close|til close|till you close|til you close",
        "before endofday": "by end of day|by the end of the day|by eod|by close|by close of business|by closing"
        "|before eod|by end of business|by cob|before closing|before close|before end of day"
        "|before the end of the day|antes del fin del dia|antes de que termine el dia|antes de terminar el dia",
        "lunch": "lunch time|lunch break|lunch hour|hora del almuerzo|hora de almuerzo|hora de la comida"
        "|hora de comida|hora del lonche|my lunch|my lunch break|my lunch hour|mi almuerzo|mi hora de almuerzo"
        "|mi lonche|mi descanso para comer|hora de comer",
        "after lunch": "after my lunch|despues de comer|despues de almorzar|despues de la comida"
        "|despues del almuerzo|despues de mi almuerzo|after i eat lunch",
        "before lunch": "antes de comer|antes de almorzar|antes del almuerzo|antes de la comida",
        "afterwork": "after work|after hours|after dinner|after i get home|after supper|after my shift"
        "|after i get off|despues del trabajo|despues de trabajar|al salir del trabajo|saliendo del trabajo"
        "|despues de mi turno|despues de cenar|despues de la cena|cuando salga del trabajo|when i get off work"
        "|once i'm off work|when i'm off work|when i am off work|after i get off work|when i get home from work"
        "|once im off work|after business hours|after the work day|after my work|despues de salir del trabajo"
        "|after i'm off work|after im off work|after i finish work|tras el trabajo|de mi trabajo despues"
        "|cuando salgo del trabajo",
        "sametime": "same time|la misma hora|misma hora|el mismo horario|the same time",
        "x sametime": "at the same time|al mismo tiempo|a la misma hora que|at the same time as",
        "before that": "before then|antes de eso|antes de esa hora",
        "after that": "after then|past then|despues de eso|luego de eso|despues de esa hora|de ahi en adelante",
        "beforework": "before work"
        "|before my shift|before i go to work|antes del trabajo"
        "|antes de trabajar|antes de ir al trabajo|before school|after school|after class|despues de clases"
        "|despues de la escuela|after breakfast|before breakfast|before dinner|before bed|despues del desayuno"
        "|antes de clase|after church",
        "tomorrow": "to morrow|the next day|al dia siguiente|el dia siguiente|the following day",
        "tomorrow morning": "manana en la manana|manana por la manana|manana a la manana"
        "|manana temprano por la manana|manana manana|in the am tomorrow",
        "tomorrow firstthing": "manana temprano|manana tempranito|manana a primera hora",
        "dayafter": "the day after tomorrow|day after tomorrow|pasado manana|day after tmrw|the day after tmrw"
        "|overmorrow|day after tomorow|day after tommorow|day after tomm|day after 2moro|day after tmr"
        "|el dia despues de manana",
        "yesterday": "day before yesterday|the day before yesterday|antes de ayer|the other day|the other night"
        "|last night|earlier today|el otro dia|ayer por la noche|ayer de noche",
        "today morning": "this morning|esta manana|this am|this a m|hoy en la manana|hoy por la manana",
        "in morning": "por la manana|por las mananas|en la manana|en las mananas",
        "of morning": "de la manana",
        "morning": "la manana|las mananas|in the am|a la manana|in the a m|de mananita",
        "today afternoon": "this afternoon|this aft|esta tarde|this pm|this arvo|hoy en la tarde|hoy por la tarde"
        "|today pm",
        "in afternoon": "por la tarde|por las tardes|en la tarde|en las tardes",
        "of afternoon": "de la tarde",
        "afternoon": "la tarde|in the pm|a la tarde|in the p m",
        "today evening": "tonight|this evening|esta noche|this eve|this night|hoy en la noche|hoy por la noche",
        "in evening": "por la noche|por las noches|en la noche|en las noches",
        "of evening": "de la noche",
        "evening": "la noche|at night|a la noche",
        "noon": "al mediodia|a mediodia|del mediodia|medio dia|al medio dia|a medio dia|el mediodia|mid day"
        "|las doce del dia",
        "earlymorning": "early morning|early in the morning|early mornings|temprano por la manana"
        "|temprano en la manana|muy temprano en la manana|por la manana temprano|en la manana temprano|morning early"
        "|la manana temprano|early in morning|in the early morning",
        "midmorning": "mid morning|midmorning|mid-morning|middle of the morning|a media manana",
        "latemorning": "late morning|late in the morning|later in the morning|later morning|al final de la manana"
        "|tarde en la manana|late mornings|fin de la manana|end of the morning",
        "earlyafternoon": "early afternoon|early in the afternoon|early afternoons|temprano en la tarde"
        "|temprano por la tarde|a primera hora de la tarde|por la tarde temprano|in the early afternoon"
        "|en la tarde temprano|early aft",
        "midafternoon": "mid afternoon|midafternoon|mid-afternoon|middle of the afternoon|a media tarde|mid aft",
        "lateafternoon": "late afternoon|late in the afternoon|later in the afternoon|late afternoons"
        "|al final de la tarde|al caer la tarde|later afternoon|in the late afternoon|late aft"
        "|ultima hora de la tarde|fin de la tarde",
        "earlyevening": "early evening|early in the evening|early evenings|in the early evening|temprano en la noche",
        "lateevening": "late evening|late at night|late night|late in the evening|later in the evening"
        "|tarde en la noche",
        "later": "mas tarde|later on|at some point|some time|algun dia|another time|another day|otro dia"
        "|otra hora|mas adelante|in a bit|in a while|al rato|un dia de estos|one of these days|depends|depende"
        "|some other time|a different time|en un rato|un poco mas tarde|a little later|a bit later|down the road"
        "|this time",
        "today": "later today|later in the day|mas tarde hoy|hoy mas tarde|hoy mismo|el dia de hoy|this very day"
        "|sometime today|later in today",
        "weekdays": "weekdays|weekday|week days|business days|dias de semana|entre semana|work days|dias laborables"
        "|any weekday|on weekdays|during the week",
        "weekend": "fin de semana|fines de semana|the weekend|this weekend|week end",
        "next": "que viene|que entra|que sigue|que empieza",
        "not": "neither is|neither does|neither will|nor is|no puedo|no me|no podre|no voy a poder|no estoy"
        "|no estare|no quiero|not the|no llamen|no llame"
        "|wont be able|won't be able|other than|rather than|instead of|apart from|en vez de|en lugar de|out of town"
        "|cant do|can't do|not on|no tengo|came up|conflict on|no los|no el|no en la|no por la|no la|a menos"
        "|tengo ocupado|im busy|i'm busy|i am busy|no es|no seria|aside from",
        "except": "any day but|anything but|any time but|everything but|all but|every day but|anytime but"
        "|cualquier dia menos|except for|con excepcion de|todos menos|anything except|but not|pero no|so no"
        "|asi que no|whenever but",
        "bad": "is crazy|is nuts|is packed|is slammed|is full|is hectic|is impossible|is a mess|is a zoo|is rough"
        "|is shot|neither"
        "|esta lleno|esta llena|esta complicado|esta dificil|no good|doesnt work|doesn't work|dont work for me"
        "|don't work for me|wont work|won't work|isnt good"
        "|isn't good|is bad|not good|isnt great|no me sirve|no me viene|no me queda|no me conviene|not great"
        "|is not good|are bad|not ideal|does not work|will not work|is out|is tough|is hard|not possible"
        "|isnt possible|no funciona|are out|no me va|no se puede|isn't possible|is not possible|is not great"
        "|doesnt suit|doesn't suit|not gonna work|is no good|are no good|is not going to work|isnt going to work"
        "|no sirve|no es buena|no es bueno|isn't great",
        "works": "works for me|why not|if not|i dont work|i don't work|not a problem|no problem|dont mind|don't mind"
        "|no trabajo|not a big deal|isnt trouble|isn't trouble|not too much trouble|not too late|im off|i'm off"
        "|day off|i am off|days off|dia libre|no problema|no hay problema|not bad|if it isnt|if it isn't"
        "|if that isnt|if that isn't|if thats not|if that's not|not too busy|no te preocupes|not to bother"
        "|wouldnt mind|wouldn't mind|no rush|no hurry",
        ",": "other than that|aside from that|apart from that|besides that|except that|let's see|lets see|let me see"
        "|lemme see|let me think|a ver|deja ver|dejame ver|dejeme ver|fuera de eso",
        "no": "never mind",
        "when i": "after i|as soon as i|soon as i",
        "when my": "after my",
        "while i": "before i",
        "while my": "before my",
        "fix": "no wait|wait no|i mean|on second thought|on second thoughts|scratch that|make it|make that"
        "|lets make it|let's make it|mas bien|quiero decir|bueno no|mejor dicho|or rather|no sorry|sorry no"
        "|actually no|no actually|hold on|strike that|no espera|espera no|no mejor|mejor no|change that to"
        "|change it to|i meant|no no|o mejor|no make it|cambielo a|cambialo a|cambien a|oh wait|oh no|no perdon"
        "|perdon no|espera|esperen|no bueno|better yet|correct that to|oh shoot|oh crap|oh shit|oh darn|oh dang"
        "|oh man|ah shoot"
        "|shoot i|aw man|ay no|uy no|ah no",
        "say": "how about|what about|lets do|let's do|lets say|let's say|que tal|let us say|we can do|we could do"
        "|i can do|try for|aim for|shoot for|go with|id say|i'd say|digamos|pongamos|i could do|we do|can do"
        "|could do",
        "until": "up to|up until|through",
        "after": "after my shift ends at|when my shift ends at|after i get off at|when i get off at"
        "|after i get off work at|after i finish at|later than|despues de|despues del|anytime after|any time after"
        "|whenever after|pasadas|after about|right after|sometime after|luego de|soon after|shortly after|just after"
        "|poco despues de|tras",
        "noearlier": "anytime but not before|any time but not before|anytime just not before|no earlier than"
        "|not before|not earlier than|not until|no antes de|no antes del|a partir de|a partir del|starting at"
        "|starting from|no sooner than|not till|not til|as early as|from about|dont call before|don't call before"
        "|not any earlier than|no hasta|beginning at|cant before|no puedo antes de|no puedo hasta|not b4"
        "|cant talk before|can't talk before|cant talk until|can't talk until|cant do before|can't do before"
        "|can't until|cant until|can't before|not available until|not available before|not free until|not free before"
        "|unavailable until|busy until|busy till|busy til|ocupado hasta|ocupada hasta|tied up until|tied up till"
        "|booked until|booked till|in meetings until|in meetings till|in a meeting until|in a meeting till"
        "|in class until|in class till|not home until|not home before|dont get home until|don't get home until"
        "|asleep until|sleep until|im out until|i'm out until|no llamen antes de|no me llamen antes de"
        "|no llame antes de|no me llame antes de|dont call me before|don't call me before|dont call me until"
        "|don't call me until|dont call until|don't call until|no estoy libre hasta|estoy ocupado hasta"
        "|estoy ocupada hasta|no puedo hablar antes de|no puedo hablar hasta|nothing before|please not before"
        "|cant be before|can't be before|cant talk till|can't talk till|not awake before|not up before"
        "|not around until|in session until|im at work until|not free till|not available till|cant till|can't till"
        "|give me until|give me till|give me til|gimme until|gimme till|gimme til|wait until|wait till|wait til"
        "|hold off until|hold off till|hold off til|desde",
        "before": "anytime but not after|any time but not after|no later than|not after|not later than|not past"
        "|no despues de|prior to|earlier than|antes de|antes del|a mas tardar a|a mas tardar|any time before"
        "|anytime before|no mas tarde de|right before|just before|sometime before|not any later than|whenever before"
        "|whenever by|poco antes de|dont call after|don't call after|dont call me after|don't call me after"
        "|cant talk after|can't talk after|cant after|can't after|busy after|as late as|not much after"
        "|no me llamen despues de|no llamen despues de|no puedo despues de|nothing after|i'm busy after"
        "|im busy after",
        "onward": "onwards|onward|and on|or after|or later|and later|and after|en adelante|o despues|o mas tarde"
        "|and beyond|or so onwards|forward|and onwards|and onward|y despues|or anytime after|or any time after",
        "orbefore": "or before|or earlier|o antes|at the latest|at latest|and earlier|and before|como muy tarde"
        "|a lo mas tarde",
        "from now": "a partir de ahora|from now|from today|hence|from right now|desde ahora|de aqui a|out from now",
        "in": "dentro de|in about|in around|in like|in maybe|give me|dame|deme|denme|in just|en unos|en unas|en como"
        "|in another|dentro de unos|en mas o menos|in approximately|in roughly|give me about|give me like|give us"
        "|gimme|give it|gimme about|gimme like"
        "|in at least|en aproximadamente",
        "within a hour": "within the hour|in the next hour|en la proxima hora",
        "within": "within|within the next|in the next|over the next|en la proxima|en las proximas|en los proximos"
        "|inside of|within the|in under|en menos de",
        "2": "a couple of|a couple|couple|couple of|un par de|a pair of",
        "2 weeks": "a fortnight|one fortnight|una quincena|fortnight",
        "3": "a few|few|unos pocos|unas pocas|unos cuantos",
        "~": "a eso de|mas o menos|alrededor de|al rededor de|close to|somewhere around|cerca de|hacia"
        "|sometime around|at about|at around|more or less|right around|or so|or thereabouts",
        "at": "a eso de las|hacia las|sometime at|a eso de la|alrededor de las|cerca de las|alrededor de la|al las",
        "oclock": "o clock|en punto|oh clock|o' clock|o clk",
        "am": "a m|a.m",
        "pm": "p m|p.m",
        "more": "mas que nunca|mas que",
        "because": "ya que|es que|puesto que",
        "so": "asi que|por eso|por lo tanto|that's why|thats why",
        "fix not": "mejor no el|mejor no los|mejor no hoy|mejor no manana|mejor no la",
        "habit": "todos los|todas las|algunos|algunas",
        "x": "happy monday|happy friday|happy sunday|happy wednesday|happy tuesday|happy thursday|black friday"
        "|cyber monday|good friday|this past|good morning|good afternoon|good evening|good night|good day"
        "|good mornin|buenos dias"
        "|buenas tardes|buenas noches|buen dia|buena tarde|buena noche|great day|nice day|great weekend|good weekend"
        "|great evening|lovely day|have a good|every day|each day|every morning|every night|every week"
        "|todos los dias|cada dia|todas las noches|for now|by now|now that|until now|up until now|till now|por ahora"
        "|ahora que|ya no|ya estoy|ya he|ya hice|ya tuve|ya me|day and night|all night"
        "|all the time|last time|next time|first time|una vez|la primera vez|ultima vez|proxima vez"
        "|la proxima vez|one time|on time|in time|a tiempo|at times|at all|a veces|twice a week|per day|per week"
        "|per month|al dia|a la semana|por semana|por dia|al mes|the day of|work nights|night shift|day shift"
        "|graveyard shift|whenever i|any time i|every time|anytime i|these days|one day|bad day|bad night|day by day"
        "|day to day|night sweats|all day long|days a week|days per week|times a day|morning sickness"
        "|morning person|night owl|day one|last minute|may i|may be|for a while|years ago|weeks ago|months ago"
        "|days ago|hours ago|day ago|week ago|month ago|year ago|por fin|now and then|a year ago|right now i"
        "|ahora que|till then|until then|by then|every other day|second time|up to date|at first|at least|a partir"
        "|more than|less than|per hour|an hour long|my day|my night|dos veces|tres veces|all morning|all afternoon"
        "|all week|this year|last year|next year|by now|half day|late fee|late for|late to|too late"
        "|so late|it's late|its late|better late|early age|too early|so early|since last|de nuevo"
        "|dia a dia|despues de todo|after all|after the first|por el momento"
        "|de momento|hasta ahora|desde entonces|hasta luego|hasta pronto|see you soon|talk soon|talk to you soon"
        "|talk later|see you later|sooner or later|tarde o temprano|get well soon|now what|what now|know now|era"
        "|eras|back to back|face to face|one to one|one on one|happy hour|early intervention|the past|my past"
        "|in the past|en el pasado|el pasado|mi pasado|por lo menos|al menos|ni menos|mas o menos bien|how soon"
        "|que tan pronto|tonight show|sunday school|sat down|in the sun|comida rapida"
        "|late period|before you|after you|before doing|after doing|before starting|after finishing|after having"
        "|after taking|before taking|antes de empezar|antes de tomar|despues de tomar|despues de terminar"
        "|despues de hacer|antes de hacer|todavia no|aun no|for lunch|day or night|night or day|de dia o de noche"
        "|night before|day before my|morning before my"
        "|night before my|morning of my|night of my|day of my|one day at a time|happened on",
    }
)

UNITS = frozenset(
    """
    adult adults ano anos antidepressants appointments blocks boys brothers bucks cats child children coils cosas
    day days dia dias different doctors dogs dollars dose doses dosis drugs estudiantes family feet friends g
    girls grados grams guests hijas hijos hora horas hour hours hundred inches infusion infusiones infusions kg
    kid kids kilograms kilos lbs magnets mcg medicamentos medications meds mes meses mg mil miles minute minutes
    minutos ml month months ninos of old options other pastillas people percent personas pill pills points pounds
    preguntas providers questions ratio round rounds seconds semana semanas sesion sesiones session sessions
    sisters ssris stars students symptoms tablets tabs th therapists things thousand time times tratamientos
    treatment treatments tries veces vez visits week weeks year years yo yr yrs
    """.split()
)

SPELLED = {word: number for word, number in NUMBERS.items() if number < 60} | IN_A_TIME

# Beside these an ordinal is a day of the month; elsewhere it is "first I want to know".
MONTH_LIKE = frozenset("the el dia of de thing".split()) | {
    word for word, meaning in WORDS.items() if re.fullmatch(r"(?:mon|wd)\d+", meaning)
}

ONE_IS_NO_NUMBER_AFTER = frozenset(
    """this that no any some the each which last next another every good a not later earlier other best only right same
    new old""".split()
)

# Misspelt names of days and parts; short words are too close to others ("partes", "coche").
LONG_WORDS = (
    "tomorrow monday tuesday wednesday thursday friday saturday sunday afternoon evening morning miercoles viernes"
    " november december january february september october noviembre diciembre septiembre"
).split()

NOT_MISSPELT = frozenset("mourning mornings friends friendly burning turning warning learning meeting evenings".split())
