//! Test results in `JUnit`'s XML, which nearly every test runner can write: which tests failed, where, and what they said.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use crate::{category::Category, diagnosis::Failure};

/// The most failures that are read.
const MOST: usize = 500;
/// The most bytes that are read.
const BYTES: usize = 64 << 20;
/// A message is cut here (characters).
const WIDTH: usize = 2_000;

/// The failed tests of a result file, in order. What is not well-formed ends the reading: a file that was cut off tells
/// what it holds. Its texts are as the file has them, not redacted yet.
pub fn read(bytes: &[u8]) -> Vec<Failure> {
    let bytes = &bytes[..bytes.len().min(BYTES)];
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().check_end_names = false;
    let mut reading = Reading::default();
    let mut buffer = Vec::new();
    while reading.failures.len() < MOST {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => reading.open(&tag, false),
            Ok(Event::Empty(tag)) => reading.open(&tag, true),
            Ok(Event::Text(text)) => reading.text(&String::from_utf8_lossy(&text)),
            Ok(Event::CData(text)) => reading.text(&String::from_utf8_lossy(&text)),
            Ok(Event::GeneralRef(name)) => {
                let name = String::from_utf8_lossy(&name);
                reading.text(&unescaped(&format!("&{name};")));
            }
            Ok(Event::End(tag)) => reading.close(tag.local_name().as_ref()),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    reading.failures
}

/// Where the reading is.
#[derive(Default)]
struct Reading {
    failures: Vec<Failure>,
    /// The test that is open.
    test: Option<Test>,
    /// The text of the open failure.
    body: Option<String>,
}

/// A test, before it is known whether it failed.
struct Test {
    name: String,
    file: Option<String>,
    line: Option<u64>,
    /// Whether it has been told.
    told: bool,
}

impl Reading {
    fn open(&mut self, tag: &BytesStart<'_>, is_empty: bool) {
        match tag.local_name().as_ref() {
            b"testcase" if !is_empty => self.test = Some(test(tag)),
            b"failure" | b"error" => {
                let Some(test) = self.test.as_mut().filter(|test| !test.told) else { return };
                test.told = true;
                let message = attribute(tag, "message").or_else(|| attribute(tag, "type"));
                self.failures.push(Failure {
                    tool: "junit".to_owned(),
                    category: Category::TestFailure,
                    code: None,
                    file: test.file.clone(),
                    line: test.line,
                    column: None,
                    test: Some(test.name.clone()),
                    message: message.map(|message| cut(message.trim())).unwrap_or_default(),
                    lines: None,
                    key_line: None,
                });
                self.body = (!is_empty).then(String::new);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(body) = self.body.as_mut().filter(|body| body.len() < WIDTH) {
            body.push_str(text);
        }
    }

    fn close(&mut self, tag: &[u8]) {
        match tag {
            b"testcase" => self.test = None,
            b"failure" | b"error" => {
                let (Some(body), Some(failure)) = (self.body.take(), self.failures.last_mut()) else {
                    return;
                };
                // Some runners put the message into the text alone.
                if failure.message.is_empty() {
                    let first = body.lines().map(str::trim).find(|line| !line.is_empty());
                    failure.message = cut(first.unwrap_or("the test failed"));
                }
            }
            _ => {}
        }
    }
}

fn test(tag: &BytesStart<'_>) -> Test {
    let name = attribute(tag, "name").unwrap_or_default();
    let name = match attribute(tag, "classname")
        .filter(|class| !class.is_empty() && !name.contains(class.as_str()))
    {
        Some(class) => format!("{class}.{name}"),
        None => name,
    };
    let line = attribute(tag, "line").and_then(|line| line.parse().ok());
    Test { name: cut(&name), file: attribute(tag, "file").map(|file| cut(&file)), line, told: false }
}

/// The value of an attribute, with its references resolved.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    Some(unescaped(&String::from_utf8_lossy(&found.value)))
}

/// Text with its references resolved; one that is not known stays as it is.
fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn cut(text: &str) -> String {
    text.chars().take(WIDTH).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn failed_tests_are_read_and_passed_ones_are_not() {
        let xml = r#"<?xml version="1.0"?><testsuites><testsuite name="cart" tests="4" failures="2">
          <testcase classname="shop.CartTest" name="adds" file="cart_test.py" line="12">
            <failure message="expected &lt;3&gt; but was &lt;2&gt;" type="AssertionError">at CartTest</failure></testcase>
          <testcase classname="shop.CartTest" name="empties"/>
          <testcase name="boots"><error><![CDATA[
            ConnectionError: no & never
            at x]]></error></testcase>
          <testcase name="later"><skipped message="not yet"/></testcase>
        </testsuite></testsuites>"#;
        let shown = |it: Failure| {
            let (file, line) = (it.file.unwrap_or_default(), it.line.unwrap_or_default());
            format!("{} | {file}:{line} | {}", it.test.unwrap_or_default(), it.message)
        };
        let shown: Vec<String> = read(xml.as_bytes()).into_iter().map(shown).collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        shop.CartTest.adds | cart_test.py:12 | expected <3> but was <2>
        boots | :0 | ConnectionError: no & never
        ");
    }

    #[test]
    fn a_file_that_is_cut_off_tells_what_it_holds() {
        let found =
            read(b"<testsuite><testcase name='a'><failure message='b'/></testcase><testcase name='c'><fail");
        assert_eq!(found.len(), 1);
        assert_eq!(read(b"not xml at all"), []);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "(<testcase name='a'>|<failure>|</|&#x0;|<!\\[CDATA\\[|]]>|x){0,20}") {
            read(&bytes);
            read(text.as_bytes());
        }
    }
}
