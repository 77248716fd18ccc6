//! Replies of a server that is broken, or wishes us ill: whatever it writes in the place of names, times and serials, nothing of a reply
//! that counts goes unseen, and none moves the cursor to where nothing was.

use proptest::prelude::*;

use super::*;
use crate::model::{Event, Time};

/// The cursor.
const SINCE: u64 = 1_000;
/// Steps that are too long for PyPI.
const LEAP: u64 = 1_000_000;

/// What stands in the place of a name.
#[derive(Clone, Copy, Debug)]
enum Name {
    Good(u8),
    /// Something can be made of it.
    Odd,
    /// Nothing can.
    None,
    Number,
    Nil,
}

#[derive(Clone, Copy, Debug)]
enum Second {
    Good,
    ToCome,
    BeforeTime,
    Text,
    Nil,
}

/// What stands in the place of a serial, of which the good ones are beside the last.
#[derive(Clone, Copy, Debug)]
enum At {
    Next(u64),
    Same,
    Below(u64),
    Leap,
    Negative,
    Text,
    Nil,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Whole,
    Short,
    Long,
    NoArray,
}

#[derive(Clone, Debug)]
struct Entry {
    name: Name,
    second: Second,
    action: &'static str,
    at: At,
    shape: Shape,
}

fn entry() -> impl Strategy<Value = Entry> {
    let name = prop_oneof![
        8 => (0..4_u8).prop_map(Name::Good),
        1 => Just(Name::Odd),
        1 => Just(Name::None),
        1 => Just(Name::Number),
        1 => Just(Name::Nil),
    ];
    let second = prop_oneof![
        8 => Just(Second::Good),
        1 => Just(Second::ToCome),
        1 => Just(Second::BeforeTime),
        1 => Just(Second::Text),
        1 => Just(Second::Nil),
    ];
    let at = prop_oneof![
        12 => (1..20_u64).prop_map(At::Next),
        1 => Just(At::Same),
        1 => (1..2_000_u64).prop_map(At::Below),
        1 => Just(At::Negative),
        1 => Just(At::Text),
        1 => Just(At::Nil),
    ];
    let at = prop_oneof![30 => at, 1 => Just(At::Leap)];
    let shape = prop_oneof![12 => Just(Shape::Whole), 1 => Just(Shape::Short), 1 => Just(Shape::Long), 1 => Just(Shape::NoArray)];
    let action = prop::sample::select(vec!["create", "new release", "remove project", "add Owner eve", "docs update"]);
    (name, second, action, at, shape).prop_map(|(name, second, action, at, shape)| Entry {
        name,
        second,
        action,
        at,
        shape,
    })
}

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

impl Name {
    fn written(self) -> String {
        match self {
            Self::Good(n) => format!("<string>acme-{n}</string>"),
            Self::Odd => "<string>acme\u{202e}-odd</string>".to_owned(),
            Self::None => "<string>中</string>".to_owned(),
            Self::Number => "<int>7</int>".to_owned(),
            Self::Nil => "<nil/>".to_owned(),
        }
    }

    fn judged(self) -> Option<String> {
        match self {
            Self::Good(n) => Some(format!("acme-{n}")),
            Self::Odd => Some("acme-odd".to_owned()),
            Self::None | Self::Number | Self::Nil => None,
        }
    }
}

impl Second {
    fn written(self) -> String {
        let now = noon().timestamp();
        match self {
            Self::Good => format!("<int>{now}</int>"),
            Self::ToCome => format!("<int>{}</int>", now + 400 * 86_400),
            Self::BeforeTime => "<int>-86400</int>".to_owned(),
            Self::Text => "<string>yesterday</string>".to_owned(),
            Self::Nil => "<nil/>".to_owned(),
        }
    }
}

/// An entry as it is written, with its serial where it has one.
fn written(entry: &Entry, last: &mut u64) -> (String, Option<u64>) {
    let (serial, text) = match entry.at {
        At::Next(by) => (Some(*last + by), (*last + by).to_string()),
        At::Same => (Some(*last), last.to_string()),
        At::Below(by) => (Some(last.saturating_sub(by)), last.saturating_sub(by).to_string()),
        At::Leap => (Some(*last + LEAP + 1), (*last + LEAP + 1).to_string()),
        At::Negative => (None, "-7".to_owned()),
        At::Text | At::Nil => (None, String::new()),
    };
    let serial = serial.filter(|_| matches!(entry.shape, Shape::Whole));
    *last = serial.unwrap_or(*last).max(*last);
    let number = match entry.at {
        At::Text => "<string>seven</string>".to_owned(),
        At::Nil => "<nil/>".to_owned(),
        _ => format!("<int>{text}</int>"),
    };
    let action = format!("<string>{}</string>", entry.action);
    let mut fields =
        vec![entry.name.written(), "<string>1.0</string>".to_owned(), entry.second.written(), action, number];
    match entry.shape {
        Shape::Whole => {}
        Shape::Short => drop(fields.pop()),
        Shape::Long => fields.push("<int>1</int>".to_owned()),
        Shape::NoArray => return ("<value><int>5</int></value>".to_owned(), None),
    }
    let fields: String = fields.iter().map(|field| format!("<value>{field}</value>")).collect();
    (format!("<value><array><data>{fields}</data></array></value>"), serial)
}

