"""Files of a case on the site: handed in with a note, sent to be saved."""

import io

PDF = b"%PDF-1.7 receipt"
NOTES = "/desk/cases/370702-2026-0001/notes"


def form(content, name="回单.pdf"):
    return {"reason": "已电话核实", "files": (io.BytesIO(content), name)}


def test_a_note_with_a_file_stands_in_the_case_and_the_file_is_sent_to_be_saved(as_user, open_case):
    open_case(1)
    officer = as_user("officer")
    page = officer.post(NOTES, data=form(PDF), follow_redirects=True).text
    assert "已电话核实" in page
    assert 'href="/desk/cases/370702-2026-0001/files/1">回单.pdf</a>' in page
    answer = officer.get("/desk/cases/370702-2026-0001/files/1")
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_note_and_its_file_are_not_the_institutions(as_user, open_case):
    open_case(1)
    as_user("officer").post(NOTES, data=form(PDF))
    school = as_user("luzhi")
    page = school.get("/own/cases/370702-2026-0001").text
    assert "已电话核实" not in page
    assert "回单.pdf" not in page
    assert school.get("/own/cases/370702-2026-0001/files/1").status_code == 404


def test_a_program_is_refused_and_nothing_of_the_note_is_kept(as_user, open_case):
    open_case(1)
    officer = as_user("officer")
    answer = officer.post(NOTES, data=form(b"MZ\x90", "回单.pdf"))
    assert answer.status_code == 400
    assert "ATTACHMENT-TYPE" in answer.text
    assert "已电话核实" not in officer.get("/desk/cases/370702-2026-0001").text


def test_a_looker_on_writes_no_note(as_user, open_case):
    open_case(1)
    viewer = as_user("viewer")
    assert viewer.post(NOTES, data=form(PDF)).status_code == 403
    assert NOTES not in viewer.get("/desk/cases/370702-2026-0001").text
