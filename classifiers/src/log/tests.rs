use super::*;
use proptest::prelude::*;

fn clean(raw: &[u8]) -> Vec<String> {
    let (mut lines, mut marks, mut cleaner) = (Lines::default(), Marks::default(), Cleaner::default());
    cleaner.push(raw, &mut lines, &mut marks);
    cleaner.finish(&mut lines, &mut marks);
    lines.all().map(|(_, line)| String::from_utf8_lossy(line).into_owned()).collect()
}

#[test]
fn prefixes_and_codes_are_taken_off() {
    let cases = [
        ("2026-01-31T12:00:00.1234567Z \u{1b}[31merror\u{1b}[0m: x", "error: x"),
        ("\u{feff}2026-01-31T12:00:00.1234567Z   indented", "  indented"),
        ("2026-01-31T12:00:00.123456Z 01E error: x", "error: x"),
        ("2026-01-31T12:00:00Z", ""),
        ("[2026-01-31T12:00:00.000Z] + make", "+ make"),
        ("12:00:00  + make", "+ make"),
        ("2026-01-31 12:00:00.000001 | controller | fatal: no", "fatal: no"),
        ("2026-01-31 12:00:00 ERROR app", "2026-01-31 12:00:00 ERROR app"),
        ("build (1)\tRun tests\t2026-01-31T12:00:00.1234567Z FAIL", "FAIL"),
        ("\u{1b}_bk;t=1795441536713\u{7}--- tests", "--- tests"),
        ("\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
        ("10%\r50%\r100% done\r", "100% done"),
        ("gone\r\u{1b}[Kerror: kept\r\r", "error: kept"),
        ("abx\u{8}c", "abc"),
        ("a\0b\u{7}c", "abc"),
        ("^[[1m^[[31merror^[[0m: x^[[K", "error: x"),
        ("[31merror[0m: took [5m]", "error: took [5m]"),
        ("waited [10m30s] of a[0] ^ b", "waited [10m30s] of a[0] ^ b"),
        ("\u{1b}[", ""),
        ("\u{1b}]never ended", "never ended"),
    ];
    for (raw, want) in cases {
        assert_eq!(clean_line(raw), want, "{raw:?}");
    }
}

#[test]
fn a_long_line_is_cut_and_the_next_one_is_whole() {
    let mut raw = vec![b'x'; 10 << 20];
    raw.extend_from_slice(b"\nnext\n");
    let lines = clean(&raw);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].len(), LINE_CAP);
    assert_eq!(lines[1], "next");
}

proptest! {
    #[test]
    fn the_number_of_lines_is_kept(raw in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0x1b), Just(b'['), any::<u8>()], 0..400)) {
        let newlines = memchr::memchr_iter(b'\n', &raw).count();
        let open_end = !raw.is_empty() && raw.last() != Some(&b'\n');
        prop_assert_eq!(clean(&raw).len(), newlines + usize::from(open_end));
    }

    #[test]
    fn chunks_do_not_matter(raw in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..400), size in 1_usize..40) {
        let (mut lines, mut marks, mut cleaner) = (Lines::default(), Marks::default(), Cleaner::default());
        for chunk in raw.chunks(size) {
            cleaner.push(chunk, &mut lines, &mut marks);
        }
        cleaner.finish(&mut lines, &mut marks);
        let pieces: Vec<String> = lines.all().map(|(_, line)| String::from_utf8_lossy(line).into_owned()).collect();
        prop_assert_eq!(pieces, clean(&raw));
    }
}
