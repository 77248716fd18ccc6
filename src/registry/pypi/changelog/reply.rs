//! What the changelog answers: entries in the order of their serials, and what they say of projects.

use super::trouble::{ChangelogError, garbled, judge_fault};
use crate::model::unread::shown;
use crate::model::{Event, Feed, Serial, Sighting, Time};
use crate::registry::Unreadable;
use crate::registry::pypi::clean::clean;
use crate::registry::pypi::dates::{is_absurd, told};
use crate::registry::pypi::xmlrpc::{self, Value};
use crate::upstream::ROOM;

/// A reply this long may have been cut, and the next one is asked for at once. Far below PyPI's cap of 50,000, so that
/// a lowered cap changes nothing; asking once too often costs one empty reply.
const LONG_REPLY: usize = 1_000;
/// PyPI's serials have gaps of a few. What leaps further is no serial, or a server that has lost what lies between.
const LEAP: u64 = 1_000_000;

/// What followed a serial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangelogReply {
    /// In the order of their serials. Actions that say nothing of a project are not among them.
    pub sightings: Vec<Sighting>,
    /// Entries of every kind.
    pub events: usize,
    /// The next cursor; `None` when nothing followed.
    pub last: Option<Serial>,
    /// Long enough to have been cut: ask again at once.
    pub full: bool,
    /// The entries came in another order than that of their serials, or some below the cursor; they are sorted here.
    pub disordered: bool,
    pub unreadable: Unreadable,
    /// Characters XML forbids, left out.
    pub illegal_characters: usize,
}

impl ChangelogReply {
    /// What is dated later than `latest`, or before there were seconds, has no date: it is told by its serial.
    pub fn distrust(&mut self, latest: Time) {
        for sighting in &mut self.sightings {
            if let Some(at) = sighting.at.take_if(|at| is_absurd(*at, latest)) {
                self.unreadable.add(&told(sighting.name.as_str(), at));
            }
        }
    }
}

/// Reads the answer to `changelog_since_serial(since)`. Pure.
///
/// # Errors
/// See [`ChangelogError`].
pub fn read_reply(body: &[u8], since: Serial) -> Result<ChangelogReply, ChangelogError> {
    let (text, illegal_characters) = clean(body);
    let reply = ChangelogReply { illegal_characters, sightings: room(text.len()), ..ChangelogReply::default() };
    let mut reading = Reading { reply, serials: Vec::new() };
    xmlrpc::read_array(&text, |entry| reading.take(entry)).map_err(garbled)?.map_err(judge_fault)?;
    reading.finish(since)
}

/// A long reply is given room that goes back to the system when it is dropped: see [`ROOM`].
fn room(text: usize) -> Vec<Sighting> {
    if text < 1 << 20 { Vec::new() } else { Vec::with_capacity(ROOM / size_of::<Sighting>() + 1) }
}

/// A reply in the making.
struct Reading {
    reply: ChangelogReply,
    /// Of all entries, in the order they came.
    serials: Vec<Serial>,
}

impl Reading {
    /// One entry: `[name, version, timestamp, action, serial]`.
    fn take(&mut self, entry: Value) {
        self.reply.events += 1;
        let Value::Array(fields) = entry else { return self.reply.unreadable.add("an entry that is no array") };
        let [name, version, at, action, serial] = fields.as_slice() else {
            return self.reply.unreadable.add(&format!("{fields:?}"));
        };
        let serial = serial.as_int().and_then(|n| u64::try_from(n).ok()).map(Serial);
        match serial {
            Some(serial) => self.serials.push(serial),
            None => self.reply.unreadable.add(&format!("{fields:?}")),
        }
        let (Some(name), Some(action)) = (name.as_text(), action.as_text()) else {
            return self.reply.unreadable.add(&format!("{fields:?}"));
        };
        let Some(event) = event(action, version.as_text().unwrap_or_default()) else { return };
        let at = at.as_int().and_then(|second| chrono::DateTime::from_timestamp(second, 0));
        if at.is_none() {
            self.reply.unreadable.add(&format!("{name}: no date"));
        }
        match crate::registry::pypi::salvage::sighting(name, event) {
            Some(sighting) => {
                if sighting.unreadable.is_some() {
                    self.reply.unreadable.add_judged(name, &sighting.name);
                }
                self.add(Sighting { feed: Feed::Changelog, serial, at, ..sighting });
            }
            None => self.reply.unreadable.add(name),
        }
    }

