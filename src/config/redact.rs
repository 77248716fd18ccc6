//! `Redactor`: takes the secrets of the configuration out of any text, by value, whatever form they are in.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::Secret;
use super::channels::ChannelSettings;
use super::settings::AlertSettings;

/// Shorter pieces of base64 are words.
const PART: usize = 4;
/// The end of a text may be the beginning of a secret, when the text was cut off.
const BEGINNING: usize = 4;
/// `%2525…`: how often a text may have been percent-coded.
const CODED: usize = 3;

/// Knows every secret of the channels. `Default` knows none. No `Debug`, for the reason that it exists.
#[derive(Clone, Default)]
pub struct Redactor {
    /// In lower case: a server may write what it heard in capitals.
    plain: BTreeSet<Vec<u8>>,
    base64: BTreeSet<Vec<u8>>,
}

impl Redactor {
    pub fn new(alert: &AlertSettings) -> Self {
        let mut redactor = Self::default();
        let secrets = alert.channels.values().flat_map(ChannelSettings::secrets);
        secrets.for_each(|secret| redactor.learn([secret.as_str()]));
        redactor
    }

    /// Knows these alone.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let mut redactor = Self::default();
        redactor.learn(secrets.into_iter().map(Secret::expose));
        redactor
    }

    fn learn<'s>(&mut self, secrets: impl IntoIterator<Item = &'s str>) {
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            let plain = secret.as_bytes();
            self.plain.extend([plain.to_ascii_lowercase(), flat(&decoded(&letters(plain)))]);
            self.base64.extend(cores(plain));
        }
    }

    /// The text with `[…]` in place of every secret: as it is, in base64 (alone or inside of something longer, as AUTH PLAIN
    /// has it), percent-coded or decoded, in any case.
    pub fn redacted(&self, text: &str) -> String {
        without(text, self.hits(text))
    }

    /// The same for a text that was cut off, perhaps within a secret.
    pub fn redacted_beginning(&self, text: &str) -> String {
        let mut hits = self.hits(text);
        for reading in readings(text) {
            for reading in [reading.as_slice(), without_half_code(&reading)] {
                let bytes = flat(reading);
                let half = |secret: &Vec<u8>| {
                    (BEGINNING..secret.len()).rev().find(|&length| bytes.ends_with(&secret[..length]))
                };
                let longest = self.plain.iter().chain(&self.base64).filter_map(half).max();
                hits.extend(longest.map(|length| reading[bytes.len() - length].at.start..text.len()));
            }
        }
        without(text, hits)
    }

    fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let mut hits = Vec::new();
        for reading in readings(text) {
            let bytes = flat(&reading);
            let at = |range: Range<usize>| reading[range.start].at.start..reading[range.end - 1].at.end;
            hits.extend(self.plain.iter().flat_map(|secret| places(&bytes, secret)).map(at));
            let words = self.base64.iter().flat_map(|core| places(&bytes, core));
            hits.extend(words.map(|range| whole_word(&bytes, range)).map(at));
        }
        hits
    }
}

fn without(text: &str, mut hits: Vec<Range<usize>>) -> String {
    hits.sort_by_key(|hit| (hit.start, hit.end));
    let (mut out, mut done) = (String::new(), 0);
    for hit in hits.into_iter().map(|hit| within(text, hit)) {
        if hit.start >= done {
            out.push_str(&text[done..hit.start]);
            out.push_str("[…]");
        }
        done = done.max(hit.end);
    }
    out.push_str(&text[done..]);
    out
}

/// The part of a secret's base64 that is the same wherever the secret begins and whatever stands around it.
fn cores(secret: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let shifted = (0..3).flat_map(|shift| {
        let bytes = [&[0_u8; 2][..shift], secret].concat();
        let last = usize::from(!bytes.len().is_multiple_of(3));
        [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)].map(|text| {
            let core = text.get([0, 2, 3][shift]..text.len() - last).unwrap_or_default();
            core.to_ascii_lowercase().into_bytes()
        })
    });
    let whole = [STANDARD_NO_PAD.encode(secret).to_ascii_lowercase().into_bytes()];
    shifted.chain(whole).filter(|core| core.len() >= PART).collect::<Vec<_>>().into_iter()
}

/// A byte as a reader sees it, in lower case, and where it stands in the text.
#[derive(Clone)]
struct Letter {
    byte: u8,
    at: Range<usize>,
}

fn letters(text: &[u8]) -> Vec<Letter> {
    text.iter().enumerate().map(|(at, byte)| Letter { byte: byte.to_ascii_lowercase(), at: at..at + 1 }).collect()
}

fn flat(letters: &[Letter]) -> Vec<u8> {
    letters.iter().map(|letter| letter.byte).collect()
}

/// The text as it is, and with one layer of percent-coding less each.
fn readings(text: &str) -> impl Iterator<Item = Vec<Letter>> {
    std::iter::successors(Some(letters(text.as_bytes())), |reading| {
        reading.iter().any(|letter| letter.byte == b'%').then(|| decoded(reading))
    })
    .take(CODED + 1)
}

