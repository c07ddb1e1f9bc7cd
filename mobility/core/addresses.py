"""E-mail addresses: as they are stored, and those to which nothing can be delivered. Pure."""

from email_validator import EmailNotValidError, validate_email

ADDRESS_LENGTH = 254
WANTED = "Enter an e-mail address such as ana.kovac@example.org."
NOT_ASCII = "Mail cannot be delivered to an address with the character “{}”. Enter one with plain letters only."


def deliverable(typed: str) -> str:
    """The address as it is stored, in lower case. Raises ValueError, with words for the person, if mail cannot reach it.

    Names of domains with other letters, and names of mailboxes with them, are beyond many servers (SMTPUTF8).
    """
    text = typed.strip()
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        raise ValueError(WANTED) from None
    if strange := next((each for each in text if not each.isascii()), None):
        raise ValueError(NOT_ASCII.format(strange))
    address = (found.ascii_email or found.normalized).lower()
    if len(address) > ADDRESS_LENGTH:
        raise ValueError(WANTED)
    return address
