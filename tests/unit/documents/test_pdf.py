"""The PDFs: what they say, that they are accessible and lasting, and that no text makes one fail."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from mobility.documents import pdf
from mobility.documents.papers import AgendaDay, Contact, Delegate, PaperLine, PaperSignature
from mobility.documents.pdf import agreement_pdf, certificate_pdf, voucher_pdf
from tests.unit.documents.papers import AGREEMENT, CERTIFICATE, CO_FUNDED, CODE, VERIFY_URL, VOUCHER

PAPERS = [(voucher_pdf, VOUCHER), (voucher_pdf, CO_FUNDED), (certificate_pdf, CERTIFICATE), (agreement_pdf, AGREEMENT)]
NAMES = ["voucher", "co-funded voucher", "certificate", "agreement"]
NASTY = [
    "W" * 300,
    "Łódź Ελλάδα Київ " * 18,
    "<b>HTML</b> & <script>alert(1)</script>",
    '#panic("no") $ x^2 $ *bold* _it_ `raw` @ref <label> // \\ [x] ]',
    "a\x00b\x01\x1f\x7f\ud800",
    "Z" + "\u0301\u0323\u0335" * 100,
    "مرحبا بالعالم \u202eשלום עולם",
    "東京都 안녕 ไทย हिन्दी",
    "\U0001f600\U0001f469\u200d\U0001f4bb \ue000 \U000f0000 \ufffe \uffff \U0001f1e9\U0001f1ea",
    "\u05d0\u0940\u0e33 \u200d \u0301",
    " ",
    "",
]


def _read(content):
    return PdfReader(io.BytesIO(content))


def _text(content):
    return " ".join(" ".join(page.extract_text() for page in _read(content).pages).split())


def _structure(element):
    """All structure elements of a tagged PDF, from the top."""
    yield element
    children = element.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object()
        if isinstance(child, dict) and "/S" in child:
            yield from _structure(child)


def _elements(content):
    return list(_structure(_read(content).trailer["/Root"]["/StructTreeRoot"]["/K"][0].get_object()))


def test_a_voucher_says_everything_a_holder_and_a_host_need():
    text = _text(voucher_pdf(VOUCHER))
    for said in [
        "Danube Cluster Mobility · Spring call 2027",
        "Mobility voucher MV-2027-0042",
        "Issued on 1 December 2026",
        CODE,
        "Valid from 1 December 2026 until 30 November 2027",
        VERIFY_URL,
        "Holder Zuzana Nováková Košice IT Valley",
        "Host Baden Packaging Cluster",
        "Stay 30 March to 3 April 2027",
        "Георги Иванов, Policy maker",
        "Ελένη Παπαδοπούλου, Cluster member",
        "Travel Distance band, green 1 trip €417.00 €417.00",
        "Stay Day rate 5 days €120.00 €600.00",
        "Cap At most 1,000.00 in all 1 −€17.00 −€17.00",
        "Total granted €1,000.00",
        "1. Bring this page to your host on the first day.",
        "Questions: mobility@danube.example",
        "Page 1 of 1",
    ]:
        assert said in text


def test_a_certificate_says_who_was_where_and_when():
    text = _text(certificate_pdf(CERTIFICATE))
    for said in [
        "Certificate of attendance",
        "This certifies that Zuzana Nováková Георги Иванов Ελένη Παπαδοπούλου of Košice IT Valley",
        "visited Baden Packaging Cluster from 3 to 7 March 2027 (5 days), on the theme Funding the services",
        "Dr. Katharina Groß for Baden Packaging Cluster, 9 March 2027",
        CODE,
        VERIFY_URL,
    ]:
        assert said in text


def test_an_agreement_says_what_both_sides_agreed_and_who_has_signed():
    text = _text(agreement_pdf(AGREEMENT))
    for said in [
        "Version 2",
        "Host organisation Baden Packaging Cluster",
        "Guest organisation Košice IT Valley",
        "Stay 3 to 4 March 2027",
        "1. Learn how the host pays for its services. 2. Bring home a fee model.",
        "For the host 1. An honest look from outside.",
        "For the guests 1. A fee model with figures.",
        "Wednesday, 3 March Arrival and welcome.",
        "Dr. Katharina Groß k.gross@packaging.example +49 7221 555 010",
        "Signed by Dr. Katharina Groß on 5 February 2027",
        "Not yet signed",
        "not yet signed by both sides",
    ]:
        assert said in text


def test_an_agreement_that_both_signed_no_longer_says_that_it_is_not():
    signed = tuple(replace(s, name="Somebody", signed_on=date(2027, 2, 6)) for s in AGREEMENT.signatures)
    assert "not yet signed" not in _text(agreement_pdf(replace(AGREEMENT, signatures=signed))).lower()


def test_a_share_of_the_price_leaves_the_rest_of_the_price_whatever_else_is_paid():
    text = _text(voucher_pdf(CO_FUNDED))
    assert "Total granted €3,417.00" in text
    assert "Of the agreed price of €4,000.00, the holder or their organisation pays €1,600.00." in text
    assert "Agreed price:" not in text


def test_a_price_without_a_share_is_only_said():
    text = _text(voucher_pdf(replace(VOUCHER, price=Decimal("8000.00"))))
    assert "Agreed price: €8,000.00." in text
    assert "pays €" not in text
    assert "rice" not in _text(voucher_pdf(VOUCHER))


def test_a_knowledge_voucher_has_no_stay():
    paper = replace(VOUCHER, kind="Knowledge voucher", theme="", delegation=(), first_day=None, last_day=None)
    text = _text(voucher_pdf(paper))
    assert "Knowledge voucher" in text
    assert not re.search(r"Theme|Delegation|Stay [^D]", text)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2027, 3, 3), date(2027, 3, 3), "Stay 3 March 2027"),
        (date(2027, 3, 3), date(2027, 3, 7), "Stay 3 to 7 March 2027"),
        (date(2027, 12, 30), date(2028, 1, 2), "Stay 30 December 2027 to 2 January 2028"),
    ],
)
def test_days_are_written_as_people_write_them(first, last, said):
    assert said in _text(voucher_pdf(replace(VOUCHER, first_day=first, last_day=last)))


@pytest.mark.parametrize(("make", "paper"), PAPERS, ids=NAMES)
def test_each_is_one_a4_page(make, paper):
    (page,) = _read(make(paper)).pages
    assert sorted(round(float(side)) for side in page.mediabox[2:]) == [595, 842]


@pytest.mark.parametrize(("make", "paper"), PAPERS, ids=NAMES)
def test_each_claims_both_standards_and_is_tagged_with_title_and_language(make, paper):
    reader = _read(make(paper))
    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert paper.reference in reader.metadata.title


@pytest.mark.parametrize(("make", "paper"), PAPERS, ids=NAMES)
def test_each_has_one_first_heading_and_embeds_its_fonts(make, paper):
    content = make(paper)
    assert [element["/S"] for element in _elements(content)].count("/H1") == 1
    for page in _read(content).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font["/DescendantFonts"][0]
            assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"])


def test_the_amount_lines_are_a_table_with_column_headings():
    kinds = [element["/S"] for element in _elements(voucher_pdf(VOUCHER))]
    assert (kinds.count("/Table"), kinds.count("/TH"), kinds.count("/TR")) == (1, 4, 5)


@pytest.mark.parametrize(("make", "paper"), PAPERS[:2], ids=NAMES[:2])
def test_the_qr_code_says_where_it_leads(make, paper):
    (figure,) = [element for element in _elements(make(paper)) if element["/S"] == "/Figure"]
    assert figure["/Alt"].endswith(VERIFY_URL)


@pytest.mark.parametrize(("make", "paper"), PAPERS[:2], ids=NAMES[:2])
def test_the_address_under_the_qr_code_can_be_clicked(make, paper):
    annotations = [note.get_object() for note in _read(make(paper)).pages[0]["/Annots"]]
    assert {note["/A"]["/URI"] for note in annotations} == {VERIFY_URL}


@pytest.mark.parametrize(("make", "paper"), PAPERS, ids=NAMES)
def test_the_same_paper_gives_the_same_bytes_with_no_date_but_its_own(make, paper):
    content = make(paper)
    assert make(paper) == content
    dated = {"voucher": "20261201", "certificate": "20270309", "agreement": "20270203"}[make.__name__.split("_")[0]]
    assert set(re.findall(rb"D:(\d{8})", content)) == {dated.encode()}


@pytest.mark.parametrize("nasty", NASTY, ids=[ascii(text[:12]) for text in NASTY])
def test_no_text_makes_a_paper_fail(nasty):
    voucher = replace(
        VOUCHER,
        reference=nasty,
        programme=nasty,
        call=nasty,
        holder_name=nasty,
        holder_organisation=nasty,
        host_organisation=nasty,
        theme=nasty,
        delegation=(Delegate(nasty, nasty),) * 3,
        how_to_use=(nasty,) * 4,
        contact=nasty,
        lines=tuple(replace(line, label=nasty, rule=nasty, unit=nasty[:20]) for line in VOUCHER.lines),
    )
    certificate = replace(
        CERTIFICATE,
        reference=nasty[:40],
        guests=(nasty,) * 3,
        guest_organisation=nasty,
        host_organisation=nasty,
        theme=nasty,
        programme=nasty,
        confirmed_by=nasty,
    )
    agreement = replace(
        AGREEMENT,
        reference=nasty,
        programme=nasty,
        theme=nasty,
        host_organisation=nasty,
        guest_organisation=nasty,
        delegation=(Delegate(nasty, nasty),),
        objectives=(nasty,) * 5,
        host_benefit=(nasty * 5, f"{nasty}\n\n{nasty}"),
        guest_benefit=(),
        confirms_later=nasty,
        agenda=(AgendaDay(date(2027, 3, 3), nasty * 3),),
        contacts=(Contact(nasty, nasty, nasty, nasty),),
        signatures=(PaperSignature(nasty, nasty, nasty, date(2027, 2, 5)),),
    )
    assert len(_read(voucher_pdf(voucher)).pages) >= 1
    assert len(_read(certificate_pdf(certificate)).pages) == 1
    assert len(_read(agreement_pdf(agreement)).pages) >= 1


DIFFERENT = "".join(map(chr, range(0x4E00, 0x4E00 + 1200)))
LONG = [DIFFERENT, "W" * 1200, "Z\u0301\u0323\u0335" * 300, "a\n" * 600, "\u05d0\u05d1" * 600, "! " * 600]


@pytest.mark.parametrize("text", LONG, ids=[ascii(text[:4]) for text in LONG])
def test_no_text_makes_a_paper_slow(text):
    """An agreement as long as it may be; 105 s were measured for the first text, when each character was tried."""
    pdf._drawable.cache_clear()
    agenda = tuple(AgendaDay(date(2027, 3, 3), text) for _ in range(25))
    agreement = replace(AGREEMENT, objectives=(text,) * 5, host_benefit=(text,) * 5, guest_benefit=(text,) * 5, agenda=agenda)
    began = process_time()  # Typst works in threads of its own
    agreement_pdf(agreement)
    assert process_time() - began < 1.5


def test_the_first_unusual_characters_of_a_paper_are_tried_and_no_others():
    hebrew, math = "".join(map(chr, range(0x5D0, 0x5EB))), "".join(map(chr, range(0x2200, 0x22FF)))
    shown = _text(agreement_pdf(replace(AGREEMENT, objectives=(DIFFERENT[: pdf.MOST_TRIED - 5], hebrew, math))))
    assert "\u05d4" in shown
    assert "\u2200" not in shown
    assert "\u2200" in _text(agreement_pdf(replace(AGREEMENT, objectives=(math[:5],))))


def test_markup_is_printed_as_it_was_typed():
    typed = '#panic("no") $x$ *bold* _it_ `raw` @ref <b> // \\ [x]'
    assert typed in _text(certificate_pdf(replace(CERTIFICATE, theme=typed)))


def test_a_character_no_font_has_is_shown_as_a_square_with_a_note():
    text = _text(voucher_pdf(replace(VOUCHER, holder_name="東京 Tanaka")))
    assert "□□ Tanaka" in text
    assert "□ stands for a character that cannot be printed here" in text
    assert "□" not in _text(voucher_pdf(VOUCHER))


def test_a_mark_no_font_has_leaves_its_letter():
    assert "Aoki" in _text(voucher_pdf(replace(VOUCHER, holder_name="A\u1ab0\u1abfoki\u0f39")))


def test_every_character_that_is_taken_for_granted_is_in_the_fonts():
    assert len(pdf._COMMON) > 1200
    assert pdf._draws(" ".join(sorted(pdf._COMMON)))


def test_an_unforeseen_refusal_of_the_fonts_still_gives_a_paper(monkeypatch):
    monkeypatch.setattr(pdf, "_draws", lambda cluster: True)
    pdf._drawable.cache_clear()
    try:
        assert "□ Müller" in _text(voucher_pdf(replace(VOUCHER, holder_name="東 Müller")))
    finally:
        pdf._drawable.cache_clear()


def test_quantities_and_amounts():
    line = PaperLine("Stay", Decimal("1.50"), "months", Decimal(900), Decimal("1350"), "Monthly")
    text = _text(voucher_pdf(replace(VOUCHER, lines=(line,), total=Decimal("1234567.8"))))
    assert "1.5 months €900.00 €1,350.00" in text
    assert "€1,234,567.80" in text
    assert "100 months" in _text(voucher_pdf(replace(VOUCHER, lines=(replace(line, quantity=Decimal(100)),))))


@pytest.mark.property
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_can_be_printed(text):
    content = certificate_pdf(replace(CERTIFICATE, guests=(text,), theme=text, confirmed_by=text))
    assert len(_read(content).pages) == 1
