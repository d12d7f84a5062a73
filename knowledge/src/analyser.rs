//! Cuts text into the terms that are indexed and searched.
//!
//! Made for the words of failed builds. `ORA-00942`, `ERR_SSL_PROTOCOL_ERROR`, `NullPointerException` and
//! `registry.acme.example` are found whole and by their parts; prose is found by its stems; a few synonyms meet
//! (see [`crate::synonyms`]); words that carry no meaning are left out.

use tantivy::tokenizer::{Language, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer};

use crate::synonyms;

/// The name under which the analyser is registered with the index.
pub(crate) const NAME: &str = "build-words";

/// A term longer than this is a hash, a blob or a line of dashes.
const MAX_TERM_BYTES: usize = 64;

/// The analyser for every text field.
pub(crate) fn analyser() -> TextAnalyzer {
    TextAnalyzer::builder(BuildWords).filter(Stemmer::new(Language::English)).build()
}

/// The terms of a text, in order, repeats included.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut analyser = analyser();
    let mut stream = analyser.token_stream(text);
    while let Some(token) = stream.next() {
        terms.push(token.text.clone());
    }
    terms
}

/// Words that say nothing about a failure: the grammar of sentences, and the shell of questions.
#[rustfmt::skip]
const STOP_WORDS: [&str; 94] = [
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "being", "but", "by", "can", "cant", "could", "did", "do", "does", "doesnt", "doing", "dont", "for", "from",
    "get", "got", "had", "has", "have", "help", "her", "his", "how", "i", "if", "im", "in", "into", "is", "isnt", "it", "its",
    "just", "know", "like", "me", "my", "need", "not", "of", "on", "or", "our", "please", "should", "so", "some", "someone",
    "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "was", "we", "were",
    "what", "whats", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your", "keep", "anyone",
];

/// Splits into lower-case words; keeps names with inner punctuation or capitals whole as well.
#[derive(Clone)]
struct BuildWords;

impl Tokenizer for BuildWords {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        Tokens { tokens: tokens(text), next: 0 }
    }
}

struct Tokens {
    tokens: Vec<Token>,
    /// One past the current token.
    next: usize,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

/// One plain word, lower case, and where it stands.
struct Word {
    text: String,
    from: usize,
    to: usize,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut words = Vec::new();
    let mut wholes = Vec::new();
    for (from, name) in names(text) {
        let position = words.len();
        split_name(name, from, &mut words);
        let whole = lower(name);
        if words.len() > position + 1 || words.get(position).is_some_and(|word| word.text != whole) {
            wholes.push((position, Word { text: whole, from, to: from + name.len() }));
        }
    }

    let mut tokens = Vec::with_capacity(words.len() + wholes.len());
    let mut wholes = wholes.into_iter().peekable();
    for (position, word) in words.iter().enumerate() {
        while let Some((_, whole)) = wholes.next_if(|(at, _)| *at <= position) {
            push(&mut tokens, &whole, position, synonyms::of_word(&whole.text));
        }
        push(&mut tokens, word, position, synonyms::of_word(&word.text));
        if let Some(meanings) = synonyms::of_phrase(&words[position..].iter().map(|word| word.text.as_str()))
        {
            push(&mut tokens, word, position, Some(meanings));
        }
    }
    tokens
}

fn push(tokens: &mut Vec<Token>, word: &Word, position: usize, meanings: Option<&[&str]>) {
    for text in meanings.unwrap_or(&[&word.text]) {
        push_text(tokens, text, word, position);
    }
}

fn push_text(tokens: &mut Vec<Token>, text: &str, word: &Word, position: usize) {
    if text.len() > MAX_TERM_BYTES || STOP_WORDS.contains(&text) {
        return;
    }
    tokens.push(Token {
        offset_from: word.from,
        offset_to: word.to,
        position,
        text: text.to_owned(),
        position_length: 1,
    });
}

/// The runs of letters, digits and inner `_ - . + # '`, with where they start. Everything else parts them, so a path
/// or an address falls into its segments.
fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '#' | '\'');
    text.split(move |c| !belongs(c)).filter_map(move |run| {
        let trimmed = run.trim_start_matches(|c: char| !c.is_alphanumeric());
        // `c++` and `c#` end in punctuation that belongs to them.
        let trimmed = trimmed.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#'));
        let from = trimmed.as_ptr() as usize - text.as_ptr() as usize;
        (!trimmed.is_empty()).then_some((from, trimmed))
    })
}

