//! Sentences with `{name}` places.

/// The names of the places in a template.
pub(crate) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        is_name(name).then_some(name)
    })
}

/// The template with its places filled; a group that did not take part leaves its place empty, and a part in brackets
/// that has such a place is left out. The result is one line without doubled blanks.
pub(crate) fn fill(template: &str, groups: &[(String, String)]) -> String {
    let mut out = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, part, after)) = bracketed(rest) {
        out.push_str(&places(before, groups));
        let filled = |name: &str| groups.iter().any(|(group, value)| group == name && !value.is_empty());
        if placeholders(part).all(filled) {
            out.push_str(&places(part, groups));
        }
        rest = after;
    }
    out.push_str(&places(rest, groups));
    out.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches([':', ',', ' ']).to_owned()
}

/// What stands before, in and behind the first brackets that hold a place; other brackets are text.
fn bracketed(template: &str) -> Option<(&str, &str, &str)> {
    template.match_indices('[').find_map(|(start, _)| {
        let end = start + template[start..].find(']')?;
        let part = &template[start + 1..end];
        placeholders(part).next()?;
        Some((&template[..start], part, &template[end + 1..]))
    })
}

fn places(template: &str, groups: &[(String, String)]) -> String {
    let mut out = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        match behind.split_once('}') {
            Some((name, after)) if is_name(name) => {
                if let Some((_, value)) = groups.iter().find(|(group, _)| group == name) {
                    out.push_str(value.trim());
                }
                rest = after;
            }
            _ => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_empty_ones_leave_no_trace() {
        let groups = [("code".to_owned(), "E0308".to_owned())];
        assert_eq!(fill("rustc says {code}: {message}", &groups), "rustc says E0308");
        assert_eq!(fill("a {} b {not closed", &groups), "a {} b {not closed");
        let both = [("got".to_owned(), "2 ".to_owned()), ("want".to_owned(), "3".to_owned())];
        assert_eq!(
            fill("sum fails[ (want {want}, got {got})], see [1]", &both),
            "sum fails (want 3, got 2), see [1]"
        );
        assert_eq!(fill("sum fails[ (want {want}, got {got})]", &both[..1]), "sum fails");
        assert_eq!(placeholders("{a} {} {b_2} {c d}").collect::<Vec<_>>(), ["a", "b_2"]);
    }
}
