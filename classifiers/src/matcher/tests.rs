use super::*;
use proptest::prelude::*;

fn texts(source: &str) -> Option<Vec<String>> {
    let mut texts: Vec<String> = required(source)?
        .sets
        .remove(0)
        .into_iter()
        .map(|text| format!("{}{}", String::from_utf8_lossy(&text.bytes), if text.fold { "/i" } else { "" }))
        .collect();
    texts.sort();
    Some(texts)
}

#[test]
fn the_required_text_is_found_inside_expressions() {
    let cases: [(&str, Option<&[&str]>); 14] = [
        (r"^error\[(?P<code>E\d{4})\]: (?P<message>.+)$", Some(&["error[E"])),
        (r"^(?:npm error |npm ERR! )code (?P<code>E\w+)", Some(&["npm ERR! code E", "npm error code E"])),
        (r"(?i)out of memory", Some(&["out of memory/i"])),
        (r"^\d+ passed, (?P<n>\d+) failed", Some(&[" passed, "])),
        (r"^(?P<file>\S+):\d+: (?:fatal )?error: ", Some(&[": error: ", ": fatal error: "])),
        (r"^\s+✗ ", Some(&["✗ "])),
        (r"foo|barbaz", Some(&["barbaz", "foo"])),
        // The rarest text, not the longest; what alternatives begin and end with; an optional part.
        (r"error (?:MSB\d+|WIX\d+): ", Some(&["error MSB", "error WIX"])),
        (r"(?:\d+ab|\d+cd)(?:efgh|ijkl)\d", Some(&["abefgh", "abijkl", "cdefgh", "cdijkl"])),
        (r"^error: .+ zyzzyva", Some(&[" zyzzyva"])),
        (r"error .*GHSA-[\w-]+", Some(&["GHSA-"])),
        (r"zyzzyvas? froze", Some(&["zyzzyva froze", "zyzzyvas froze"])),
        (r"^\S+ \d+$", None),
        (r"a?b+", None),
    ];
    for (source, want) in cases {
        let want = want.map(|want| want.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(texts(source), want, "{source}");
    }
}

proptest! {
    /// The search finds exactly what a naive search finds.
    #[test]
    fn every_text_is_found_wherever_it_stands(
        words in prop::collection::vec("[abAB ]{3,9}", 1..80),
        fold in any::<bool>(),
        text in "[abAB \n]{0,200}",
    ) {
        let literals: Vec<Literal> = words
            .iter()
            .map(|word| Literal { bytes: if fold { word.to_ascii_lowercase() } else { word.clone() }.into_bytes(), fold })
            .collect();
        let matcher = Matcher::new(literals.iter().enumerate().map(|(at, text)| (Target::Rule(at), vec![vec![text.clone()]])));
        let mut found = vec![false; words.len()];
        matcher.scan(None, text.as_bytes(), |_, target| found[target as usize] = true);
        let mut frequency = Matcher::frequency();
        frequency.learn(text.as_bytes(), 1);
        let mut tuned = vec![false; words.len()];
        let search = matcher.tuned(&frequency, |_| true);
        matcher.scan(Some(&search), text.as_bytes(), |_, target| tuned[target as usize] = true);
        prop_assert_eq!(&tuned, &found);
        for (at, literal) in literals.iter().enumerate() {
            let there = text.as_bytes().windows(literal.bytes.len()).any(|part| {
                if fold { part.eq_ignore_ascii_case(&literal.bytes) } else { part == literal.bytes }
            });
            prop_assert_eq!(found[at], there, "{:?}", literal);
        }
    }
}