/// Splits a name at its punctuation and its capitals. Single letters and digits are kept only where they are the whole
/// name: inside of one they say nothing.
fn split_name(name: &str, from: usize, words: &mut Vec<Word>) {
    let start = words.len();
    let mut parts = Vec::new();
    let mut begin = None;
    let mut previous: Option<char> = None;
    let mut chars = name.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|(_, next)| next.is_lowercase());
        let inside = c.is_alphanumeric() || (c == '\'' && begin.is_some());
        let hump = c.is_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_lowercase() || (previous.is_uppercase() && next_is_lower)
            });
        if let Some(begin_at) = begin
            && (!inside || hump)
        {
            parts.push((begin_at, at));
            begin = None;
        }
        if inside && begin.is_none() {
            begin = Some(at);
        }
        previous = Some(c);
    }
    if let Some(begin_at) = begin {
        parts.push((begin_at, name.len()));
    }
    for (begin, end) in parts {
        let part = &name[begin..end];
        if part.chars().nth(1).is_some() {
            words.push(Word { text: lower(part), from: from + begin, to: from + end });
        }
    }
    if words.len() == start {
        words.push(Word { text: lower(name), from, to: from + name.len() });
    }
}

/// Lower case, without the apostrophes of `don't`.
fn lower(name: &str) -> String {
    name.chars().filter(|c| *c != '\'').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(text: &str) -> String {
        terms(text).join(" ")
    }

    #[test]
    fn codes_and_names_are_found_whole_and_by_their_parts() {
        let cases = [
            ("error[E0308]: mismatched types", "error e0308 mismatch type"),
            ("ERR_SSL_PROTOCOL_ERROR", "err_ssl_protocol_error err tls protocol error"),
            ("ORA-00942", "ora-00942 ora 00942"),
            ("java.lang.NullPointerException", "java.lang.nullpointerexcept java lang null pointer except"),
            ("HTTPServer", "httpserver http server"),
            ("npm ERR! code ERESOLVE", "npm err code eresolv peer depend conflict"),
            ("src/payments/ledger_test.py:12:5", "src payment ledger_test.pi ledger test python 12 5"),
            (
                "https://registry.acme.example/left-pad",
                "https registry.acme.exampl registri acm exampl left-pad left pad",
            ),
            ("C++ and C# don't mix", "c++ c# mix"),
            ("std::io::Error", "std io error"),
            ("Größe ÄNDERN", "größe ändern"),
        ];
        for (text, expected) in cases {
            assert_eq!(joined(text), expected, "{text}");
        }
    }

    #[test]
    fn synonyms_meet_whichever_side_says_which() {
        assert_eq!(joined("K8s certs"), joined("kubernetes certificate"));
        for text in
            ["OOMKilled", "java.lang.OutOfMemoryError", "JS heap out of memory", "exit code 137", "oom"]
        {
            let terms = terms(text);
            assert!(terms.contains(&"oom".to_owned()), "{text}: {terms:?}");
            assert!(terms.iter().any(|term| term.starts_with("memori")), "{text}: {terms:?}");
        }
        assert!(terms("the request timed out").contains(&"timeout".to_owned()));
    }

    #[test]
    fn questions_keep_only_what_matters() {
        assert_eq!(joined("Why does my build get killed, please?"), "build kill");
        assert_eq!(joined("how do I ...?!  —"), "");
        assert_eq!(joined(&"f".repeat(100)), "");
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_panic(text in "\\PC{0,80}|[A-Za-z0-9_'.+#\\- /:\u{130}\u{df}]{0,80}") {
            for token in tokens(&text) {
                prop_assert!(token.offset_from < token.offset_to);
                prop_assert!(text.get(token.offset_from..token.offset_to).is_some());
                prop_assert!(!token.text.is_empty());
            }
        }
    }
}
