//! Bytes that should be XML 1.0, made so: what no XML parser may see is left out and counted.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Text without the characters XML 1.0 forbids (section 2.2), and how many were left out.
///
/// Left out are bytes that are no UTF-8, control characters other than tab, line feed and carriage return, U+FFFE,
/// U+FFFF, and references to any of these (`&#0;`). Clean input is borrowed, not copied.
pub(super) fn clean(bytes: &[u8]) -> (Cow<'_, str>, usize) {
    match std::str::from_utf8(bytes) {
        Ok(text) if is_clean(text) => (Cow::Borrowed(text), 0),
        _ => {
            let (text, dropped) = rebuild(bytes);
            (Cow::Owned(text), dropped)
        }
    }
}

fn is_clean(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r');
    bytes.iter().all(plain) && !text.contains("&#") && !text.contains(['\u{fffe}', '\u{ffff}'])
}

fn rebuild(bytes: &[u8]) -> (String, usize) {
    let mut out = String::with_capacity(bytes.len());
    let mut dropped = 0;
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(next) = rest.chars().next() {
            let reference = rest.starts_with("&#").then(|| illegal_reference(rest)).flatten();
            let length = reference.unwrap_or(next.len_utf8());
            if reference.is_some() || !is_legal(next) {
                dropped += 1;
            } else {
                out.push(next);
            }
            rest = &rest[length..];
        }
        dropped += usize::from(!chunk.invalid().is_empty());
    }
    (out, dropped)
}

/// The length of the reference at the start of `text`, when it names a character that XML forbids.
fn illegal_reference(text: &str) -> Option<usize> {
    let digits = text.get(2..)?;
    // The longest reference to a character is `&#x10FFFF;`; leading zeros are tolerated up to here.
    let end = digits.bytes().take(12).position(|byte| byte == b';')?;
    let digits = &digits[..end];
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    };
    let legal = code.and_then(char::from_u32).is_some_and(is_legal);
    (!legal).then_some(2 + end + 1)
}

/// Is every element that was opened also closed? Some parsers take a cut document for a short one.
pub(super) fn is_whole(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) => return depth == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cleaned(bytes: &[u8]) -> (String, usize) {
        let (text, dropped) = clean(bytes);
        (text.into_owned(), dropped)
    }

    #[test]
    fn legal_text_is_borrowed() {
        assert!(matches!(clean("<a>é &amp; 中\t\n</a>".as_bytes()), (Cow::Borrowed(_), 0)));
    }

    #[test]
    fn what_xml_forbids_is_left_out_and_counted() {
        assert_eq!(cleaned(b"a\x00b\x1b[31m\x7f"), ("ab[31m\u{7f}".to_owned(), 2));
        assert_eq!(cleaned(b"a\xffb\xc3"), ("ab".to_owned(), 2));
        assert_eq!(cleaned("a\u{fffe}\u{ffff}b".as_bytes()), ("ab".to_owned(), 2));
        assert_eq!(cleaned(b"&#0;&#x1F;&#xD800;&#99999999;a"), ("a".to_owned(), 4));
    }

    #[test]
    fn legal_references_and_half_ones_stay() {
        for text in ["&#65;&#x42;", "&#", "&#;x".trim_end_matches(";x"), "&#12", "AT&#38;T", "&#x0a;"] {
            assert_eq!(cleaned(text.as_bytes()), (text.to_owned(), 0), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_illegal_survives(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (text, _) = cleaned(&bytes);
            prop_assert!(text.chars().all(is_legal));
            prop_assert!(text.len() <= bytes.len());
        }

        #[test]
        fn legal_text_is_untouched(text in "[ -%'-~\t\n\u{a0}-\u{2fff}]{0,100}") {
            prop_assert_eq!(cleaned(text.as_bytes()), (text, 0));
        }
    }
}
