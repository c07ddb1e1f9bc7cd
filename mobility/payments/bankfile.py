"""The file for the bank: ISO 20022 pain.001.001.09, made by sepaxml and validated against its schema (decision 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import sepaxml
from lxml import etree

from mobility.core.errors import GuardRefused
from mobility.core.money import to_cents
from mobility.payments.rules import sepa_text

SCHEMA = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"
NAME, REMITTANCE = 70, 140  # the longest that the banks' rules allow
NOT_PROVIDED = "NOTPROVIDED"


@dataclass(frozen=True)
class Party:
    """An account and the name it has at its bank."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True)
class Order:
    """One payment: to whom, how much, and what both sides read on their statements."""

    to: Party
    amount: Decimal
    end_to_end_id: str
    remittance: str


@dataclass(frozen=True)
class Instruction:
    """What is asked of the bank. The same instruction always gives the same file."""

    message_id: str
    made_at: datetime
    execution_on: date
    payer: Party
    currency: str
    orders: Sequence[Order]


def pain_001(instruction: Instruction) -> bytes:
    """The file, valid by the schema. GuardRefused if a value is one that no bank would take."""
    document = etree.fromstring(_raw(instruction))
    _set_identity(document, instruction)
    _name_unnamed_banks(document)
    etree.indent(document)
    schema = _schema()
    if not schema.validate(document):
        raise GuardRefused(f"The file for the bank would not be valid: {schema.error_log.last_error.message}")
    file: bytes = etree.tostring(document, encoding="UTF-8", xml_declaration=True)
    return file


@cache
def _schema() -> etree.XMLSchema:
    """The one that sepaxml ships. Its own check reads it again each time with a slower validator: 0.3 s for each file."""
    return etree.XMLSchema(file=str(Path(sepaxml.__file__).parent / "schemas" / f"{SCHEMA}.xsd"))


def _raw(instruction: Instruction) -> bytes:
    """As sepaxml makes it. It changes the dictionaries it is given, and its amounts are whole cents."""
    payer = instruction.payer
    config = {"name": sepa_text(payer.name, NAME, NOT_PROVIDED), "IBAN": payer.iban, "currency": instruction.currency}
    transfer = sepaxml.SepaTransfer({**config, "batch": True, **_bic(payer)}, schema=SCHEMA, clean=False)
    for order in instruction.orders:
        transfer.add_payment(
            {
                "name": sepa_text(order.to.name, NAME, NOT_PROVIDED),
                "IBAN": order.to.iban,
                "amount": to_cents(order.amount),
                "description": sepa_text(order.remittance, REMITTANCE, order.end_to_end_id),
                "execution_date": instruction.execution_on,
                "endtoend_id": order.end_to_end_id,
                **_bic(order.to),
            }
        )
    raw: bytes = transfer.export(validate=False)
    return raw


def _bic(party: Party) -> dict[str, str]:
    return {"BIC": party.bic} if party.bic else {}


def _set_identity(document: etree._Element, instruction: Instruction) -> None:
    """sepaxml invents new identifiers and a new time for each file: a bank could not tell a second copy from a second order."""
    made_at = instruction.made_at.replace(microsecond=0).isoformat()
    for path, value in (
        ("GrpHdr/MsgId", instruction.message_id),
        ("GrpHdr/CreDtTm", made_at),
        ("PmtInf/PmtInfId", instruction.message_id),
    ):
        for element in _all(document, path):
            element.text = value


def _name_unnamed_banks(document: etree._Element) -> None:
    """Without a BIC the paying bank is left empty, which the schema allows and banks do not: they want it said."""
    for bank in _all(document, "PmtInf/DbtrAgt/FinInstnId"):
        if not len(bank):
            other = etree.SubElement(bank, f"{{{NAMESPACE}}}Othr")
            etree.SubElement(other, f"{{{NAMESPACE}}}Id").text = NOT_PROVIDED


def _all(document: etree._Element, path: str) -> list[etree._Element]:
    steps = ["CstmrCdtTrfInitn", *path.split("/")]
    return list(document.iterfind("/".join(f"{{{NAMESPACE}}}{step}" for step in steps)))
