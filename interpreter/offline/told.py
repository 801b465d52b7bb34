"""Triggers that a brief tells of and does not propose: "most of them used a voucher once"."""

from __future__ import annotations

import re

_WISH = re.compile(
    r"\b(?:should|shall|could|would|will|'ll|can|may|might|must|ought|let's|let us|want|wants|wish|plan(?:ned|s)?|propos\w+|suggest\w*|please|pls|how about|maybe|perhaps|try|going to|need(?:s|ed)?|"
    r"hope|idea|(?:is|are|has|have|was|were) to|decided|agreed|approved|asked|requested|opted|chose|chosen|picked|settled|consider\w*|discuss\w*|intend\w*|prefer\w*|d like|soll\w*|wollen|mochten|devr\w+|voul\w+|deb\w+|quer\w+)\b"
)
"""Words that make a sentence a proposal, whatever else it tells."""
_PAST = (
    r"(?:gave|given|ran|sold|told|got|gotten|came|went|made|took|taken|brought|cost|wrote|read|said|kept|bought|had|sent|spent|won|lost|began|paid|saw|grew|fell|met|built|left|heard|thought|"
    r"been \w+ing|(?!need|exceed|proceed|speed|feed|seed|indeed|limited|based|personali[sz]ed|tailored|numbered|signed)\w{2,}ed|genutzt|bekommen|erhalten|recu|utilise|recibido|usado)"
)
_SUBJECT = (
    r"(?:we|they|i|he|she|it|you|people|customers?|clients?|shoppers?|buyers?|subscribers?|who|them|someone|nobody|everybody|many|most|some|few|half|others?|rivals?|competitors?|"
    r"marketing|sales|finance|management|(?:our|the|my|a|last|this) (?:(?!(?:of|by|with|to|for|in|from|that|who|as|on|and|at)\b)[\w']+ ){1,2}?)"
)
_ADVERB = r"(?:'ve|have|has|had|were|was|been|already|all|only|just|once|never|ever|not|still|recently|mostly|mainly|even|first|always|usually|rarely|also|to us|in|haben|hat|ont|han)"
_REPORT = re.compile(rf"(?:^|\b){_SUBJECT}\s?(?:{_ADVERB}\s)*{_PAST}\b(?! to\b)")
_HABIT = re.compile(
    r"\b(?:already|usually|always) (?:get|gets|have|has|receive|receives|enjoy|collect|benefit from)\b"
    r"|\b(?:no longer|not any more) (?:have|has|offer|give|run|send|do)\b|\bstopped (?:offering|sending|giving|running)\b"
    r"|\b(?:keeps? |kept )?(?:ask|asks|asking|beg|begging|wait|waits|waiting|complain\w*|grumbl\w*|hoping|looking) (?:for|about|at|over|until)\b"
    r"|\b(?:competitors?|rivals?|rival \w+|others|amazon|everyone else|the competition|other shops)(?: \w+){0,2} (?:offers?|gives?|has|have|runs?|sells?|ships?|advertises?|hands?(?: out)?|lures?|courts?|woos?|attracts?|does|do|tempts?)\b"
    r"|\b(?:hates?|dislikes?|loathes?|resents?|detests?|distrusts?|despises?|ignores?|(?:can't|cannot) (?:stand|bear)|(?:are|is) (?:sick|weary|suspicious) of)\b"
    r"|\b(?:because of|due to|owing to|problems? with|issues? with|complaints? about|afraid of|annoyed by|put off by|fed up with|tired of)\b"
    r"|\b(?:did not|didn't|never) (?:\w+ ){0,2}(?:work|help|sell|pay off|convince)\b"
)
_EARLIER = re.compile(
    r"\b(?:last|previous|earlier|prior|former|past|first|recent|old|yesterday's)(?: (?:year|month|week|quarter|season|spring|summer|autumn|winter|christmas|campaign|time|test|run|round|experiment|attempt)(?:'s)?)?(?: (?:was|were|used|of|by|a|an|the|with))*[\s(]+(?:(?!but\b|with\b|get\b|gets\b|should\b)\w+\s){0,1}$"
    r"|\b(?:competitors?|rivals?|the competition|other shops)\s(?:also |already |all )?$"
    r"|\b(?:uplift|affinity|sensitivity|response|lift)(?: scores?)? (?:for|of|to|towards?)\s(?:the )?$"
    r"|\b(?:it|that|this|there) (?:was|were|had been)\s(?:(?:a|an|the|with|only|always)\s)*$"
)
_OF = r"(?:\s(?:campaigns?|codes?|offers?|runs?|tests?|promotions?|messages?|programmes?|programs?|deals?|mails?|alone|(?:from|of|in|on|at|about|during) (?:(?!who\b|that\b)\w+ ){0,2}(?!who\b|that\b)\w+|our (?!who\b|that\b)\w+)){0,2}"
_SUBJECT_OF = re.compile(
    rf"{_OF},?\s(?:(?:only|mostly|mainly|never|hardly|barely|already|still|all|neither|simply)\s)*(?:attracted|did|didn't|do not|don't|does not|doesn't|failed|flopped|showed|brought|ended|expired|disappointed|cost|costs|worked|works|helped|sold|ran|went|"
    r"was|were|wasn't|weren't|had|has (?!to\b)|have (?!to\b)|hat|haben|eat|eats|hurt|hurts|seem|seems|annoy\w*|puts?|drives?|keeps? (?:\w+ )?(?:away|from)|scares?|turns?|lies|lie|a echoue|n'a pas|fracaso|"
    r"(?:is|are|isn't|aren't) (?:\w+ly )?(?:mixed|read|seen|bad|poor|good|great|too|not|no|known|over|gone|unpopular|popular|expensive|high|rare|the (?:reason|problem|issue|obstacle)|what (?:stops|keeps|puts)|why|because))\b"
    r"|\s?\([^)]*\b(?:n\s?=|tried|failed|flopped|last|prior)[^)]*\)|\s(?:the )?(?:first|last) time\b|\s(?:issues?|problems?|complaints?|worries)\b"
)
_CLOSE = r"(?:\s(?!(?:get|gets|receive\w*|find|finds|deserve\w*|with|by|so|and|but)\b)[^\s,.;:]+){0,4}\s$"
_REPORTED = re.compile(f"(?:{_REPORT.pattern}|{_HABIT.pattern}){_CLOSE}")
_BREAK = re.compile(r"[.;!?:\n\x00]|,|\s--?\s|\bso (?=\w)|\bbut\b")


def is_told(open_text: str, start: int, end: int, sentence_start: int) -> bool:
    """Whether the words from `start` to `end` are part of a report or a complaint. What was read
    as the audience is blank in the text, so that its verbs count for nothing."""
    begin = sentence_start
    for found in _BREAK.finditer(open_text, sentence_start, start):
        begin = found.end()
    lead = open_text[begin:start]
    if _WISH.search(lead) is not None:
        return False
    if _EARLIER.search(lead) or _SUBJECT_OF.match(open_text, end, end + 90):
        return True
    return _REPORTED.search(lead) is not None


def reports(clause: str) -> bool:
    """Whether a clause tells from its first words on what was or is, and wishes nothing."""
    return _WISH.search(clause) is None and bool(_REPORT.match(clause) or _HABIT.match(clause))
