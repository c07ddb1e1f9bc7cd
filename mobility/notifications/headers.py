"""How the headers of a mail are written: what is long or no ASCII arrives as it was.

The standard library's new policy loses spaces between encoded words and takes "=?...?=" that somebody typed for one; its older
`Header` does neither.
"""

from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

LINE = 78  # RFC 5322, 2.1.1


class Folding(EmailPolicy):
    """Lines of at most 78 characters, wherever there is a place to break them."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """A subject is kept as it is: parsed, what looks like an encoded word would be one."""
        return (name, value) if name.lower() == "subject" else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        written = _written(name, value)
        if written is None:
            return super().fold_binary(name, value)
        return f"{name}: {written}{self.linesep}".encode("ascii")

    def fold(self, name: str, value: Any) -> str:
        return self.fold_binary(name, value).decode("ascii")


def _written(name: str, value: Any) -> str | None:
    """None: nothing stands against the usual way."""
    if name.lower() == "subject":
        return _encoded(str(value), name) if _is_special(f"{name}: {value}") else None
    if name.lower() == "list-unsubscribe":
        return str(value)  # one address, which nothing may break
    if name.lower() == "to" and _is_special(str(value)) and value.addresses[0].display_name:
        address = value.addresses[0]
        return f"{_encoded(address.display_name, name)}\r\n <{address.addr_spec}>"
    return None


def called(name: str, address: str) -> Address:
    """Whom a mail is for. A name holds no encoded word: parsed, it would be read as one."""
    return Address(display_name=name.replace("=?", "= ?"), addr_spec=address)


def _is_special(line: str) -> bool:
    return len(line) > LINE or not line.isascii() or "=?" in line


def _encoded(text: str, name: str) -> str:
    return Header(text, "utf-8", maxlinelen=LINE - 2, header_name=name).encode(linesep="\r\n")


FOLDING = Folding(linesep="\r\n")
