"""What a reader of a DOCX sees is what the Document says: structure, notes, comments, what is left out."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx_files import W, cell, deleted, paragraph, row, run, table, write_docx

from dsapp.finance.reading.docx import read_docx


def blocks_of(document):
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_paragraphs_are_separated_by_one_blank_line_and_each_is_a_block(tmp_path: Path) -> None:
    body = paragraph("One  two.") + paragraph("") + paragraph(run("Three ") + run("four.")) + paragraph("Last")
    document = read_docx(write_docx(tmp_path / "a.docx", body), "d")
    assert document.text == "One two.\n\nThree four.\n\nLast"
    assert [document.text[b.start : b.end] for b in document.blocks] == ["One two.", "Three four.", "Last"]
    assert document.format == "docx" and document.digest == "d" and document.num_pages is None


def test_every_character_knows_its_paragraph_and_offset(tmp_path: Path) -> None:
    body = paragraph("Zero") + paragraph("") + paragraph(run("a  b ") + deleted("gone ") + run("here"))
    document = read_docx(write_docx(tmp_path / "a.docx", body), "d")
    at = document.text.index("here")
    (place,) = document.places.of(at + 1, at + 3)
    # The offset counts every character of the paragraph in the file: both spaces and the deleted word.
    assert (place.paragraph, place.offset) == (2, len("a  b gone ") + 1)
    (place,) = document.places.of(document.text.index("b "), document.text.index("b ") + 1)
    assert (place.paragraph, place.offset) == (2, 3)


def test_headings_by_style_outline_level_and_localised_names(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="T2"><w:name w:val="Titre 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Clause title"/><w:basedOn w:val="berschrift1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Out"><w:name w:val="Outline"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    )
    body = "".join(paragraph(f"Under {s}", f'<w:pStyle w:val="{s}"/>') for s in ("berschrift1", "T2", "Own", "Out"))
    body += (
        paragraph("Direct", '<w:outlineLvl w:val="3"/>')
        + paragraph("Text")
        + paragraph("x", '<w:outlineLvl w:val="9"/>')
    )
    body += paragraph("A whole clause set in a heading style. " * 8, '<w:pStyle w:val="berschrift1"/>')
    document = read_docx(write_docx(tmp_path / "a.docx", body, styles=styles), "d")
    assert [(b.kind, b.level) for b in document.blocks] == [
        ("heading", 1),
        ("heading", 2),
        ("heading", 1),
        ("heading", 3),
        ("heading", 4),
        ("paragraph", None),
        ("paragraph", None),
        ("paragraph", 1),
    ]


def test_python_docx_file_reads_with_headings_lists_and_properties(tmp_path: Path) -> None:
    made = docx.Document()
    made.core_properties.title = "Master Services Agreement"
    made.add_heading("Services", level=1)
    made.add_paragraph("The Supplier performs.")
    made.add_paragraph("first", style="List Number")
    made.add_paragraph("second", style="List Number")
    made.add_paragraph("point", style="List Bullet")
    made.save(str(tmp_path / "m.docx"))
    document = read_docx(tmp_path / "m.docx", "d")
    assert blocks_of(document) == [
        ("heading", "Services"),
        ("paragraph", "The Supplier performs."),
        ("list_item", "1. first"),
        ("list_item", "2. second"),
        ("list_item", "• point"),
    ]
    assert [b.number for b in document.blocks] == ["", "", "1.", "2.", ""]
    assert document.metadata["title"] == "Master Services Agreement"


def test_table_rows_are_lines_of_cells_with_merged_cells_once(tmp_path: Path) -> None:
    merged, restart = "<w:vMerge/>", '<w:vMerge w:val="restart"/>'
    body = paragraph("Prices") + table(
        row(cell("Item"), cell("Fee"), cell("Note")),
        row(cell("Support", properties=restart), cell("$100"), cell()),
        row(cell("Support", properties=merged), cell(), cell("per", "month")),
        row(cell("Total", properties='<w:gridSpan w:val="3"/>')),
    )
    document = read_docx(write_docx(tmp_path / "a.docx", body + paragraph("After")), "d")
    assert document.text == "Prices\n\nItem | Fee | Note\nSupport | $100\n| | per month\nTotal\n\nAfter"
    assert [b.kind for b in document.blocks] == ["paragraph", *["table_row"] * 4, "paragraph"]


def test_layout_tables_and_nested_tables_are_read_cell_by_cell(tmp_path: Path) -> None:
    inner = table(row(cell("a"), cell("b")))
    body = table(
        row(cell("By: ____", "Name: A", "Title: CEO"), cell("By: ____", "Name: B", "Title: CFO")),
        row(cell("Left", inner, "<w:p/>"), cell("Right")),
    )
    document = read_docx(write_docx(tmp_path / "a.docx", body + paragraph("end")), "d")
    assert document.text.split("\n\n") == [
        *("By: ____", "Name: A", "Title: CEO", "By: ____", "Name: B", "Title: CFO"),
        *("Left", "a | b", "Right", "end"),
    ]


def test_text_box_is_read_once_after_its_paragraph(tmp_path: Path) -> None:
    box = paragraph("Inside the box")
    body = paragraph(
        run("Anchor ")
        + f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp>'
        f"<wps:txbx><w:txbxContent>{box}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor>"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox>"
        "</w:pict></mc:Fallback></mc:AlternateContent></w:r>" + run("goes on")
    )
    document = read_docx(write_docx(tmp_path / "a.docx", body + paragraph("Next")), "d")
    assert document.text == "Anchor goes on\n\nInside the box\n\nNext"


def test_fields_show_their_result_and_an_unclosed_field_loses_nothing(tmp_path: Path) -> None:
    def char(kind):
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    field = (
        char("begin") + "<w:r><w:instrText> REF x </w:instrText></w:r>" + char("separate") + run("9.2") + char("end")
    )
    simple = '<w:fldSimple w:instr="DATE">' + run("1 May") + "</w:fldSimple>"
    document = read_docx(write_docx(tmp_path / "a.docx", paragraph(run("See ") + field + run(" on ") + simple)), "d")
    assert document.text == "See 9.2 on 1 May"
    broken = paragraph(run("Before ") + char("begin") + run("words")) + paragraph("after")
    document = read_docx(write_docx(tmp_path / "b.docx", broken), "d")
    assert document.text == "Before words\n\nafter"
    assert any("field" in note for note in document.notes)


def test_form_fields_symbols_tabs_breaks_and_invisible_characters(tmp_path: Path) -> None:
    tick = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>'
    tick += '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    body = paragraph(tick + run(" yes") + '<w:r><w:sym w:font="Wingdings" w:char="F0A8"/><w:tab/><w:t>no</w:t></w:r>')
    body += paragraph("<w:r><w:t>Line one</w:t><w:br/><w:t>non</w:t><w:noBreakHyphen/><w:t>compete</w:t></w:r>")
    body += paragraph(run("sup\u00adplier\u200b pays\u00a05\u2009%") + "<w:r><w:softHyphen/></w:r>")
    document = read_docx(write_docx(tmp_path / "a.docx", body), "d")
    assert document.text == "☒ yes☐ no\n\nLine one\nnon-compete\n\nsupplier pays 5 %"


def test_links_controls_and_smart_tags_keep_their_text(tmp_path: Path) -> None:
    body = paragraph(
        f"<w:hyperlink>{run('link ')}</w:hyperlink><w:smartTag>{run('tag ')}</w:smartTag>"
        f"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{run('control')}</w:sdtContent></w:sdt>"
    )
    body += f"<w:sdt><w:sdtContent>{paragraph('block control')}</w:sdtContent></w:sdt>"
    body += paragraph(f"<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>{run(' due')}")
    document = read_docx(write_docx(tmp_path / "a.docx", body), "d")
    assert document.text == "link tag control\n\nblock control\n\na+b due"
    assert any("formula" in note for note in document.notes)


def test_hidden_text_is_left_out_and_counted(tmp_path: Path) -> None:
    styles = '<w:style w:type="character" w:styleId="H"><w:name w:val="Ghost"/><w:rPr><w:vanish/></w:rPr></w:style>'
    body = paragraph(
        run("Shown. ")
        + run("Hidden.", "<w:vanish/>")
        + run("Styled.", '<w:rStyle w:val="H"/>')
        + run("Back.", '<w:rStyle w:val="H"/><w:vanish w:val="0"/>')
    )
    document = read_docx(write_docx(tmp_path / "a.docx", body, styles=styles), "d")
    assert document.text == "Shown. Back."
    assert document.removed["hidden text"] == 2
    assert any("hidden" in note for note in document.notes)


def test_style_separator_puts_heading_and_clause_on_one_line(tmp_path: Path) -> None:
    body = paragraph("Fees.", '<w:outlineLvl w:val="1"/>', mark="<w:vanish/><w:specVanish/>") + paragraph(
        " The fees are due."
    )
    document = read_docx(write_docx(tmp_path / "a.docx", body), "d")
    assert document.text == "Fees. The fees are due."
    assert document.blocks[0].level == 2


def test_footnotes_and_endnotes_follow_the_body_in_order_of_reference(tmp_path: Path) -> None:
    def note(kind, number, text):
        return f'<w:{kind} w:id="{number}">{paragraph(text)}</w:{kind}>'

    footnotes = '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>' + note("footnote", 2, "second")
    footnotes += note("footnote", 1, "first") + note("footnote", 9, "never referred to")
    body = paragraph(
        run("A")
        + '<w:r><w:footnoteReference w:id="1"/></w:r>'
        + run(" B")
        + '<w:r><w:footnoteReference w:id="2"/></w:r>'
        + '<w:r><w:endnoteReference w:id="5"/></w:r>'
    )
    file = write_docx(tmp_path / "a.docx", body, footnotes=footnotes, endnotes=note("endnote", 5, "last"))
    document = read_docx(file, "d")
    assert document.text == "A B\n\n1 first\n\n2 second\n\ni last"
    assert [b.kind for b in document.blocks] == ["paragraph", "footnote", "footnote", "footnote"]


def test_headers_and_footers_are_kept_aside(tmp_path: Path) -> None:
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rPart0"/><w:footerReference r:id="rPart1"/></w:sectPr>'
    )
    file = write_docx(
        tmp_path / "a.docx", paragraph("Body") + section, header1=paragraph("Acme draft"), footer1=paragraph("Page 1")
    )
    document = read_docx(file, "d")
    assert document.text == "Body"
    assert document.metadata["furniture"] == ("Acme draft", "Page 1")
    assert document.removed == {"header or footer": 2}


def test_comments_stand_on_their_range(tmp_path: Path) -> None:
    comments = f'<w:comment w:id="7" w:author="Cy" w:date="2026-05-01T00:00:00Z">{paragraph("Too long?")}</w:comment>'
    comments += f'<w:comment w:id="8" w:author="Cy">{paragraph("Both clauses")}</w:comment>'
    body = paragraph(
        run("Notice of ")
        + '<w:commentRangeStart w:id="7"/>'
        + run("ninety days")
        + '<w:commentRangeEnd w:id="7"/>'
        + '<w:r><w:commentReference w:id="7"/></w:r>'
        + run(" applies.")
    )
    body += (
        '<w:commentRangeStart w:id="8"/>' + paragraph("Second.") + paragraph("Third.") + '<w:commentRangeEnd w:id="8"/>'
    )
    document = read_docx(write_docx(tmp_path / "a.docx", body, comments=comments), "d")
    first, second = document.comments
    assert document.text[first.start : first.end] == "ninety days"
    assert (first.author, first.date, first.text) == ("Cy", "2026-05-01T00:00:00Z", "Too long?")
    assert document.text[second.start : second.end] == "Second.\n\nThird."


def test_what_cannot_be_read_is_listed(tmp_path: Path) -> None:
    relations = '<Relationship Id="rOle" Type="x/oleObject" Target="embeddings/oleObject1.bin"/>'
    relations += '<Relationship Id="rAlt" Type="x/aFChunk" Target="chunk.html"/>'
    large = '<w:drawing><wp:inline><wp:extent cx="5486400" cy="7000000"/><a:graphic><a:graphicData><pic:pic/></a:graphicData>'
    large += "</a:graphic></wp:inline></w:drawing>"
    small = large.replace("5486400", "900000")
    body = paragraph(
        run("Text")
        + '<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12" r:id="rOle"/></w:object></w:r>'
        + f"<w:r>{large}{small}</w:r>"
    )
    body += '<w:altChunk r:id="rAlt"/>'
    file = write_docx(tmp_path / "a.docx", body, relations=relations, members={"word/vbaProject.bin": b"x"})
    document = read_docx(file, "d")
    assert [unread.code for unread in document.unread] == ["embedded", "picture", "inserted_file"]
    assert "oleObject1.bin" in document.unread[0].where and "Excel" in document.unread[0].where
    assert any("macros" in note for note in document.notes)


def test_strict_namespaces_read_the_same(tmp_path: Path) -> None:
    body = paragraph("Strict text") + table(row(cell("a"), cell("b")))
    file = write_docx(tmp_path / "a.docx", body)
    import zipfile

    strict = tmp_path / "strict.docx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(strict, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
            content = content.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            new.writestr(name, content)
    assert read_docx(strict, "d").text == read_docx(file, "d").text == "Strict text\n\na | b"


def test_right_to_left_and_emoji_text_is_kept(tmp_path: Path) -> None:
    words = "הסכם שירותים 👩‍⚖️ عقد"
    document = read_docx(write_docx(tmp_path / "a.docx", paragraph(words)), "d")
    assert document.text == words


@pytest.mark.parametrize("text", ["", "   "])
def test_a_document_without_text_says_so(tmp_path: Path, text: str) -> None:
    from dsapp.core.errors import InputError

    with pytest.raises(InputError) as caught:
        read_docx(write_docx(tmp_path / "a.docx", paragraph(text)), "d")
    assert caught.value.code == "no_text" and caught.value.remedy
