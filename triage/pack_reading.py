"""Reading the packs of a protocol file."""

from collections.abc import Mapping

from triage.condition_reading import Vocabulary, read_condition
from triage.lines import Place
from triage.pack import Exclusion, Pack
from triage.reader import Reader, Table
from triage.words import Text

_KEYS = ("code", "vi", "en", "content", "source", "doctor", "consent", "course_days", "onset_within_days", "unless")


def read_packs(reader: Reader, table: Table, words: Vocabulary, cited: Mapping[str, str]) -> tuple[Pack, ...]:
    """The packs that the file has, none where it says nothing of any: a protocol may leave medicine to doctors."""
    if "packs" not in table:
        return ()
    packs = tuple(
        _pack(reader, item, ("packs", index), words, cited)
        for index, item in enumerate(reader.tables(table, (), "packs"))
    )
    reader.repeats(("packs",), [pack.code for pack in packs])
    return packs


def _pack(reader: Reader, item: Table, place: Place, words: Vocabulary, cited: Mapping[str, str]) -> Pack:
    reader.only(item, place, _KEYS)
    code = reader.code(item, place)
    onset = reader.count(item, place, "onset_within_days", minimum=0) if "onset_within_days" in item else None
    return Pack(
        code=code,
        text=reader.text(item, place),
        content=_content(reader, item, place),
        source=reader.source(item, place, code, cited),
        doctor=reader.flag(item, place, "doctor"),
        consent=reader.flag(item, place, "consent"),
        course_days=reader.count(item, place, "course_days"),
        onset_within_days=onset,
        unless=_exclusions(reader, item, place, words),
    )


def _content(reader: Reader, item: Table, place: Place) -> Text:
    content, at = reader.table(item, place, "content"), (*place, "content")
    reader.only(content, at, ("vi", "en"))
    return reader.text(content, at)


def _exclusions(reader: Reader, item: Table, place: Place, words: Vocabulary) -> tuple[Exclusion, ...]:
    if "unless" not in item:
        return ()
    exclusions = []
    for index, one in enumerate(reader.tables(item, place, "unless")):
        at = (*place, "unless", index)
        reader.only(one, at, ("code", "vi", "en", "when"))
        when = read_condition(reader, reader.table(one, at, "when"), (*at, "when"), words)
        exclusions.append(Exclusion(reader.code(one, at), reader.text(one, at), when))
    reader.repeats((*place, "unless"), [exclusion.code for exclusion in exclusions])
    return tuple(exclusions)
