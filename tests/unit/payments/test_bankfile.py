"""The file for the bank: read back, and found valid by another validator than the one that let it out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sepaxml
import xmlschema

from mobility.payments.bankfile import Instruction, Order, Party, pain_001

NAMESPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
PORTUGAL, AUSTRIA, GREECE = "PT50000201231234567890154", "AT611904300234573201", "GR1601101250000000012300695"


def order(number: int = 12, amount: str = "780.00", **values: Any) -> Order:
    plausible = {
        "to": Party("Ana Kovač", PORTUGAL, "CGDIPTPL"),
        "amount": Decimal(amount),
        "end_to_end_id": f"V-{number:06d}-1",
        "remittance": f"Mobility voucher V-{number:06d}, Alpine Exchange Fund",
    }
    return Order(**plausible | values)


def instruction(*orders: Order, **values: Any) -> Instruction:
    plausible = {
        "message_id": "MOB-0123456789abcdef01234567",
        "made_at": datetime(2027, 3, 1, 9, 30, 15, 999, tzinfo=UTC),
        "execution_on": date(2027, 3, 2),
        "payer": Party("Alpine Exchange Fund", AUSTRIA),
        "currency": "EUR",
        "orders": list(orders) or [order()],
    }
    return Instruction(**plausible | values)


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd")


def read(file: bytes) -> ElementTree.Element:
    """Parsed, and valid."""
    schema().validate(file.decode())
    return ElementTree.fromstring(file)


def texts(document: ElementTree.Element, path: str) -> list[str]:
    return [each.text or "" for each in document.findall("p:CstmrCdtTrfInitn/" + path, NAMESPACE)]


def test_what_stands_in_it() -> None:
    orders = [order(12, "0.05"), order(13, "1017.00", to=Party("Αθήνα ΑΕ", GREECE)), order(14, "123456.70")]
    document = read(pain_001(instruction(*orders)))
    head, one = "p:GrpHdr/p:", "p:PmtInf/p:"
    assert texts(document, f"{head}MsgId") == ["MOB-0123456789abcdef01234567"]
    assert texts(document, f"{head}CreDtTm") == ["2027-03-01T09:30:15+00:00"]
    assert texts(document, f"{head}NbOfTxs") == ["3"]
    assert texts(document, f"{head}CtrlSum") == ["124473.75"]
    assert texts(document, f"{one}PmtInfId") == ["MOB-0123456789abcdef01234567"]
    assert texts(document, f"{one}CtrlSum") == ["124473.75"]
    assert texts(document, f"{one}ReqdExctnDt/p:Dt") == ["2027-03-02"]
    assert texts(document, f"{one}DbtrAcct/p:Id/p:IBAN") == [AUSTRIA]
    assert texts(document, f"{one}DbtrAgt/p:FinInstnId/p:Othr/p:Id") == ["NOTPROVIDED"]
    transfer = f"{one}CdtTrfTxInf/p:"
    assert texts(document, f"{transfer}PmtId/p:EndToEndId") == ["V-000012-1", "V-000013-1", "V-000014-1"]
    assert texts(document, f"{transfer}Amt/p:InstdAmt") == ["0.05", "1017.00", "123456.70"]
    assert texts(document, f"{transfer}CdtrAcct/p:Id/p:IBAN") == [PORTUGAL, GREECE, PORTUGAL]
    assert texts(document, f"{transfer}Cdtr/p:Nm") == ["Ana Kovac", "Athena AE", "Ana Kovac"]
    assert texts(document, f"{transfer}RmtInf/p:Ustrd")[0] == "Mobility voucher V-000012, Alpine Exchange Fund"
    currencies = document.findall(f"p:CstmrCdtTrfInitn/{transfer}Amt/p:InstdAmt", NAMESPACE)
    assert {each.get("Ccy") for each in currencies} == {"EUR"}


def test_the_same_instruction_gives_the_same_file() -> None:
    assert pain_001(instruction()) == pain_001(instruction())


def test_another_batch_has_another_identity() -> None:
    assert pain_001(instruction()) != pain_001(replace(instruction(), message_id="MOB-another"))


def test_the_payer_s_bank_is_named_if_it_is_known() -> None:
    document = read(pain_001(instruction(payer=Party("Fund", AUSTRIA, "BKAUATWW"))))
    assert texts(document, "p:PmtInf/p:DbtrAgt/p:FinInstnId/p:BICFI") == ["BKAUATWW"]
    assert texts(document, "p:PmtInf/p:DbtrAgt/p:FinInstnId/p:Othr/p:Id") == []


@pytest.mark.parametrize(
    "name",
    ["<b>&amp;</b>", "]]>", "=cmd|'/C calc'!A0", "💶💶", "\u202eevil", "x" * 500, "ß" * 500, "", " ", "/", "\u0000", "李雷"],
)
def test_whatever_somebody_is_called_the_file_is_valid(name: str) -> None:
    document = read(pain_001(instruction(order(to=Party(name, PORTUGAL), remittance=name), payer=Party(name, AUSTRIA))))
    for path in ("p:PmtInf/p:CdtTrfTxInf/p:Cdtr/p:Nm", "p:GrpHdr/p:InitgPty/p:Nm", "p:PmtInf/p:CdtTrfTxInf/p:RmtInf/p:Ustrd"):
        (text,) = texts(document, path)
        assert 1 <= len(text) <= 140
        assert text.isascii()


def test_it_sums_to_the_cent_however_many() -> None:
    orders = [order(number, "0.10") for number in range(1, 301)]
    document = read(pain_001(instruction(*orders)))
    assert texts(document, "p:GrpHdr/p:CtrlSum") == ["30.00"]
    assert texts(document, "p:GrpHdr/p:NbOfTxs") == ["300"]


def test_a_fraction_of_a_cent_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="fraction of a cent"):
        pain_001(instruction(order(amount="0.001")))
