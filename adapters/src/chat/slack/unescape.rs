//! What people wrote in Slack, as plain text.

/// Slack's markup as the words that people see, without the first mention of the bot itself. `own` is the bot's id; where
/// it is not known, a mention at the very start is taken for it.
pub(super) fn plain_words(text: &str, own: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut own_seen = false;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            break;
        };
        let (target, label) = match inside.split_once('|') {
            Some((target, label)) => (target, Some(label)),
            None => (inside, None),
        };
        let is_own = target.strip_prefix('@').is_some_and(|id| match own {
            Some(own) => id == own,
            None => out.trim().is_empty(),
        });
        if is_own && !own_seen {
            own_seen = true;
        } else {
            out.push_str(&words_of(target, label));
        }
        rest = behind;
    }
    out.push_str(rest);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").trim().to_owned()
}

/// What one `<…>` shows.
fn words_of(target: &str, label: Option<&str>) -> String {
    if let Some(person) = target.strip_prefix('@') {
        return format!("@{}", label.unwrap_or(person));
    }
    if let Some(channel) = target.strip_prefix('#') {
        return format!("#{}", label.filter(|label| !label.is_empty()).unwrap_or(channel));
    }
    if let Some(special) = target.strip_prefix('!') {
        let word = special.split('^').next().unwrap_or(special);
        return label.map_or_else(|| format!("@{word}"), str::to_owned);
    }
    let address = target.strip_prefix("mailto:").unwrap_or(target);
    match label {
        // Slack links `ci.example.org` by itself and labels it with what was typed.
        Some(label) if !label.is_empty() && !address.contains(label) => format!("{label} ({address})"),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_words() {
        let said = "<@UBOT> why did <https://ci.example/r/1?a=1&amp;b=2> fail on <#C1|payments>, <@U2|ada>? 1 &lt; 2 <!here>";
        assert_eq!(
            plain_words(said, Some("UBOT")),
            "why did https://ci.example/r/1?a=1&b=2 fail on #payments, @ada? 1 < 2 @here"
        );
        assert_eq!(
            plain_words("see <https://x.example|the run> <http://y.example|y.example>", None),
            "see the run (https://x.example) http://y.example"
        );
        assert_eq!(plain_words("<!subteam^S1|@owners> <!date^1^{date}|today>", None), "@owners today");
    }

    #[test]
    fn only_the_bot_is_left_out_and_only_once() {
        assert_eq!(plain_words("<@U2> ask <@UBOT> or <@UBOT>", Some("UBOT")), "@U2 ask  or @UBOT");
        assert_eq!(plain_words("<@UX> hello <@UX>", None), "hello @UX");
        assert_eq!(plain_words("a < b <@U2", None), "a < b <@U2");
    }

    #[test]
    fn an_escape_is_undone_once() {
        assert_eq!(plain_words("&amp;lt;", None), "&lt;");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".*", own in proptest::option::of("U[A-Z]{3}")) {
            plain_words(&text, own.as_deref());
        }
    }
}