fn body(entries: &[Entry]) -> (Vec<u8>, Vec<Option<u64>>) {
    let mut last = SINCE;
    let (texts, serials): (Vec<String>, Vec<Option<u64>>) =
        entries.iter().map(|entry| written(entry, &mut last)).unzip();
    let text = texts.concat();
    let body = format!(
        "<?xml version='1.0'?><methodResponse><params><param><value><array><data>{text}</data></array></value></param>\
         </params></methodResponse>"
    );
    (body.into_bytes(), serials)
}

/// Why a reply with these serials moves nothing, as whoever reads the rules would say it.
fn refused(serials: &[u64]) -> Option<&'static str> {
    let last = serials.iter().max()?;
    let mut above: Vec<u64> = serials.iter().copied().filter(|serial| *serial > SINCE).collect();
    above.sort_unstable();
    above.insert(0, SINCE);
    match () {
        () if *last <= SINCE => Some("went back"),
        () if above.windows(2).any(|two| two[1] - two[0] > LEAP) => Some("leaps"),
        () => None,
    }
}

fn is_whole(entry: &Entry) -> bool {
    // What says nothing of a project needs no name that can be one, and no time.
    let is_aside = entry.action == "docs update";
    let is_dated = is_aside || !matches!(entry.second, Second::Text | Second::Nil);
    let is_placed = !matches!(entry.at, At::Negative | At::Text | At::Nil);
    let is_named = match entry.name {
        Name::Good(_) => true,
        Name::Odd | Name::None => is_aside,
        Name::Number | Name::Nil => false,
    };
    matches!(entry.shape, Shape::Whole) && is_named && is_dated && is_placed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_a_reply_that_counts_goes_unseen(entries in prop::collection::vec(entry(), 0..12)) {
        let (body, serials) = body(&entries);
        let known: Vec<u64> = serials.iter().flatten().copied().collect();
        let mut reply = match (read_reply(&body, Serial(SINCE)), refused(&known)) {
            (Ok(reply), None) => reply,
            (Err(ChangelogError::WentBack { after, got }), Some("went back")) => {
                prop_assert!(got <= after);
                return Ok(());
            }
            (Err(ChangelogError::Leap { after, got }), Some("leaps")) => {
                prop_assert!(got.0 - after.0 > LEAP);
                return Ok(());
            }
            (said, expected) => return Err(TestCaseError::fail(format!("{said:?}, and expected {expected:?}"))),
        };
        prop_assert_eq!((reply.events, reply.last), (entries.len(), known.iter().max().copied().map(Serial)));
        prop_assert_eq!(reply.unreadable.is_empty(), entries.iter().all(is_whole), "{:?}", reply.unreadable);
        for (entry, serial) in entries.iter().zip(&serials).filter(|(entry, _)| matches!(entry.shape, Shape::Whole)) {
            let (Some(name), false) = (entry.name.judged(), entry.action == "docs update") else { continue };
            let said = |seen: &&crate::model::Sighting| seen.name.as_str() == name && seen.serial == serial.map(Serial);
            prop_assert!(reply.sightings.iter().any(|seen| said(&seen)), "{name} at {serial:?}: {:?}", reply.sightings);
        }
        if reply.disordered {
            prop_assert!(reply.sightings.is_sorted_by_key(|seen| seen.serial));
        }
        reply.distrust(noon());
        let is_odd = |at: Time| at > noon() || at <= Time::UNIX_EPOCH;
        prop_assert!(reply.sightings.iter().filter_map(|seen| seen.at).all(|at| !is_odd(at)), "{:?}", reply.sightings);
        prop_assert!(reply.sightings.iter().all(|seen| seen.event != Event::Changed));
    }
}

/// What is told of times has the place, and what is wrong with it.
#[test]
fn what_has_no_date_or_one_out_of_this_world_is_told_and_judged_all_the_same() {
    let of = |second| Entry { name: Name::Good(1), second, action: "create", at: At::Next(1), shape: Shape::Whole };
    for (second, told) in [
        (Second::ToCome, "acme-1: dated 2028-01-01 12:00:00 UTC"),
        (Second::BeforeTime, "acme-1: dated 1969-12-31 00:00:00 UTC"),
        (Second::Text, "acme-1: no date"),
        (Second::Nil, "acme-1: no date"),
    ] {
        let mut reply = read_reply(&body(&[of(second)]).0, Serial(SINCE)).expect("a reply");
        reply.distrust(noon());
        let texts: Vec<&str> = reply.unreadable.names.iter().map(|name| name.text.as_str()).collect();
        assert_eq!((texts, reply.sightings.len(), reply.sightings[0].at), (vec![told], 1, None), "{second:?}");
    }
}
