"""Files that hold no cross sections are named, with what to do."""

import gzip
import io
import zipfile

import pytest

from swarmhydra.gas import files
from swarmhydra.gas.tables import TableError

OUTPUT = "BOLSIG+ Version 12/2019\n\nE/N (Td)\tMean energy (eV)\n 1.0\t0.5\n 2.0\t0.7\n"


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("N2.txt", "ELASTIC")
    return content.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (archive(), "a zip archive .*: unpack it"),
        (gzip.compress(b"ELASTIC", mtime=0), "a gzip archive; expected text: unpack it"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<?xml version='1.0'?>\n<lxcat/>\n", "XML; .*download the set from www.lxcat.net"),
        (b"\n<!DOCTYPE html>\n<html></html>", "a page of the web"),
        (OUTPUT.encode(), "results of BOLSIG.*expected the file of cross sections"),
        (b"Rar!\x1a\x07", "a RAR archive; expected text: unpack it"),
        (b"\xfd7zXZ\x00", "an xz archive"),
        (b"X.txt".ljust(257, b"\0") + b"ustar\x0000", "a tar archive"),
        (b"{\\rtf1 ELASTIC}", "a document in rich text; .*save it as that"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a document of an office program"),
        (b"# mine\n0.1 1e-20\n1.0 2e-20\n", "two columns of numbers.*kind, target"),
        (b"Energy Sigma\n0.1 1e-20\n1.0 2e-20\n", "two columns of numbers"),
        (b"0.1;1e-20\n1.0;2e-20\n", "two columns of numbers"),
        (b"E,el,inel\n0.1,1e-20,0\n1.0,2e-20,0\n", "several columns of numbers"),
        (b"Some text\nand more\n", "no process; expected one of ELASTIC"),
        (b"ELASTIC\0\0", "a control character; expected plain text"),
        (b"", "no process"),
    ],
)
def test_what_a_file_is_and_what_to_do_is_said_in_one_line(data, words):
    with pytest.raises(TableError, match=rf"^some\.dat, line \d+: {words}") as refused:
        files.parse(data, "some.dat")
    assert "\n" not in str(refused.value)
