"""How the letters of plain text were written: guessed by what stands beside them, and all readings to choose from."""

from time import process_time

import pytest

from mobility.spreadsheets.letters import codec_in, likely, readings
from mobility.spreadsheets.reading import read

WRITTEN = {
    "Czech": ("cp1250", "Jiří Dvořák;Brno\nTomáš Novotný;Plzeň\nŠtěpánka Kučerová;České Budějovice"),
    "one name": ("cp1250", "Jiří Novák;Praha"),
    "Slovak": ("cp1250", "Ľubomír Ďuriš;Žilina\nKošice;Prešov\nTrenčín;Nové Zámky"),
    "Croatian": ("cp1250", "Ivan Horvat;Čakovec\nŽeljko Šimić;Šibenik\nMarija Đurić;Zagreb"),
    "Slovene": ("cp1250", "Ana Zupan;Kočevje\nMaja Žnidaršič;Škofja Loka"),
    "Hungarian": ("cp1250", "Gergő Szűcs;Győr\nÁgnes Tóth;Pécs\nErzsébet Kőszegi;Székesfehérvár"),
    "one city": ("cp1250", "Anna;Győr"),
    "Polish": ("cp1250", "Łukasz Wiśniewski;Łódź\nAgnieszka Wójcik;Gdańsk"),
    "Romanian": ("cp1250", "Brăila;Bacău\nConstanţa;Iaşi"),
    "central": ("cp1250", "Jürgen Müller;Güssing\nMaja Žnidaršič;Škofja Loka\nJiří Dvořák;Brno"),
    "German": ("cp1252", "Jürgen Müller;Güssing\nBjörn Groß;Köln"),
    "French": ("cp1252", "Hélène Lefèvre;Genève\nFrançois Rivière;Besançon\nLoïc;Nîmes"),
    "Italian": ("cp1252", "Niccolò Rossi;Forlì\nMatteo Cantù;Cefalù"),
    "Spanish": ("cp1252", "Íñigo Muñoz;A Coruña\nJosé Peña;Logroño"),
    "Portuguese": ("cp1252", "João Simões;Guimarães\nConceição Magalhães;Évora"),
    "Nordic": ("cp1252", "Bjørn Øverås;Tromsø\nKåre Sæther;Ålesund\nSigurður Þór;Hafnarfjörður"),
    "Estonian": ("cp1252", "Tõnu Põld;Võru\nÜlle Mägi;Põlva"),
    "western": ("cp1252", "Jürgen Müller;Güssing\nHélène Lefèvre;Genève\nJoão Simões;Guimarães"),
    "signs": ("cp1252", "Société générale – 5 €;à côté\n“Été” à Nîmes; Nº 5"),
    "Lithuanian": ("cp1257", "Jonas Kazlauskas;Šiauliai\nRūta Žukauskaitė;Mažeikiai\nKėdainiai;Panevėžys"),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_plain_text_of_each_part_of_europe_is_read_without_asking(kind: str) -> None:
    codec, text = WRITTEN[kind]
    assert likely(f"Name;City\n{text}\n".encode(codec)) == codec


def test_each_reading_is_shown_with_what_tells_it_apart() -> None:
    found = readings("Name;City\nJürgen Müller;Güssing\nJiří Dvořák;Plzeň\n".encode("cp1250"))
    assert found["cp1250"].startswith("Jiří Dvořák")
    assert found["cp1252"].startswith("Jiøí Dvoøák")
    assert "utf-8" not in found  # it cannot be that
    assert len(set(found.values())) == len(found)
    assert readings(b"Name;City\nAna;Graz\n") == {}


def test_the_reading_of_now_is_always_among_them() -> None:
    alike = "Name;City\nJürgen Müller;Güssing\n".encode("cp1252")
    assert "cp1250" not in readings(alike)
    assert next(iter(readings(alike, "cp1250"))) == "cp1250"


def test_what_somebody_has_chosen_wins() -> None:
    content = "Name;City\nČap;Győr\n".encode("cp1250")
    book = read("a.csv", content, "cp1252")
    assert book.read_as == "CSV, Windows-1252, cells separated by semicolons"
    assert codec_in(book.read_as) == "cp1252"
    assert book.sheets[0].rows[0][1] == ["Èap", "Gyõr"]
    assert read("a.csv", content, "utf-8").read_as.startswith("CSV, Windows-1250")  # it cannot be: guessed again
    assert [codec_in(each) for each in ("CSV, UTF-8, cells", "Excel workbook", "")] == ["", "", ""]


def test_a_long_cell_of_plain_letters_takes_no_longer_than_its_length() -> None:
    content = b"\n".join([b"name,city", *[b"a" * 100_000] * 9, b"An\xe9,Bled"])
    started = process_time()
    found, seconds = readings(content, "cp1252"), process_time() - started
    assert found["cp1252"] == "Ané"
    assert seconds < 5  # minutes, when each letter was looked at from each one before it
