"""Cut the icons we use out of Bootstrap Icons into one small sprite: python tools/icons.py

Bootstrap-Flask's own sprite holds 2,000 icons in 1.1 MB. Add a name to the list, run this, commit static/img/icons.svg.
The names are those of https://icons.getbootstrap.com.
"""

import pathlib
import re
import sys

import flask_bootstrap

NAMES = """
archive arrow-down arrow-down-up arrow-left arrow-left-right arrow-right arrow-up award bank bell box-arrow-right
box-arrow-up-right building calendar-event calendar-range cash-coin chat-dots check-circle-fill check-lg check2-circle
check2-square chevron-down chevron-left chevron-right circle clipboard-check clock compass cup-hot dot download
envelope exclamation-circle-fill exclamation-lg exclamation-triangle eye file-earmark-pdf file-earmark-text gear geo-alt
globe-europe-africa graph-up hand-index-thumb hourglass-split inbox info-circle journal-text key lightbulb list-check
lock mortarboard pencil people person person-check person-plus phone piggy-bank plus-lg printer qr-code question-circle receipt
rss search send signpost-split slash-circle sliders star tags ticket-perforated upload x-lg x-octagon
""".split()

SOURCE = pathlib.Path(flask_bootstrap.__file__).parent / "static/bootstrap5/icons/bootstrap-icons.svg"
TARGET = pathlib.Path(__file__).parent.parent / "static/img/icons.svg"


def subset(sprite: str, names: list[str]) -> str:
    """The sprite with only these icons; raises KeyError for a name it does not have."""
    symbols = dict(re.findall(r'<symbol [^>]*?(viewBox="[^"]*" id="[^"]*")>(.*?)</symbol>', sprite, re.DOTALL))
    by_name = {head.rsplit('"', 2)[1]: (head, body) for head, body in symbols.items()}
    lines = [f"<symbol {by_name[name][0]}>{by_name[name][1]}</symbol>" for name in sorted(set(names))]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(lines) + "\n</svg>\n"


if __name__ == "__main__":
    try:
        TARGET.write_text(subset(SOURCE.read_text(encoding="utf-8"), NAMES), encoding="utf-8")
    except KeyError as missing:
        sys.exit(f"Bootstrap Icons has no icon named {missing}")
