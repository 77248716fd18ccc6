//! `Listing`: every project of one index body, packed so that 900,000 of them take some 28 MB.

use std::borrow::Cow;

use crate::model::unread::shown;
use crate::model::{Event, Feed, ProjectName, Serial, Sighting, Time};
use crate::registry::Unreadable;
use crate::upstream::ROOM;

/// A project as the index lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedProject<'a> {
    /// Normalized.
    pub name: &'a str,
    /// The spelling the registry uses, when it differs from `name`; hostile text when it is no spelling of it.
    pub display: Option<&'a str>,
    pub serial: Serial,
}

impl ListedProject<'_> {
    /// The sighting of `event` here and now; `None` for a name that is none, which [`Listing`] never holds.
    pub fn sighting(&self, event: Event) -> Option<Sighting> {
        let name = ProjectName::parse(self.name).ok()?;
        let display = self.display.unwrap_or(self.name).to_owned();
        let unreadable = ProjectName::parse(&display).is_err().then(|| display.clone());
        let serial = Some(self.serial);
        Some(Sighting { name, display, event, feed: Feed::Index, serial, at: None, summary: None, unreadable })
    }
}

/// Where an entry's texts lie in the arena: the name, then the display form if it differs.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    name: u16,
    /// Zero: the display form is the name.
    display: u16,
    serial: u64,
}

/// One index body, sorted by normalized name bytewise, each name once.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    arena: String,
    spans: Vec<Span>,
    /// When the registry served it, by its own clock: what it registered later is not in here.
    pub served: Option<Time>,
    /// Does it know namespaces (PEP 752: version 1.5 of the simple API)?
    pub namespaces: bool,
    /// `meta._last-serial`: every event up to it is in this body.
    pub serial: Serial,
    /// Entries left out because another spelling of the same name had a higher serial.
    pub duplicates: usize,
    /// Entries whose serial was beyond the body's own by more than a race explains; they are listed at the body's.
    pub inflated: usize,
    /// Names that are none, whether or not something could be made of them.
    pub unreadable: Unreadable,
}

impl Listing {
    /// PyPI reads the body's serial and the projects one after the other, so that a project may be a moment younger.
    const RACE: u64 = 1_000;

    /// An empty listing with room for all of PyPI, which is given back when it is dropped: see [`ROOM`].
    pub(super) fn with_room() -> Self {
        let spans = Vec::with_capacity(ROOM / size_of::<Span>());
        Self { arena: String::with_capacity(ROOM), spans, ..Self::default() }
    }

    /// Adds one project as the body spells it. What is no name is listed under what can be salvaged of it.
    pub(super) fn push(&mut self, display: &str, serial: Serial) {
        let (name, display) = match ProjectName::parse(display) {
            Ok(name) => (name, Cow::Borrowed(display)),
            Err(_) => match ProjectName::salvage(display) {
                Some(name) => {
                    self.unreadable.add_judged(display, &name);
                    (name, Cow::Owned(shown(display)))
                }
                None => return self.unreadable.add(display),
            },
        };
        // The size cap of the body is far below both limits.
        let (Ok(start), Ok(name_length)) = (u32::try_from(self.arena.len()), u16::try_from(name.as_str().len())) else {
            return self.unreadable.add(&display);
        };
        let shown = if display == name.as_str() { "" } else { &*display };
        self.arena.push_str(name.as_str());
        self.arena.push_str(shown);
        let display = u16::try_from(shown.len()).unwrap_or(0);
        self.spans.push(Span { start, name: name_length, display, serial: serial.0 });
    }

    /// Has it grown beyond `most` projects, or beyond the bytes that so many could need?
    pub(super) fn is_beyond(&self, most: usize) -> bool {
        self.spans.len() > most || self.arena.len() > most * 32
    }

    /// Sorts, and keeps the highest serial of each name.
    pub(super) fn finish(mut self, serial: Serial) -> Self {
        let Self { arena, spans, inflated, .. } = &mut self;
        for span in spans.iter_mut().filter(|span| span.serial > serial.0.saturating_add(Self::RACE)) {
            // It would stand above every event to come, and hide them.
            span.serial = serial.0;
            *inflated += 1;
        }
        spans.sort_unstable_by(|a, b| {
            let (first, second) = (entry(arena, *a), entry(arena, *b));
            first.name.cmp(second.name).then(b.serial.cmp(&a.serial)).then(first.display.cmp(&second.display))
        });
        let before = spans.len();
        spans.dedup_by(|later, kept| entry(arena, *later).name == entry(arena, *kept).name);
        self.duplicates = before - self.spans.len();
        self.serial = serial;
        self
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The entry at a place that [`super::IndexDifference`] gave.
    ///
    /// # Panics
    /// When the place is beyond the end.
    pub fn at(&self, place: u32) -> ListedProject<'_> {
        entry(&self.arena, self.spans[place as usize])
    }

    /// All entries, by normalized name bytewise: what the baseline stores.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ListedProject<'_>> + Clone {
        self.spans.iter().map(|span| entry(&self.arena, *span))
    }
}

fn entry(arena: &str, span: Span) -> ListedProject<'_> {
    let name_end = span.start as usize + span.name as usize;
    let display = (span.display > 0).then(|| &arena[name_end..name_end + span.display as usize]);
    ListedProject { name: &arena[span.start as usize..name_end], display, serial: Serial(span.serial) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(projects: &[(&str, u64)]) -> Listing {
        let mut listing = Listing::default();
        projects.iter().for_each(|(name, serial)| listing.push(name, Serial(*serial)));
        listing.finish(Serial(1_000))
    }

    #[test]
    fn names_are_normalized_and_sorted_bytewise() {
        let listing = listing(&[("0-0", 3), ("Foo.Bar", 1), ("0", 2), ("000", 4)]);
        let seen: Vec<_> = listing.iter().map(|e| (e.name, e.display, e.serial.0)).collect();
        assert_eq!(seen, [("0", None, 2), ("0-0", None, 3), ("000", None, 4), ("foo-bar", Some("Foo.Bar"), 1)]);
    }

    #[test]
    fn of_two_spellings_the_newer_stays() {
        let listing = listing(&[("foo-bar", 5), ("Foo.Bar", 9), ("foo_bar", 7)]);
        assert_eq!(listing.iter().map(|e| (e.display, e.serial.0)).collect::<Vec<_>>(), [(Some("Foo.Bar"), 9)]);
        assert_eq!(listing.duplicates, 2);
    }

    #[test]
    fn a_serial_beyond_the_bodys_own_is_not_believed() {
        let listing = listing(&[("honest", 900), ("poison", 9_000_000_000_000_000_000), ("race", 1_004)]);
        let seen: Vec<_> = listing.iter().map(|e| (e.name, e.serial.0)).collect();
        assert_eq!(seen, [("honest", 900), ("poison", 1_000), ("race", 1_004)]);
        assert_eq!(listing.inflated, 1);
    }

    #[test]
    fn what_is_no_name_is_salvaged_or_reported() {
        let listing = listing(&[("acme\u{202e}-billing", 5), ("中", 6), (&"x".repeat(70_000), 7)]);
        let long = listing.at(1).sighting(Event::Listed).expect("a sighting");
        assert!(long.display.ends_with("(70000 characters)") && long.unreadable.is_some(), "{}", long.display);
        let sighting = listing.at(0).sighting(Event::Listed).expect("a sighting");
        assert_eq!(sighting.name.as_str(), "acme-billing");
        assert_eq!(sighting.unreadable.as_deref(), Some("acme\u{202e}-billing"));
        assert_eq!((listing.len(), listing.unreadable.names.len()), (2, 3));
    }
}
