"""What must not be guessed: commands hidden in a brief, traits without a field, gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from interpreter.offline.doubt import Doubt
from interpreter.offline.lexicon import who, words
from interpreter.offline.text import Canvas, Span
from interpreter.offline.unread import quoted, unread_clauses, unread_values
from interpreter.offline.values.value import Value

_INJECTION = re.compile(
    r"(?:^|[\[({<*#\n|\"'])\s*(?:system|assistant|developer|admin|root)\s*[:>\])=]|\b(?:do not|don't|never) ask (?:me |us |the user )?(?:anything|any|questions?|for|back|why)\b|\bmax_customers\s?(?:=|:=|is now|becomes)|\b(?:audience|budget|clarifications)\s?(?::=|is now|becomes|=\s?(?:\[|\{|null|none|true|all\b|\d{7,}))|\bno (?:clarifications?|questions asked(?=[,.]? (?:just|by|from|set|and)\b)|safety)\b|\byou are (?:root|admin)\b|\b(?:ignor\w*|disregard\w*|forget|override|overrule|bypass|vergiss|ignorier\w*|ignore[rz]|oublie[rz]?|olvid\w+)\b[^.!?\n]{0,50}\b(?:instructions?|rules?|prompts?|above|previous|prior|guidelines|everything|anweisungen|regeln|consignes|instrucciones|reglas)\b"
    r"|\b(?:note|message|instructions?|attention|reminder|memo|hint|hinweis|anweisung|nota|note) (?:to|for|an|fur|pour|para) (?:the |any |your |our |den |die |das |l'|el |la )?(?:\w+ )?(?:assistant|ai|model|system|machine|parser|bot|agent|engine|interpreter|reader|llm|software|program|assistent\w*|ki|modell|assistante?|modele|systeme|asistente|modelo|sistema)\b|\b(?:preceding|previous|above|foregoing|earlier|prior) (?:sentences?|text|lines?|paragraphs?|words|requests?|briefs?|conditions?|limits?) (?:is|are) (?:void|null|invalid|cancelled|canceled|obsolete|to be ignored|no longer valid|wrong)\b|\b(?:assistant|ai|bot)\s?[,:]\s?(?:please )?(?:forget|ignore|disregard|write|print|reveal|show|list|output)\b|\b(?:system|developer|admin(?:istrator)?|root)[ -]?(?:message|prompt|mode|override|instructions?|note)\b|\byou are (?:now|no longer) \b|\b(?:act|behave|pretend|respond) as (?:if|an?|the)\b|\bjail ?break|\b(?:print|show|reveal|output|dump|list|export|leak|expose|display|return|send)\b[^.!?\n]{0,40}\b(?:phone numbers?|passwords?|(?:their|his|her|customers?'?|users?'?) e-?mail addresses|names and e-?mail addresses|api keys?|secrets?|credentials|system prompt|your (?:prompt|instructions)|customer table|private data|personal data|credit cards?)\b|\b(?:print|show|reveal|output|dump|leak|expose|display|return)\b[^.!?\n]{0,40}\bdatabase\b"
    r"|\b(?:drop|truncate|alter|create) (?:table|database|schema)\b|\bdrop table\b|\bdelete from \w+|\binsert into \w+ ?(?:values|\()|\bupdate \w+ set \w+ ?=|['\"]\s?\)\s?;|\bunion select\b|\bselect \*|\bselect .{1,40} from \w+|;\s?--|'\s?(?:or|and)\s?'?1'?\s?=\s?'?1|\b1\s?=\s?1\b|<\s?/?\s?(?:script|system|iframe|img)|\{\{|\$\{|\bexec\(|\bxp_cmdshell|</?\w+>|\[/?(?:inst|system)\]|\brm -rf\b|__import__|\bas an ai\b|\bnew instructions?\b|\bset (?:the )?(?:customer limit|max_customers|budget|limit) to \d{7,}|```"
)
_PERSONAL = words(
    r"(?:first|last|sur|family|given) ?names?|(?:named|called) [a-z]+(?= (?:who|in|should|from|and|get))|<who> (?:named|called) [a-z]+(?= (?:or|ought|must|will|live)\b|[,.:;])|(?:first |last |sur|family )?names? (?:that |which |sounding |who )?(?:sounds?|looks?|seems?|starts?|begins?|contains?|ends?|is|are)\b|(?:\w+[- ]sounding|foreign|turkish|arab\w*|german|english) (?:first |last |sur|family )?names?|whose (?:name|e-?mail(?: address)?|phone(?: number)?) (?:is|starts|begins|contains|ends)|phone numbers?|e-?mail addresses|(?:gmail|hotmail|yahoo|outlook|gmx)(?: addresses?| accounts?| users?)?|postal addresses|home addresses|ip addresses"
)
_SENSITIVE = words(
    r"(?:(?:of a |a )?(?:certain |particular |specific )?(?:religion|religious|faith|ethnicity|ethnic|race|racial|skin colou?r|sexual orientation|sexuality|nationality|origin|caste|political|disabilit(?:y|ies)|health|illness|disease|medical|pregnan\w+|marital status|trade union|gender identity))(?: \w+)?|"
    r"(?:<who>|everyone|everybody|anyone|anybody|those|all|who) (?:who |that )?(?:is|are|isn't|aren't|identif\w+ as|happen\w* to be) (?:not )?(?:black|white|asian|brown|gay|straight|lesbian|disabled|foreign|pregnant|jewish|muslim|christian|catholic|hindu|trans\w*|latino|hispanic|roma|migrants?|immigrants?|ill|sick|depressed|diabetic|overweight|poor|elderly)|(?:diabetes|asthma|cancer|depression|hiv|aids|epilepsy|arthritis|migraines?|dementia|autism|adhd|obesity|anxiety|addictions?|allerg(?:y|ies)|insomnia|infertility|miscarriage|chronic (?:pain|illness|disease)|high blood pressure|heart (?:disease|problems)|eating disorders?|mental (?:health|illness)|diagnos\w+|(?:medical|health) (?:condition|problem|issue)s?|pregnant|depressed|diabete|krankheit\w*|krebs|depressionen|maladies?|enfermedad(?:es)?)|(?:muslims?|christians?|jews|jewish|hindus?|buddhists?|catholics?|protestants?|atheists?|mormons?|sikhs?)|(?:gay|lesbian|homosexual|transgender|queer|lgbt\w*|bisexual|straight)(?: <who>)?|(?:black|white|asian|hispanic|latino|latina|arab|african|immigrant|migrant|foreign)(?:-?american)? (?:<who>|men|women|families)|immigrants|refugees|minorit(?:y|ies)|"
    r"(?:disabled|handicapped|blind|deaf|diabetic|depressed|overweight|obese|sick|ill|pregnant|infertile|alcoholic|chronically ill|anxious)(?: <who>| women| men| people)?|diabetics?|alcoholics?|addicts|expectant mothers|(?:republican|democrat|conservative|liberal|left-wing|right-wing|socialist)s?(?: voters| <who>)?|voters|"
    r"religion\w*|glaubens\w*|schwangere?n?|behinderte?n?|musulman\w*|juif\w*|juive\w*|chretien\w*|enceintes?|embarazadas?|discapacitad\w+|judi[oa]s|catolic[oa]s|muslim\w*|juden|homosexuel\w*"
)
_TRAIT = words(
    r"(?:men|women|females?|males?|ladies|gentlemen|girls|boys|guys|mothers?|fathers?|moms?|mums?|dads?|parents|grandparents|couples|singles|newlyweds|families|teenagers?|teens|millennials|boomers|gen ?[xyz]|seniors?|pensioners|retirees|retired|elderly|students?|adults|kids|children|toddlers|youngsters|professionals|(?:high|low|top|big) earners|lawyers|dentists|managers|executives|accountants|farmers|drivers|newlyweds|millennials|teachers|doctors|nurses|engineers|freelancers|homeowners|tenants|pet owners|(?:dog|cat|car|house|horse|boat|iphone|android) owners|vegetarians?|vegans?|athletes|runners|gamers|expats|tourists|smokers|veterans|celebrities|influencers)(?= (?:in|from|who|with|aged|over|under|between|above|below|should|that|to|get|and|living|only)\b|[.,;:!?]|$)"
    r"|(?:young|younger|old|older|elderly|middle-aged|male|female|married|unmarried|(?<!every )(?<!each )single|divorced|widowed|retired|rich|wealthy|affluent|poor|low-income|high-income|well-off|educated|left-handed|right-handed|tall|short|red-haired|blonde?|vegan|vegetarian|sporty|athletic|bald|bearded|employed|unemployed|working|rural|urban|self-employed|urbanite) (?:adult |aged )?(?:<who>|\w{3,}(?:ists|ians)|men|women|mothers|parents|adults|couples|people)"
    r"|(?:aged|age|ages|age group|years? old|years of age|(?:whose|with|have|having) (?:a )?birthdays?|born (?:in|before|after)|gender|sex\b|income|salary|profession|occupation|education|marital|zodiac|star sign|star signs|household size|height|shoe size|hair colou?r|eye colou?r|weight|hobbies|hobby|blood type|handedness|favou?rite colou?r)(?: \w+){0,2}|jahre alt|alter|geschlecht|frauen|manner|mutter|familien|rentner|studenten|femmes?|hommes?|etudiants?|retraites?|mujeres|hombres|estudiantes|jubilad[oa]s|jovenes|linkshand\w+|gauchers?|zurd[oa]s"
)
_CALENDAR = words(
    r"(?:this|the current) (?:year|month|quarter|week|season|summer|winter|spring|autumn|fall)|(?:cette|la) semaine(?= |[.,;:!?]|$)|esta semana|diese woche|dieser woche|diesen monat|ce mois(?:-ci)?|este mes|(?:last|past) (?:christmas|summer|winter|spring|autumn|fall|easter|season|black friday|holidays?|holiday season)|(?:since|before|after|during|in|over|around|for|at|near) (?:the )?(?:christmas|easter|black friday|summer|winter|spring|autumn|holidays?|january|february|march|april|june|july|august|september|october|november|december|q[1-4])|year[- ]to[- ]date|ytd|dieses jahr\w*|in diesem jahr|cette annee|este ano|yesterday(?! or today)|(?:a|quite a) (?:little |good |short |long )?while(?: ago| back)?|some time ago|(?:for )?some time(?= (?:now|already))|ages ago|long ago|lately|recently"
)
_STYLE = words(
    r"(?:usual (?:suspects|people|<who>|crowd|ones)|you know (?:who|which|what)|the ones we (?:talked|spoke|discussed)|like last time|(?:the )?same (?:people|customers|audience|group|as)|whoever (?:fits|makes sense)(?! <number>| (?:one|either|both|any|into|the|these|those|this)\b)|someone suitable|the good ones|tbd|to be (?:defined|decided|determined)|somehow)"
)


_BRACKETED = re.compile(r"\[[^\]]*\]|\{[^}]*\}|<[^>]*>|<!--.*?-->")


def injected(folded: str, sentence_spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Sentences that try to command the reader, or that hold code instead of words, to their full
    stop; of brackets with such a command the whole."""
    commands: list[Span] = []
    for s in sentence_spans:
        goes_on = (
            commands and commands[-1].end == s.start and folded[: s.start].rstrip()[-1] in ";-"
        )
        if goes_on or _INJECTION.search(folded[s.start : s.end]):
            commands.append(s)
    blocks = [
        Span(m.start(), m.end())
        for m in _BRACKETED.finditer(folded)
        if _INJECTION.search(m.group())
    ]
    return (*(s for s in commands if not _only_in(folded, s, blocks)), *blocks)


