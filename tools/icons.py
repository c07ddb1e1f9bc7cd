"""Cut the icons we use out of Bootstrap Icons into one small sprite: python tools/icons.py

Bootstrap-Flask's own sprite holds 2,000 icons in 1.1 MB. Add a name below, run this, commit static/img/icons.svg.
The names are those of https://icons.getbootstrap.com.
"""

import pathlib
import re
import sys

import flask_bootstrap

NAMES = """
archive arrow-clockwise arrow-counterclockwise arrow-down arrow-down-up arrow-left arrow-left-right arrow-repeat
arrow-right arrow-up award bank bell book box-arrow-in-right box-arrow-right box-arrow-up-right broadcast building
calendar-check calendar-event calendar-range calendar2-week card-checklist cash-coin chat-dots check-circle
check-circle-fill check-lg check2-circle check2-square chevron-down chevron-left chevron-right circle clipboard-check
clipboard-data clock clock-history compass cup-hot dash-lg diagram-3 dot download envelope envelope-open
exclamation-circle exclamation-circle-fill exclamation-lg exclamation-triangle eye file-earmark-check file-earmark-pdf
file-earmark-text flag funnel gear geo-alt globe globe-europe-africa graph-up hand-index-thumb hourglass
hourglass-split house inbox info-circle journal-text key layout-text-sidebar lightbulb link-45deg list list-check lock
map mortarboard paperclip patch-check pause-circle pen pencil pencil-square people person person-badge person-check
person-circle person-lines-fill person-plus person-raised-hand piggy-bank pin-map plus-lg printer qr-code
question-circle receipt reply rss search send shield-check shield-lock shop signpost-split slash-circle sliders star
suitcase-lg tags ticket-perforated train-front translate trash upload vector-pen x-circle x-circle-fill x-lg x-octagon
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
