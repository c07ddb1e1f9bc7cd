"""Text that people typed, made fit for paper: nothing invisible, no turned reading order, no towers of accents.

Nothing here is escaping: values reach the typesetter as data and are never read as markup.
"""

import re
import unicodedata
from collections.abc import Iterator

MOST_MARKS = 4
MOST_LINES = 40  # of one text; to set ten thousand takes seconds
LONGEST_WORD = 30
PIECE = 6
BREAK = "\u200b"

_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"
_LONG_WORD = re.compile(rf"[^\s{BREAK}-]{{{LONGEST_WORD + 1},}}")  # lines may end after a hyphen anyway


def plain(text: str) -> str:
    """The text as one line: visible characters in canonical form, single spaces between words."""
    return " ".join(_visible(text).split())


def plain_lines(text: str) -> str:
    """The text with its line ends kept, for what people write in several lines; no empty lines in a row.

    After MOST_LINES one line holds the rest."""
    lines = (" ".join(line.split()) for line in _visible(text).split("\n"))
    whole = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().split("\n")
    return "\n".join([*whole[:MOST_LINES], " ".join(whole[MOST_LINES:])]).strip()


def clusters(text: str) -> Iterator[str]:
    """Each character with the marks and joiners that stand on it: what a font must be able to draw as one."""
    cluster = ""
    for character in text:
        if cluster and not _stands_on_its_own(character):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def breakable(text: str) -> str:
    """The text with places inside very long words where a line may end, so that nothing runs off the paper."""
    return _LONG_WORD.sub(lambda word: BREAK.join(_pieces(list(clusters(word.group())))), text)


def _pieces(letters: list[str]) -> Iterator[str]:
    for start in range(0, len(letters), PIECE):
        yield "".join(letters[start : start + PIECE])


def _visible(text: str) -> str:
    """Lone surrogates become U+FFFD; controls and direction overrides go; at most `MOST_MARKS` marks per character."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    lines = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", whole)).replace("\t", " ")
    kept = "".join(character for character in lines if character in "\n" + _JOINERS or not _is_invisible(character))
    return "".join(cluster[: MOST_MARKS + 1] for cluster in clusters(kept))


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf"}


def _stands_on_its_own(character: str) -> bool:
    return not (unicodedata.category(character).startswith("M") or character in _JOINERS)