def _only_in(folded: str, sentence: Span, blocks: list[Span]) -> bool:
    """Whether a sentence holds a command, and only in its brackets."""
    said = _INJECTION.search(folded[sentence.start : sentence.end])
    return said is not None and _INJECTION.search(_without(folded, sentence, blocks)) is None


def _without(folded: str, sentence: Span, blocks: list[Span]) -> str:
    """A sentence less the bracketed commands in it."""
    return "".join(
        folded[i]
        for i in range(sentence.start, sentence.end)
        if not any(b.start <= i < b.end for b in blocks)
    )


def refused_people(canvas: Canvas) -> tuple[Span, ...]:
    """Where traits are named by which customers are never chosen."""
    return tuple(
        Span(m.start(), m.end())
        for pattern in (_PERSONAL, _SENSITIVE)
        for m in canvas.find(pattern)
        if m.group().strip()
    )


_WHOEVER = re.compile(
    r"\b(?:women and men|men and women|ladies and gentlemen|girls and boys|boys and girls|young and old|old and young|frauen und manner|manner und frauen|femmes et hommes|hommes et femmes|mujeres y hombres|hombres y mujeres)\b"
)
"""Both sides of a trait: everybody."""
_NO_FIELD = "There is no field for {what}. Leave it out, or choose by another trait?"


