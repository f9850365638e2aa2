import csv
import tracemalloc
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import csv_records, csv_table
from app.shared.csv_lines import MAX_RECORD

PLAIN = csv_table.Dialect(has_header=False)
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(',;"\n\r\t| '), max_size=12)
WESTERN = st.text(st.sampled_from("aé€ü,;\"\n\r\t| '"), max_size=12)


def read(data, **dialect):
    return list(csv_table.rows(BytesIO(data), csv_table.Dialect(**{"has_header": False} | dialect)))


def written(table, delimiter, line_end, quoting):
    text = StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(table)
    return text.getvalue()


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_it_gives_back_every_cell_as_it_was_written(table, delimiter, line_end, encoding):
    data = written(table, delimiter, line_end, csv.QUOTE_ALL).encode(encoding)
    found = read(data, delimiter=delimiter, encoding="utf-16" if encoding == "utf-16" else "utf-8-sig")
    marks = delimiter + '" \t\r\n'
    kept = [cells for cells in table if written([cells], delimiter, "\n", csv.QUOTE_ALL).strip(marks)]
    assert [row.cells for row in found] == kept
    assert all(row.problem is None for row in found)


@given(st.lists(st.lists(WESTERN, min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_it_gives_back_western_text_of_windows(table, delimiter):
    table = [["x", *cells] for cells in table]
    data = written(table, delimiter, "\r\n", csv.QUOTE_ALL).encode("cp1252")
    assert [row.cells for row in read(data, delimiter=delimiter, encoding="cp1252")] == table


def test_it_reads_each_line_in_its_own_encoding():
    data = "1,Zoë\n".encode() + "2,Zoë\n".encode("cp1252") + "3,ज़ोया\n".encode()
    assert [row.cells[1] for row in read(data)] == ["Zoë", "Zoë", "ज़ोया"]


def test_it_numbers_rows_as_a_spreadsheet_does():
    data = b'Phone,Note\n\n1,"two\nlines"\n,,\n2,b\n'
    found = read(data, has_header=True, columns=["Phone", "Note"])
    assert [(row.number, row.cells) for row in found] == [(3, ["1", "two\nlines"]), (5, ["2", "b"])]


def test_it_keeps_the_original_text():
    data = b'1,"two\r\nlines"\r\n2, "a ""b"""\r\n'
    assert [row.raw for row in read(data)] == ['1,"two\r\nlines"', '2, "a ""b"""']


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_counts_the_bytes_it_has_read(encoding):
    data = "sep=;\r\n1;é\r\n2;é".encode(encoding)
    found = read(data, delimiter=";", encoding="utf-8-sig" if "8" in encoding else encoding)
    assert found[0].end_byte < found[1].end_byte == len(data)


def test_it_joins_a_line_end_cut_between_two_reads():
    data = b"x" * 65_534 + b"\r\n" + b"b\r\n"
    assert [row.number for row in read(data)] == [1, 2]
    data = b"x" * 65_535 + b"\r\n" + b"b\r\n"
    assert [row.number for row in read(data)] == [1, 2]


def test_it_resumes_after_a_row():
    data = b"Phone\n" + b"".join(b"%d\n" % number for number in range(50))
    dialect = csv_table.Dialect(columns=["Phone"])
    whole = list(csv_table.rows(BytesIO(data), dialect))
    assert list(csv_table.rows(BytesIO(data), dialect, skip_rows=20)) == whole[19:]
    assert whole[19].number == 21


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"1,2,3\n", "3 cells, but there are only 2 columns"),
        (b"1,\x00\n", "holds binary data"),
        (b"1," + b"x" * 40_000 + b"\n", "a cell is longer than 32 KB"),
        (b"1" + b"," * 300 + b"\n", "more than 200 columns"),
        (b"1," + b"x" * 3 * MAX_RECORD + b"\n", "longer than 256 KB"),
        (b'1,"x\n', "a quotation mark is not closed, or not within 100 lines"),
    ],
)
def test_it_reports_a_damaged_row_and_goes_on(data, problem):
    found = read(b"0,a\n" + data + b"9,z\n" * 300, columns=["a", "b"])
    assert [row.problem for row in found[:3]] == [None, problem, None]
    assert len(found) == 302
    assert len(found[1].raw) <= 4000
    assert "\0" not in found[1].raw


def test_it_fills_missing_cells_and_drops_empty_extra_ones():
    assert [row.cells for row in read(b"1\n1,2,,\n", columns=["a", "b"])] == [["1", ""], ["1", "2"]]


def test_it_finds_a_stray_quote_that_a_later_quote_seems_to_close():
    data = b'1,"Ravi\n2,Sita\n3,"Gita"\n4,x\n'
    found = read(data, columns=["a", "b"])
    assert [(row.number, bool(row.problem)) for row in found] == [(1, True), (2, False), (3, False), (4, False)]


def test_it_finds_a_quote_still_open_at_the_end():
    found = read(b'1,a\n2,"b\n3,c\n')
    assert [(row.cells, bool(row.problem)) for row in found] == [(["1", "a"], False), ([], True), (["3", "c"], False)]
    assert found[-1].end_byte == len(b'1,a\n2,"b\n3,c\n')


class Endless:
    """A file of many megabytes that is never in memory."""

    def __init__(self, start, chunk, times):
        self.pieces = iter([start] + [chunk] * times)

    def read(self, size):
        return next(self.pieces, b"")


@pytest.mark.parametrize("chunk", [b"x" * 65_536, (b"x" * 510 + b",\n") * 128, b'"",' * 21_845])
def test_it_keeps_memory_small_when_a_quote_is_never_closed(chunk):
    stream = Endless(b'1,"', chunk, 20_000_000 // 65_536)
    tracemalloc.start()
    damaged = sum(bool(row.problem) for row in csv_table.rows(stream, PLAIN))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert damaged >= 1
    assert peak < 4_000_000


def test_it_does_not_lose_itself_where_every_line_opens_a_quote():
    found = read(b'a"b,"\n' * 500)
    assert [row.number for row in found] == list(range(1, 501))
    assert all(row.problem for row in found)


@given(st.binary(max_size=400))
def test_it_never_fails_and_never_goes_back(data):
    ends = [0] + [row.end_byte for row in read(data, columns=["a", "b"])]
    assert ends == sorted(ends)
    assert ends[-1] <= len(data)


def test_it_gives_up_where_only_blank_rows_go_on(monkeypatch):
    monkeypatch.setattr(csv_records, "MOST_BLANK", 10)
    data = b"9812345678,x\n" + b",\n" * 10 + b"9812345679,x\n"
    assert [row.number for row in read(data)] == [1, 12]
    with pytest.raises(csv_table.Unreadable, match="From row 13 on there are only blank rows"):
        read(data + b",\n" * 11)
