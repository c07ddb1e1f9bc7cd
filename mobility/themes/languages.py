"""The languages in which a host can receive: ISO 639-1 codes of those spoken by the programmes' countries."""

LANGUAGES = tuple(
    "bg bs ca cs da de el en es et eu fi fr ga gl hr hu is it lb lt lv mk mt nl no pl pt ro ru sk sl sq sr sv tr uk".split()
)
