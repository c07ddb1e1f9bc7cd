"""A mail as it waits in the outbox, for tests of what becomes of it."""

from mobility.notifications.rendering import Letter


def letter(subject: str = "Answer by 3 March 2027", text: str = "Line one", *, link: str = "", body: str | None = None) -> Letter:
    """With the body of its HTML where that says something else, and one button if there is a link."""
    buttons = [("Answer", link)] if link else []
    parts = {"body": text if body is None else body, "buttons": buttons, "reader": "Ana", "why": "You asked.", "stop": None}
    return Letter(subject, text, parts)