/// One layer of percent-coding less.
fn decoded(letters: &[Letter]) -> Vec<Letter> {
    let (mut out, mut rest) = (Vec::with_capacity(letters.len()), letters);
    while let Some((first, others)) = rest.split_first() {
        let code = (first.byte == b'%').then(|| Some((digit(rest.get(1)?)?, digit(rest.get(2)?)?))).flatten();
        match code {
            Some((high, low)) => {
                let byte = (high * 16 + low).to_ascii_lowercase();
                out.push(Letter { byte, at: first.at.start..rest[2].at.end });
                rest = &rest[3..];
            }
            None => {
                out.push(first.clone());
                rest = others;
            }
        }
    }
    out
}

/// Without the beginning of a percent-code that was cut off.
fn without_half_code(letters: &[Letter]) -> &[Letter] {
    match letters {
        [whole @ .., Letter { byte: b'%', .. }] => whole,
        [whole @ .., Letter { byte: b'%', .. }, last] if digit(last).is_some() => whole,
        whole => whole,
    }
}

fn digit(letter: &Letter) -> Option<u8> {
    char::from(letter.byte).to_digit(16).map(|digit| digit as u8)
}

fn places<'b>(text: &'b [u8], word: &'b [u8]) -> impl Iterator<Item = Range<usize>> + 'b {
    text.windows(word.len()).enumerate().filter(move |(_, window)| *window == word).map(|(at, _)| at..at + word.len())
}

/// Base64 to both sides belongs to the same value, and holds bits of it.
fn whole_word(text: &[u8], range: Range<usize>) -> Range<usize> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let before = text[..range.start].iter().rev().take_while(|byte| is_base64(byte)).count();
    let after = text[range.end..].iter().take_while(|byte| is_base64(byte)).count();
    range.start - before..range.end + after
}

/// A secret is bytes, a text is letters.
fn within(text: &str, hit: Range<usize>) -> Range<usize> {
    text.floor_char_boundary(hit.start)..text.ceil_char_boundary(hit.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::channels::address::parts;
    use base64::engine::general_purpose::STANDARD;

    fn knowing(secrets: &[&str]) -> Redactor {
        let mut redactor = Redactor::default();
        redactor.learn(secrets.iter().copied());
        redactor
    }

    #[test]
    fn a_password_is_found_in_every_form() {
        let password = "geheim/€=+1";
        let redactor = knowing(&[password]);
        let coded = "geheim%2f%E2%82%AC%3D%2B1";
        let plain = |user: &str| STANDARD.encode(format!("\0{user}\0{password}"));
        for form in [
            password.to_owned(),
            password.to_uppercase(),
            coded.to_owned(),
            coded.replace('%', "%25"),
            STANDARD.encode(password),
            URL_SAFE_NO_PAD.encode(password),
            plain("nw"),
            plain("nw2"),
            plain("anna"),
            plain("nw").replace('=', "%3D"),
        ] {
            let text = format!("535 <{form}> is wrong");
            assert_eq!(redactor.redacted(&text), "535 <[…]> is wrong", "{text}");
            let all = redactor.redacted(&format!("{form} {form}"));
            assert_eq!(all, "[…] […]");
        }
        assert_eq!(redactor.redacted_beginning("535 wrong: geheim/"), "535 wrong: […]");
        assert_eq!(redactor.redacted_beginning("535 geheim%2f%E2%82"), "535 […]");
        assert_eq!(redactor.redacted_beginning("535 wrong: geheimnis"), "535 wrong: geheimnis");
        assert_eq!(redactor.redacted("535 nothing of it: é€ 100% %zz %"), "535 nothing of it: é€ 100% %zz %");
        assert_eq!(Redactor::default().redacted("535 geheim"), "535 geheim");
    }

    #[test]
    fn the_parts_of_an_address_are_secret_and_its_host_is_not() {
        let url = "https://hooks.example/services/T0AAAAAAA/to%2Dken%C3%BC?key=s3cret&x=1";
        let mut redactor = Redactor::default();
        redactor.learn(parts(url).iter().map(String::as_str));
        for (shown, redacted) in [
            ("no to-kenü here", "no […] here"),
            ("no to%2dken%c3%bc here", "no […] here"),
            ("key s3cret of hooks.example", "key […] of hooks.example"),
            (url, "[…]"),
        ] {
            assert_eq!(redactor.redacted(shown), redacted);
        }
    }

    #[test]
    fn short_secrets_leave_nothing_in_base64() {
        for password in ["abc", "abcd", "pässwörd"] {
            let redactor = knowing(&[password]);
            let login = STANDARD.encode(password);
            assert!(!redactor.redacted(&format!("535 {login} {password}")).contains(&login[..3]), "{password}");
        }
    }
}
