//! Which encoding a text has: by its byte order mark, by the zeros of UTF-16, else UTF-8. Nothing is guessed beyond
//! that: what Windows-1252 and its like mean by a byte, only their author knows.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::config::source::Fault;

/// So much of the beginning tells UTF-16 without a mark, bytes.
const SAMPLE: usize = 2048;

pub(super) struct Text {
    pub(super) text: String,
    /// Where something is no character, U+FFFD stands in the text.
    pub(super) damage: Option<Fault>,
}

/// # Errors
/// When UTF-16 ends in the middle of a character.
pub(super) fn decode(bytes: Vec<u8>) -> Result<Text, Fault> {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, UTF_16LE),
        [0xfe, 0xff, rest @ ..] => utf16(rest, UTF_16BE),
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(utf8(rest.to_vec())),
        _ => match unmarked(&bytes[..bytes.len().min(SAMPLE)]) {
            Some(encoding) => utf16(&bytes, encoding),
            None => Ok(utf8(bytes)),
        },
    }
}

/// UTF-16 without a mark: of names, which are ASCII, every other byte is zero.
fn unmarked(sample: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = sample.as_chunks::<2>();
    let mostly = |zeros: usize| zeros > 0 && zeros * 4 >= pairs.len() * 3;
    let low = pairs.iter().filter(|[_, high]| *high == 0).count();
    let high = pairs.iter().filter(|[high, _]| *high == 0).count();
    match (mostly(low), mostly(high)) {
        (true, false) => Some(UTF_16LE),
        (false, true) => Some(UTF_16BE),
        _ => None,
    }
}

fn utf16(bytes: &[u8], encoding: &'static Encoding) -> Result<Text, Fault> {
    if bytes.len() % 2 == 1 {
        return Err(Fault::new("it is UTF-16, and ends in the middle of a character", "it was cut off: make it again"));
    }
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let fault = || Fault::new(format!("what stands here is no character of {}", encoding.name()), "save it as UTF-8");
    Ok(Text { text: text.into_owned(), damage: had_errors.then(fault) })
}

fn utf8(bytes: Vec<u8>) -> Text {
    String::from_utf8(bytes).map_or_else(
        |error| {
            let bad = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[bad];
            let what = format!("the byte 0x{byte:02x} is no UTF-8, so the file is in another encoding or damaged");
            let instead = "save it as UTF-8, in Excel \"CSV UTF-8\", or: iconv -f WINDOWS-1252 -t UTF-8 FILE";
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Text { text, damage: Some(Fault::new(what, instead)) }
        },
        |text| Text { text, damage: None },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name;owner\nacme-billing;B\u{fc}ro\n";

    fn read(bytes: &[u8]) -> (String, bool) {
        let text = decode(bytes.to_vec()).expect("text");
        (text.text, text.damage.is_some())
    }

    #[test]
    fn utf16_is_read_with_and_without_its_mark() {
        let little: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [&little, &big, &[&[0xff, 0xfe], &little[..]].concat(), &[&[0xfe, 0xff], &big[..]].concat()] {
            assert_eq!(read(bytes), (TEXT.to_owned(), false));
        }
        assert!(decode(little[..little.len() - 1].to_vec()).is_err(), "cut off");
        assert_eq!(read(&[0xff, 0xfe, b'a', 0, 0, 0xd8]), ("a\u{fffd}".to_owned(), true), "half a character");
    }

    #[test]
    fn a_byte_that_is_no_utf8_is_said_and_not_guessed() {
        assert_eq!(read(TEXT.as_bytes()), (TEXT.to_owned(), false));
        assert_eq!(read(b"acme;B\xfcro\n"), ("acme;B\u{fffd}ro\n".to_owned(), true));
        assert_eq!(read(b""), (String::new(), false));
    }
}
