"""A workspace's own fields, by their names, labels, synonyms and known values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from domain.criteria import Condition, Op
from domain.customer import FieldGroup, FieldType, Schema
from interpreter.offline.fields import NEGATION, own_words
from interpreter.offline.finding import Finding
from interpreter.offline.lexicon import words
from interpreter.offline.text import Canvas, fold


def read_own_flags(canvas: Canvas, schema: Schema) -> Iterator[Finding]:
    """A workspace's own flags, and its own fields that hold a flag as 0 and 1, named alone."""
    for name, field in schema.items():
        if field.group is not FieldGroup.CUSTOM:
            continue
        if field.type not in (FieldType.BOOL, FieldType.INT):
            continue
        for m in list(canvas.find(own_words(field))):
            verb = re.search(
                r"(?:bought|purchased|ordered|have|has|are|is|with|a|an|viewed|\bbuy)(?: from)?(?: the)?\s$",
                canvas.open[: m.start()],
            )
            start = verb.start() if verb else m.start()
            negation = NEGATION.search(canvas.open[max(0, start - 40) : start])
            if negation is not None:
                start = max(0, start - 40) + negation.start()
            canvas.take(start, m.end())
            flag = field.type is FieldType.BOOL
            holds: bool | int = negation is None if flag else int(negation is None)
            yield Finding(
                start,
                m.end(),
                Condition(field=name, op=Op.EQ, value=holds),
                assumption=None if flag else f"{field.text}: {name} = {holds}",
            )


def segment_names(
    schema: Schema, known: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Of the known values those that name a segment of an axis or of a kept discovery."""
    groups = {name: field.group for name in known if (field := schema.get(name)) is not None}
    named = (FieldGroup.AXES, FieldGroup.CLUSTERS)
    return {name: known[name] for name, group in groups.items() if group in named}


def read_known_values(
    canvas: Canvas, schema: Schema, known: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """Values of a workspace's own text fields, named with the field or beside customers."""
    findings = []
    for name, levels in known.items():
        field = schema.get(name)
        if field is None or field.type is not FieldType.STRING or name.startswith("location_"):
            continue
        own = own_words(field).pattern
        axis, cluster = field.group is FieldGroup.AXES, field.group is FieldGroup.CLUSTERS
        for level in sorted(levels, key=len, reverse=True):
            text = re.escape(fold(level))
            # A marketer writes the deal_hunter of an axis as "deal hunters".
            text = text.replace("_", "[ _-]") + "s?" if axis and text else text
            # A segment's name of one word, "loyal", may well be meant as a word.
            alone = "_" in level if axis else " " in level if cluster else len(level) >= 5
            if not text:
                continue
            pattern = words(
                rf"(?:whose |with |the |an? )*(?:{own})(?: is| are| of| =|:| equals| was)* (?P<level1>{text})"
                rf"|(?P<level2>{text}) (?:<who>|{own})"
                rf"|(?:in|from|via|through|by|on|acquired by|the) (?:the )?(?P<level3>{text})"
                + (rf"|(?P<level4>{text})" if alone else "")
            )
            for m in list(canvas.find(pattern)):
                negated = NEGATION.search(canvas.open[max(0, m.start() - 30) : m.start()])
                op = Op.NE if negated else Op.EQ
                canvas.take(m.start(), m.end())
                findings.append(
                    Finding(
                        m.start(),
                        m.end(),
                        Condition(field=name, op=op, value=level),
                        assumption=f"{level}: the segment of {field.text}" if cluster else None,
                    )
                )
    return findings
