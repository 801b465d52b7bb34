"""Triggers that a brief tells of and does not propose: "most of them used a voucher once"."""

from __future__ import annotations

import re

_DONE = (
    r"(?:used|gave(?: away)?|given(?: away)?|ran|run|tried|tested|offered|sent|mailed|promised|got|received|redeemed|took|taken|had|collected|launched|started|stopped|ended|"
    r"granted|handed out|been (?:given|offered|sent|getting|running|using|through)|bought (?:with|through|because of|via)|came (?:with|through|because of|via|for)|joined (?:with|through|because of|via|for)|"
    r"genutzt|bekommen|erhalten|recu|utilise|recibido|usado)"
)
_NO_VERB = r"(?!(?:get|gets|receive\w*|should|shall|will|would|are|is|can|may|must|might|and|but|back|so|find|finds|deserve)\b)\w+"
_BEFORE = re.compile(
    rf"\b(?:we|they|i|customers?|people|clients?|them|who|that|which|of them|already|once|never|wir|ils|nous)\b(?:'ve)?(?: (?:have|has|had|already|once|all|only|just|recently|previously|mostly|always|never|even|first|ever|haben))*\s{_DONE}(?: {_NO_VERB}){{0,3}}\s$"
    r"|\b(?:already|usually|always) (?:get|gets|have|has|receive|receives|enjoy|collect|benefit from)(?: \w+){0,3}\s$"
    r"|\b(?:last|previous|earlier|prior|former|past|first|recent|latest|old|yesterday's)(?: (?:year|month|week|quarter|season|spring|summer|autumn|winter|christmas|campaign|time|test|run|round)(?:'s)?)?(?:,| (?:was|were|used|of|by|a|an|the))*\s(?:(?!but\b|with\b|get\b|gets\b|should\b)\w+\s){0,2}$"
    r"|\b(?:did not|didn't|never|not) (?:\w+ ){0,2}(?:work|help|sell|pay off|convince)(?: \w+)? (?:with|through|by|despite)(?: \w+){0,2}\s$"
    r"|\b(?:competitors?|rivals|others|amazon|everyone else)(?: \w+){0,2} (?:offers?|gives?|has|have|runs?|sells?|advertises?)(?: \w+){0,2}\s$"
)
_AFTER = re.compile(
    r"(?:\s(?:campaigns?|codes?|offers?|runs?|tests?|promotions?|messages?|programmes?|programs?|deals?|action|mails?|mailings?|alone|so far|of (?:last|the) \w+|(?:in|from|last|this|on|at) (?:\w+ )?(?:\w+))){0,2}\s"
    r"(?:attracted|did not|didn't|did nothing|failed|flopped|showed|brought|ended|expired|disappointed|cost us|worked|was (?:a|an|not|tried|too|no|ineffective|useless|expensive|popular|well|badly)|were (?:a|not|tried|too|no|popular|well|badly|ignored)|has (?:not|never|worked|failed|shown|brought|been)|have (?:not|never|worked|failed|shown|brought|been)|hat|haben|a echoue|n'a pas|fracaso)\b"
    r"|\s?\((?:[^)]{0,30}\b)?(?:n\s?=|tried|failed|flopped|last|prior)[^)]*\)"
    r"|\s(?:the )?(?:first|last) time\b"
    r"|,? (?:did|done|tried|tested|had) (?:that|it|this) (?:already|before|last)"
)
_ISSUE = re.compile(
    r"\s(?:puts?|drives?|keeps?|scares?|annoys?|turns?) (?:\w+ ){0,2}(?:off|away|out)\b|\s(?:is|are|was|were|seems?) (?:\w+ )?(?:too (?:high|expensive|much|dear)|the (?:reason|problem|issue|obstacle)|what (?:stops|keeps|puts))|\s(?:issues?|problems?|complaints?|worries)\b"
)
_COMPLAINT = re.compile(
    r"\b(?:complain(?:ed|s|t|ts|ing)?(?: \w+){0,2} (?:about|of)|grumbl\w+ (?:about|at|over)|because of|due to|owing to|problems? with|issues? with|afraid of|annoyed by|put off by)(?: \w+){0,2}\s$"
)


def is_told(folded: str, start: int, end: int, sentence_start: int) -> bool:
    """Whether the words from `start` to `end` are part of a report or a complaint."""
    lead = folded[max(sentence_start, start - 70) : start]
    follows = folded[end : end + 60]
    return bool(
        _BEFORE.search(lead)
        or _AFTER.match(follows)
        or _ISSUE.match(follows)
        or _COMPLAINT.search(lead)
    )