    /// The files of a release, one after another, are one change.
    fn add(&mut self, sighting: Sighting) {
        let last = self.reply.sightings.last_mut();
        let again = |last: &&mut Sighting| {
            last.name == sighting.name && (&last.event, &sighting.event) == (&Event::Changed, &Event::Changed)
        };
        match last.filter(again) {
            Some(last) if sighting.serial > last.serial => *last = sighting,
            Some(_) => {}
            None => self.reply.sightings.push(sighting),
        }
    }

    /// Places the reply after the serial asked for. What is at or below it is applied too, since applying twice changes
    /// nothing; but a reply that holds nothing else comes from a server that went back. A repeated serial is merely odd.
    fn finish(self, after: Serial) -> Result<ChangelogReply, ChangelogError> {
        let Self { mut reply, mut serials } = self;
        reply.full = reply.events >= LONG_REPLY;
        reply.disordered = !serials.is_sorted() || serials.first().is_some_and(|first| *first <= after);
        let Some(last) = serials.iter().max().copied() else { return Ok(reply) };
        if last <= after {
            return Err(ChangelogError::WentBack { after, got: last });
        }
        if reply.disordered && reply.full {
            return Err(ChangelogError::Unsorted { after, events: reply.events });
        }
        if reply.disordered {
            serials.sort_unstable();
            reply.sightings.sort_by_key(|sighting| sighting.serial);
        }
        if let Some((after, got)) = leap(after, &serials) {
            return Err(ChangelogError::Leap { after, got });
        }
        reply.last = Some(last);
        Ok(reply)
    }
}

/// The first step upwards that is too long, in serials that are sorted.
fn leap(after: Serial, serials: &[Serial]) -> Option<(Serial, Serial)> {
    let above = serials.iter().copied().filter(|serial| *serial > after);
    let mut steps = std::iter::once(after).chain(above.clone()).zip(above);
    steps.find(|(from, to)| to.0 - from.0 > LEAP)
}

/// The sighting in an action, if any (every `JournalEntry(` in `warehouse` at 6b62157).
pub(super) fn event(action: &str, version: &str) -> Option<Event> {
    let version = shown(version);
    Some(match action {
        "create" => Event::Created,
        "new release" | "unyank release" | "release quarantine cleared" => Event::Released { version },
        "remove release" | "yank release" | "release quarantined" => Event::Withdrawn { version },
        "remove project" => Event::Removed,
        "project quarantined" => Event::Quarantined,
        "project quarantine cleared" => Event::QuarantineCleared,
        _ if changes_files(action) => Event::Changed,
        _ if changes_roles(action) => Event::RolesChanged { action: shown(action) },
        _ => return None,
    })
}

/// `add py3 file acme-1.0-py3-none-any.whl` (`warehouse` `forklift/legacy.py`): also to a release that stands for long, and
/// an installer that had nothing to take of it may have now. `remove file acme-1.0.tar.gz` (`manage/views`) is the other way round.
fn changes_files(action: &str) -> bool {
    match action.splitn(4, ' ').collect::<Vec<_>>()[..] {
        ["add", _, "file", _] => true,
        ["remove", "file", ..] => action.len() > "remove file ".len(),
        _ => false,
    }
}

/// `add Owner alice`, `change Maintainer bob to Owner`; an invitation changes nothing until it is accepted.
fn changes_roles(action: &str) -> bool {
    let mut words = action.splitn(3, ' ');
    let verb = matches!(words.next(), Some("add" | "remove" | "change" | "accepted"));
    verb && matches!(words.next(), Some("Owner" | "Maintainer")) && words.next().is_some()
}
