//! The index body as a stream: one project in memory at a time, whatever the order of the keys.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::IndexError;
use super::listing::Listing;
use crate::model::Serial;

/// More projects are a mistake or an attack on our memory: PyPI had 886,000 in 2026 and grows by 200,000 a year.
const MOST: usize = 4_000_000;

/// Reads a whole body, its end included.
pub(super) fn parse(body: impl Read) -> Result<Listing, IndexError> {
    parse_at_most(body, MOST)
}

fn parse_at_most(body: impl Read, most: usize) -> Result<Listing, IndexError> {
    let mut json = serde_json::Deserializer::from_reader(body);
    let mut listing = Listing::with_room();
    let meta = Body { listing: &mut listing, most }.deserialize(&mut json).map_err(IndexError::Broken)?;
    json.end().map_err(IndexError::Broken)?;
    if !meta.api_version.starts_with("1.") {
        return Err(IndexError::Version(meta.api_version));
    }
    listing.namespaces = minor(&meta.api_version) >= NAMESPACES;
    Ok(listing.finish(Serial(meta.last_serial)))
}

/// The minor version of the simple API that has namespaces (PEP 752).
const NAMESPACES: u32 = 5;

/// 4 of "1.4"; nothing of what is none.
fn minor(version: &str) -> u32 {
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0)
}

/// Both are required: without the serial the body cannot be placed in time.
#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "_last-serial")]
    last_serial: u64,
    #[serde(rename = "api-version")]
    api_version: String,
}

#[derive(Deserialize)]
struct Project {
    name: Name,
    #[serde(rename = "_last-serial")]
    last_serial: u64,
}

/// A name as it stands there. Half a surrogate pair is no character, and no reason to lose the body: what is not UTF-8
/// becomes U+FFFD, which no name holds.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Name, E> {
        Ok(Name(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Name, E> {
        Ok(Name(text.to_owned()))
    }
}

/// `{"meta": …, "projects": […]}`, the projects poured into a listing.
struct Body<'a> {
    listing: &'a mut Listing,
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = Meta;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Meta, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = Meta;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an index with meta and projects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Meta, A::Error> {
        let (mut meta, mut projects) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "meta" => meta = Some(map.next_value::<Meta>()?),
                "projects" => {
                    map.next_value_seed(Projects { listing: &mut *self.listing, most: self.most })?;
                    projects = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if !projects {
            return Err(A::Error::missing_field("projects"));
        }
        meta.ok_or_else(|| A::Error::missing_field("meta"))
    }
}

struct Projects<'a> {
    listing: &'a mut Listing,
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Projects<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Projects<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of projects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(Project { name: Name(name), last_serial }) = seq.next_element()? {
            self.listing.push(&name, Serial(last_serial));
            if self.listing.is_beyond(self.most) {
                return Err(A::Error::custom("more projects than PyPI can have"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = include_str!("../../../../tests/fixtures/index.json");

    #[test]
    fn a_body_of_pypis_shape_is_read_whole() {
        let listing = parse(SAMPLE.as_bytes()).expect("an index");
        assert_eq!(listing.serial, Serial(41_234_570));
        let seen: Vec<_> = listing.iter().map(|e| (e.name, e.display, e.serial.0)).collect();
        let expected = [
            ("0", None, 3_075_854),
            ("0-0", None, 17_498_117),
            ("000", None, 6_410_697),
            ("foo-bar", Some("Foo.Bar"), 41_234_567),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_order_of_keys_does_not_matter_and_unknown_keys_are_skipped() {
        let body = br#"{"projects":[{"name":"a","x":[1],"_last-serial":5}],"new":{"deep":[{}]},"meta":{"api-version":"1.9","_last-serial":7}}"#;
        assert_eq!(parse(&body[..]).expect("an index").len(), 1);
    }

    #[test]
    fn a_cut_body_is_never_a_short_one() {
        for end in 0..SAMPLE.trim_end().len() {
            assert!(matches!(parse(&SAMPLE.as_bytes()[..end]), Err(IndexError::Broken(_))), "cut at {end}");
        }
    }

    #[test]
    fn a_name_of_odd_characters_does_not_cost_the_body() {
        let body = br#"{"meta":{"api-version":"1.4","_last-serial":7},"projects":[{"name":"ac\ud800me","_last-serial":1},
            {"name":"n\u0000ul","_last-serial":2},{"name":"\ud83d\ude00","_last-serial":3},{"name":"good","_last-serial":4}]}"#;
        let listing = parse(&body[..]).expect("an index");
        assert_eq!(listing.iter().map(|e| e.name).collect::<Vec<_>>(), ["acme", "good", "nul"]);
        assert_eq!(listing.unreadable.names.len(), 3);
    }

    #[test]
    fn a_body_without_what_places_it_is_refused() {
        for body in [
            r#"{"projects":[]}"#,
            r#"{"meta":{"api-version":"1.4","_last-serial":7}}"#,
            r#"{"meta":{"api-version":"1.4"},"projects":[]}"#,
            r#"{"meta":{"api-version":"1.4","_last-serial":7},"projects":[{"name":"a"}]}"#,
            r#"{"meta":{"api-version":"1.4","_last-serial":7},"projects":[]} trailing"#,
            "<html></html>",
            "",
        ] {
            assert!(matches!(parse(body.as_bytes()), Err(IndexError::Broken(_))), "{body}");
        }
        let newer = r#"{"meta":{"api-version":"2.0","_last-serial":7},"projects":[]}"#;
        assert!(matches!(parse(newer.as_bytes()), Err(IndexError::Version(_))));
    }

    #[test]
    fn a_body_that_would_fill_the_memory_is_refused() {
        let projects = "{\"name\":\"a\",\"_last-serial\":1},".repeat(64);
        let bytes = std::iter::once("{\"projects\":[").chain(std::iter::repeat(projects.as_str()));
        let endless = Endless(bytes.flat_map(str::bytes));
        let error = parse_at_most(std::io::BufReader::new(endless), 1_000).expect_err("refused");
        assert!(error.to_string().contains("more projects than PyPI can have"), "{error}");
    }

    struct Endless<I>(I);

    impl<I: Iterator<Item = u8>> Read for Endless<I> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            Ok(buffer.iter_mut().zip(&mut self.0).map(|(slot, byte)| *slot = byte).count())
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(bytes.as_slice());
        }
    }
}
