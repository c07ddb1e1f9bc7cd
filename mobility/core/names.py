"""What people type: as it is stored, as it is compared, and as it is searched. Pure.

A length counts code points in their composed form (NFC): "ö" is one however it was typed, and a line end is one.
"""

import re
import unicodedata

SYSTEM_NAMES = {each.lower() for each in ("Mobility", "System", "TheSystem")}  # histories sign with the first
INVISIBLE = "That name contains a character that cannot be seen. Type it instead of pasting it."
NOTHING = "Enter a name with letters or digits."
ADDRESS = "A name cannot hold the address of a page or of a mail. Leave that out."
DOMAIN = "A name cannot hold the address of a page. If it is none, put a space after the point."
OURS = "This name belongs to the site itself. Choose another one."
ERASED_DOMAIN = "erased.invalid"  # of the address of whoever was erased; none can be entered here, as `.invalid` is nobody's
SEARCHED_WORDS = 8
MOST_MARKS = 30
_JOINER = "\N{COMBINING GRAPHEME JOINER}"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AN_ADDRESS = re.compile(r"\w:/|www\d*\.|@|\w\.\w[\w-]*[:/?#]|\b(?:mailto|tel|javascript|data):")
_A_DOMAIN = re.compile(r"\w\.(?:xn--|[^\W\d_]{2,}\b(?!\.))")  # of "Dr.med. Ana" no part is one
_AROUND_WORDS = ',;:.!?()"'

# Nothing is drawn for these, although Unicode counts them among letters, marks and symbols
_BLANK = {*"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"}
_SELECTORS = {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}  # how the character before is drawn
_TYPED = str.maketrans(
    dict.fromkeys("‘’‚‛ʼʻʹ′´`＇", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)  # fmt: skip
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # Unicode's Cc and Cs, but for tab and line end
_ALIKE = str.maketrans("аеосіїјмтуьӏορμιτυνγ|!01", "aeociijmtyblopmityvyllol")  # letters of other alphabets, drawn like ours


def is_erased(address: str) -> bool:
    """Of whoever was erased: nobody is reached by it."""
    return address.endswith(f"@{ERASED_DOMAIN}")


def sent(text: str) -> str:
    """Text as a browser sent it, as forms take it: composed, a line end is one character, and no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", stream_safe(_CONTROLS.sub("", lines)))


def stream_safe(text: str) -> str:
    """With a joiner after each 30 marks on one letter (UAX #15, 13): composing them takes a time that grows with their square."""
    if text.isascii():
        return text
    marks, safe = 0, []
    for each in text:
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks > MOST_MARKS:
            safe.append(_JOINER)
            marks = 1
        safe.append(each)
    return "".join(safe)


def for_xml(text: str) -> str:
    """Without the few characters that no XML document may hold."""
    return _NOT_IN_XML.sub("", text)


def one_line(text: str) -> str:
    """A line as it is stored: single plain spaces, none around."""
    return " ".join(text.split())


def is_seen(text: str) -> bool:
    """Whether anything of it is drawn."""
    return any(not (each.isspace() or _hidden(each) or each in _SELECTORS) for each in text)


def name_problem(name: str) -> str | None:
    """Why something cannot be called so: characters nobody sees or that turn the direction, no letter, the site's own name;
    or an address, as mails of ours to strangers begin with names."""
    if any(_hidden(each) for each in name):
        return INVISIBLE
    if _AN_ADDRESS.search(_plain(name)):
        return ADDRESS
    if not any(unicodedata.category(each)[0] in "LN" for each in name):
        return NOTHING
    letters = "".join(each for each in searchable(name).translate(_ALIKE) if each.isalnum())
    return OURS if letters in SYSTEM_NAMES else None


def person_name_problem(name: str) -> str | None:
    """The same of a person, whose name is no domain either, as a cluster's may be: "automotive.saarland"."""
    return name_problem(name) or (DOMAIN if _A_DOMAIN.search(_plain(name)) else None)


def name_key(name: str) -> str:
    """Equal for two names that a reader takes for one: capitals, spaces, composed forms and what is not seen do not matter."""
    folded = unicodedata.normalize("NFKC", _folded(name))
    return " ".join("".join(each for each in folded if each.isspace() or not (_hidden(each) or each in _SELECTORS)).split())


def searchable(text: str) -> str:
    """What is searched, and what is searched for: no capitals, accents or typographic marks, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", _folded(text))
    plain = "".join(each for each in decomposed if each.isspace() or not (unicodedata.combining(each) or _hidden(each)))
    return " ".join(plain.translate(_LETTERS | _TYPED).split())


def search_words(search: str) -> list[str]:
    """The words of a search, the first few: each must be found."""
    words = (each.strip(_AROUND_WORDS) for each in searchable(search).split())
    return list(dict.fromkeys(filter(None, words)))[:SEARCHED_WORDS]


def search_choices(search: str) -> list[list[str]]:
    """The words of each part between commas, one of which must be found: "digital hubs, funding"."""
    return [words for part in search.split(",")[:SEARCHED_WORDS] if (words := search_words(part))]


def _plain(text: str) -> str:
    """Wide and small forms of signs as the plain ones, no capitals."""
    return unicodedata.normalize("NFKC", text).replace("\u3002", ".").lower()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text.translate(_TYPED)).casefold()


def _hidden(character: str) -> bool:
    """Controls, format characters (such as those that turn the direction), halves of a character, private ones; blanks."""
    return character in _BLANK or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