def doubts(
    canvas: Canvas,
    values: tuple[Value, ...],
    offers: Sequence[Span] = (),
    people: Sequence[Span] = (),
) -> Iterator[Doubt]:
    """Questions about what looks like a condition and was not read, and about `people` named by
    what no field holds; numbers in clauses that describe an offer are no conditions."""
    claimed = [(m.start(), m.end()) for m in _WHOEVER.finditer(canvas.folded)]
    for pattern, about, weight, text in (
        (_PERSONAL, "audience", 95, "{what} is personal data and can't choose customers: whom do you mean by what they did?"),
        (_SENSITIVE, "audience", 95, "Customers are never chosen by {what}. Whom should the campaign reach instead, by what they did?"),
        (_TRAIT, "audience", 80, _NO_FIELD),
        (_CALENDAR, "audience", 60, "How many days does {what} mean?"),
        (_STYLE, "audience", 55, "What exactly is meant by {what}?"),
    ):  # fmt: skip
        for m in canvas.find(pattern):
            if not m.group().strip() or any(s < m.end() and m.start() < e for s, e in claimed):
                continue
            if (
                about == "audience"
                and pattern in (_TRAIT, _CALENDAR, _STYLE)
                and not _limits_audience(canvas, m, pattern)
            ):
                continue
            claimed.append((m.start(), m.end()))
            what = quoted(canvas, m.start(), m.end())
            yield Doubt(m.start(), m.end(), text.format(what=what), about, weight)
    for span in people:
        if not any(s < span.end and span.start < e for s, e in claimed):
            claimed.append((span.start, span.end))
            what = quoted(canvas, span.start, span.end)
            yield Doubt(span.start, span.end, _NO_FIELD.format(what=what), "audience", 80)
    yield from unread_values(canvas, values, offers, claimed)
    yield from unread_clauses(canvas, claimed)


