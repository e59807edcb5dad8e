"""Tracked changes are read both ways: the text is the accepted view, ``original_view`` gives the text with all rejected."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from docx_files import cell, deleted, inserted, level, listed, lists, mark, paragraph, row, run, table, write_docx
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.finance.document import Document, original_view
from dsapp.finance.reading.docx import read_docx


def read(tmp_path: Path, body: str, **parts: str) -> Document:
    return read_docx(write_docx(tmp_path / "changes.docx", body, **parts), "d")


def views(document: Document) -> tuple[str, str]:
    return document.text, original_view(document).text


def block_texts(document: Document) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks]


def test_insertion_and_deletion_carry_author_and_date(tmp_path: Path) -> None:
    document = read(tmp_path, paragraph(run("Pay in ") + deleted("30", "Bob") + inserted("60", "Ann") + run(" days.")))
    assert views(document) == ("Pay in 60 days.", "Pay in 30 days.")
    deletion, insertion = document.changes
    assert (deletion.kind, deletion.author, deletion.text) == ("deletion", "Bob", "30")
    assert (insertion.kind, insertion.author, insertion.date) == ("insertion", "Ann", "2026-01-02T03:04:05Z")
    assert document.text[insertion.start : insertion.end] == insertion.text == "60"
    assert deletion.start == deletion.end == document.text.index("60")


def test_spaces_of_neither_view_are_lost(tmp_path: Path) -> None:
    document = read(
        tmp_path, paragraph(run("the ") + deleted("old") + run(" contract") + inserted(" here ") + run(" ends"))
    )
    assert original_view(document).text == "the old contract ends"
    assert document.text.split() == ["the", "contract", "here", "ends"]


def test_two_authors_next_to_each_other_stay_apart(tmp_path: Path) -> None:
    body = paragraph(
        run("A ") + inserted("b ", "Ann") + inserted("c ", "Cy") + deleted("d ", "Ann") + deleted("e ", "Cy") + run("F")
    )
    document = read(tmp_path, body)
    assert views(document) == ("A b c F", "A d e F")
    assert [(c.kind, c.author, c.text) for c in document.changes] == [
        ("insertion", "Ann", "b "),
        ("insertion", "Cy", "c "),
        ("deletion", "Ann", "d "),
        ("deletion", "Cy", "e "),
    ]


def test_what_was_inserted_and_deleted_again_is_in_neither_view(tmp_path: Path) -> None:
    body = paragraph(run("Kept ") + inserted(run("new ") + deleted("gone ", "Bob")) + run("end"))
    document = read(tmp_path, body)
    assert views(document) == ("Kept new end", "Kept end")
    assert document.removed["text inserted and deleted again"] == 1


def test_changed_words_at_the_start_of_a_paragraph_leave_the_break_alone(tmp_path: Path) -> None:
    body = paragraph("One.") + paragraph(deleted("Old ") + run("two.")) + paragraph(inserted("New ") + run("three."))
    document = read(tmp_path, body)
    assert views(document) == ("One.\n\ntwo.\n\nNew three.", "One.\n\nOld two.\n\nthree.")
    assert [change.text for change in document.changes] == ["Old ", "New "]


def test_a_move_is_a_deletion_and_an_insertion(tmp_path: Path) -> None:
    body = paragraph(deleted("Moved. ", name="moveFrom") + run("First.")) + paragraph(
        run("Second. ") + inserted("Moved.", name="moveTo")
    )
    document = read(tmp_path, body)
    assert views(document) == ("First.\n\nSecond. Moved.", "Moved. First.\n\nSecond. ")
    assert [c.kind for c in document.changes] == ["deletion", "insertion"]


def test_formatting_changes_are_no_changes(tmp_path: Path) -> None:
    properties = '<w:b/><w:rPrChange w:id="9" w:author="Ann"><w:rPr><w:i/></w:rPr></w:rPrChange>'
    own = '<w:jc w:val="left"/><w:pPrChange w:id="8" w:author="Ann"><w:pPr><w:pStyle w:val="X"/></w:pPr></w:pPrChange>'
    document = read(tmp_path, paragraph(run("Bold now", properties), own))
    assert document.text == "Bold now" and not document.changes


def test_inserted_paragraph_mark_divides_a_paragraph(tmp_path: Path) -> None:
    document = read(tmp_path, paragraph("One. ", mark=mark("ins")) + paragraph("Two.") + paragraph("Three."))
    assert document.text == "One. \n\nTwo.\n\nThree."
    original = original_view(document)
    assert original.text == "One. Two.\n\nThree."
    assert block_texts(document) == ["One.", "Two.", "Three."]
    assert block_texts(original) == ["One. Two.", "Three."]
    assert [(c.kind, c.text, c.author) for c in document.changes] == [("insertion", "\n\n", "Ann")]


def test_deleted_paragraph_mark_joins_two_paragraphs(tmp_path: Path) -> None:
    document = read(tmp_path, paragraph("One ", mark=mark("del", "Bob")) + paragraph("two.") + paragraph("Three."))
    assert views(document) == ("One two.\n\nThree.", "One \n\ntwo.\n\nThree.")
    assert block_texts(document) == ["One two.", "Three."]
    assert block_texts(original_view(document)) == ["One", "two.", "Three."]


def test_a_whole_paragraph_inserted_between_two(tmp_path: Path) -> None:
    body = paragraph("One.") + paragraph(inserted("New."), mark=mark("ins")) + paragraph("Two.")
    document = read(tmp_path, body)
    assert views(document) == ("One.\n\nNew.\n\nTwo.", "One.\n\nTwo.")
    (change,) = document.changes
    assert change.text.strip() == "New."


def test_a_whole_paragraph_deleted_between_two(tmp_path: Path) -> None:
    body = paragraph("One.") + paragraph(deleted("Old."), mark=mark("del", "Bob")) + paragraph("Two.")
    document = read(tmp_path, body)
    assert views(document) == ("One.\n\nTwo.", "One.\n\nOld.\n\nTwo.")
    assert block_texts(document) == ["One.", "Two."]
    assert block_texts(original_view(document)) == ["One.", "Old.", "Two."]


def test_first_and_last_paragraph_deleted_or_inserted(tmp_path: Path) -> None:
    body = paragraph(deleted("Old first."), mark=mark("del")) + paragraph("Kept.") + paragraph(deleted("Old last."))
    document = read(tmp_path, body)
    assert views(document) == ("Kept.", "Old first.\n\nKept.\n\nOld last.")
    body = (
        paragraph(inserted("New first."), mark=mark("ins"))
        + paragraph("Kept.", mark=mark("ins"))
        + paragraph(inserted("New last."))
    )
    document = read(tmp_path, body)
    assert views(document) == ("New first.\n\nKept.\n\nNew last.", "Kept.")


def test_words_deleted_but_paragraph_mark_kept(tmp_path: Path) -> None:
    document = read(tmp_path, paragraph("One.") + paragraph(deleted("Old.")) + paragraph("Two."))
    assert views(document) == ("One.\n\nTwo.", "One.\n\nOld.\n\nTwo.")


def test_rows_inserted_and_deleted(tmp_path: Path) -> None:
    body = paragraph("Prices") + table(
        row(cell("Item"), cell("Fee")),
        row(cell(paragraph(inserted("New"))), cell(paragraph(inserted("$5"))), properties=mark("ins")),
        row(cell(paragraph(deleted("Old"))), cell(paragraph(deleted("$4"))), properties=mark("del", "Bob")),
        row(cell("Last"), cell("$3")),
    )
    document = read(tmp_path, body + paragraph("End"))
    accepted, original = views(document)
    assert accepted == "Prices\n\nItem | Fee\nNew | $5\nLast | $3\n\nEnd"
    assert original == "Prices\n\nItem | Fee\nOld | $4\nLast | $3\n\nEnd"
    assert [b.kind for b in original_view(document).blocks].count("table_row") >= 2


def test_change_within_a_cell(tmp_path: Path) -> None:
    body = table(row(cell("Fee"), cell(paragraph(deleted("$4") + inserted("$5")))))
    assert views(read(tmp_path, body)) == ("Fee | $5", "Fee | $4")


def test_numbers_follow_each_view(tmp_path: Path) -> None:
    numbering = lists(level(0, "decimal", "%1."))
    in_list = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = listed("Term.", 1) + paragraph(deleted("Old."), in_list, mark=mark("del", "Bob")) + listed("Fees.", 1)
    document = read(tmp_path, body, numbering=numbering)
    assert document.text == "1. Term.\n\n2. Fees."
    assert "2. Old." in original_view(document).text
    body = listed("Term.", 1) + paragraph(inserted("New."), in_list, mark=mark("ins")) + listed("Fees.", 1)
    document = read(tmp_path, body, numbering=numbering)
    assert document.text == "1. Term.\n\n2. New.\n\n3. Fees."
    assert original_view(document).text.startswith("1. Term.\n\n") and "New" not in original_view(document).text
    assert [b.number for b in document.blocks] == ["1.", "2.", "3."]


def test_inserted_and_deleted_footnote(tmp_path: Path) -> None:
    reference = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    body = paragraph(run("Text") + inserted(reference))
    document = read(tmp_path, body, footnotes=f'<w:footnote w:id="1">{paragraph("Added note")}</w:footnote>')
    assert views(document) == ("Text\n\n1 Added note", "Text")
    body = paragraph(run("Text") + inserted(reference, name="del"))
    document = read(tmp_path, body, footnotes=f'<w:footnote w:id="1">{paragraph("Removed note")}</w:footnote>')
    assert views(document) == ("Text", "Text\n\nRemoved note")


def test_everything_deleted_is_said(tmp_path: Path) -> None:
    from dsapp.core.errors import InputError

    with pytest.raises(InputError) as caught:
        read(tmp_path, paragraph(deleted("All of it.")))
    assert caught.value.code == "no_text" and "deleted" in caught.value.message


_STATE = st.sampled_from(["kept", "ins", "del"])
_RUNS = st.lists(st.tuples(_STATE, st.sampled_from(["a", "bb", "c d"])), max_size=4)
_PARAGRAPHS = st.lists(st.tuples(_RUNS, _STATE), min_size=1, max_size=6)


def _expected(paragraphs: list, dropped: str) -> list[str]:
    """The paragraphs of the view in which changes of the kind ``dropped`` do not stand."""
    texts, line = [], ""
    for runs, end in paragraphs:
        line += "".join(text for state, text in runs if state != dropped)
        if end != dropped:
            texts.append(line)
            line = ""
    return [text for text in [*texts, line] if text]


@settings(max_examples=150, deadline=None)
@given(_PARAGRAPHS)
def test_both_views_hold_their_paragraphs_whatever_the_changes(
    tmp_path_factory: pytest.TempPathFactory, paragraphs: list
) -> None:
    from dsapp.core.errors import InputError

    make = {"kept": run, "ins": inserted, "del": deleted}
    body = "".join(
        paragraph("".join(make[state](text) for state, text in runs), mark="" if end == "kept" else mark(end))
        for runs, end in paragraphs
    )
    file = write_docx(tmp_path_factory.mktemp("h") / "a.docx", body)
    accepted, original = _expected(paragraphs, "del"), _expected(paragraphs, "ins")
    if not accepted:
        with pytest.raises(InputError):
            read_docx(file, "d")
        return
    document = read_docx(file, "d")
    rejected = original_view(document)
    assert document.text.split("\n\n") == accepted
    assert block_texts(document) == accepted
    assert [text for text in rejected.text.split("\n\n") if text] == original
    assert block_texts(rejected) == original
    assert {change.author for change in document.changes} <= {"Ann", "Bob"}


def test_a_file_saved_again_by_libreoffice_reads_the_same_in_both_views(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui")
    in_list = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = (
        paragraph(run("Pay in ") + deleted("30", "Bob") + inserted("60", "Ann") + run(" days."))
        + listed("Term.", 1)
        + paragraph(inserted("New."), in_list, mark=mark("ins"))
        + paragraph(deleted("Old."), in_list, mark=mark("del", "Bob"))
        + listed("Fees.", 1)
        + paragraph("One. ", mark=mark("ins"))
        + paragraph("Two.")
        + paragraph("Join ", mark=mark("del", "Bob"))
        + paragraph("ed.")
        + table(
            row(cell("Item"), cell("Fee")),
            row(cell(paragraph(inserted("New"))), cell(paragraph(inserted("$5"))), properties=mark("ins")),
            row(cell(paragraph(deleted("Old"))), cell(paragraph(deleted("$4"))), properties=mark("del", "Bob")),
        )
        + paragraph(run("Moved here: ") + inserted("moved text", name="moveTo"))
        + paragraph(deleted("moved text", name="moveFrom") + run("rest."))
    )
    ours = read(tmp_path, body, numbering=lists(level(0, "decimal", "%1.")))
    (tmp_path / "again").mkdir()
    subprocess.run(
        [
            *(office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", "docx", "--outdir", str(tmp_path / "again"), str(tmp_path / "changes.docx")),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    again = read_docx(tmp_path / "again" / "changes.docx", "d")
    assert views(again) == views(ours)
    assert {change.author for change in again.changes} == {"Ann", "Bob"}