_ATTRIBUTE = re.compile(
    r"(?:aged|age|ages|years|birthday|born|gender|sex|income|salary|profession|occupation|education|height|weight|hobb|alter)\b"
)
_OF_PEOPLE = re.compile(
    rf"\b(?:{who()}|whose|by|with|their|have|having|are|target|value)\s(?:\S+\s){{0,3}}$"
)


_CHOOSABLE = re.compile(
    r"\b(?:offers?|triggers?|levers?|incentives?|mechanics?|arms?|how|creative|copy|timing|date|start|budget|wording|name|details)\b"
)
"""What may stay open in a brief: the engine or the marketer decides it later."""


def _limits_audience(canvas: Canvas, m: re.Match[str], pattern: re.Pattern[str]) -> bool:
    sentence = canvas.sentence(m.start())
    lead = canvas.folded[sentence.start : m.start()]
    if pattern is _CALENDAR:
        near = lead[-45:]
        if re.search(r"\b(?:we|i|us|our)(?:'ve)?\b[^,;]{0,30}$", near):
            return False  # what the shop did, not what customers did
        if re.search(r"\b(?:how many|others?)\b", near):
            return False
        text = m.group()
        if text in ("recently", "lately") and not re.search(
            rf"\b(?:who|that|have|has|{who()})\b", near
        ):
            return False
        return (
            re.search(
                r"\b(?:bought|ordered|purchased?|visited|joined|signed up|registered|spent|shopped|seen|active|away|absent|gone|left|quiet|orders?|gekauft|bestellt|achet\w+|command\w+|compr\w+|pedid\w+|abandon\w*|laiss\w+|dejad\w+|customers who)\b",
                near,
            )
            is not None
        )
    if pattern is _STYLE and "d" in m.group() and re.match(r"tbd|to be", m.group()):
        return _CHOOSABLE.search(canvas.folded[sentence.start : sentence.end]) is None
    if pattern is _TRAIT:
        if _ATTRIBUTE.match(m.group()) and not _OF_PEOPLE.search(lead[-44:]):
            return False
        if re.search(
            r"(?:\b(?:for|of|new|how many|other|what|by|about|where)\s(?:\w+\s)?)$", lead[-22:]
        ) and not re.search(r"\b(?:to|for|target|among|reach|customers)\s(?:\w+\s)?$", lead[-22:]):
            return False
        if re.search(r"\b(?:how many|what other|other)\s(?:\w+\s)?$", lead[-22:]):
            return False
    return True
