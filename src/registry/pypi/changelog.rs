//! The changelog: order and completeness, over XML-RPC (`warehouse` `legacy/api/xmlrpc/views.py`).
//!
//! The server answered "all after serial S", so everything up to the last serial of a page is covered, gaps in the
//! numbers included. A cut answer, serials that went back, a leap, or a page that may have been cut anywhere because it is
//! in no order, is an error and moves nothing.

use std::fmt;
use std::time::Duration;

use super::Pypi;
use super::clean::clean;
use super::xmlrpc::{self, Fault, Value, XmlRpcError};
use crate::model::unread::shown;
use crate::model::{Event, Feed, Serial, Sighting};
use crate::registry::pypi::unreadable::Unreadable;
use crate::upstream::{FetchError, ROOM};

/// A page this long may have been cut, and the next one is asked for at once. Far below PyPI's cap of 50,000, so that
/// a lowered cap changes nothing; asking once too often costs one empty page.
const LONG_PAGE: usize = 1_000;
/// PyPI's serials have gaps of a few. What leaps further is no serial, or a server that has lost what lies between.
const LEAP: u64 = 1_000_000;
/// How long a throttling fault without a number keeps us away.
const UNADVISED: Duration = Duration::from_secs(60);

/// What followed a serial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangelogPage {
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

/// Why the changelog could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChangelogError {
    #[error("the changelog is gone: {0}")]
    Gone(GoneSign),
    #[error("PyPI asks to wait {} s before the next changelog request", after.as_secs())]
    Throttled { after: Duration },
    #[error("the changelog went back: it gave serial {got} where serials after {after} belong")]
    WentBack { after: Serial, got: Serial },
    #[error("the changelog leaps from serial {after} to {got}: more than PyPI ever leaves out")]
    Leap { after: Serial, got: Serial },
    /// What was cut off it may lie anywhere, so no serial can be counted as reached.
    #[error("a page of {events} changelog entries after {after} is in no order")]
    Unsorted { after: Serial, events: usize },
    /// "Nothing after yours", while something else says that there is.
    #[error("the changelog gives nothing after serial {after}, although {witness} is already at {end}")]
    Withheld { after: Serial, end: Serial, witness: &'static str },
    #[error("the changelog is down: {0}")]
    Down(#[source] DownCause),
}

/// What says that XML-RPC is retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoneSign {
    /// The method does not exist, or a fault says that it was retired: believed at once.
    Fault { code: i64, text: String },
    /// HTTP 404 or 410: believed when it lasts (`mode`).
    Status(u16),
}

impl fmt::Display for GoneSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault { code, text } => write!(f, "fault {code}, {text:?}"),
            Self::Status(status) => write!(f, "HTTP {status}"),
        }
    }
}

/// Trouble that is expected to pass.
#[derive(Debug, thiserror::Error)]
pub enum DownCause {
    #[error(transparent)]
    Fetch(FetchError),
    /// The text is the server's: hostile.
    #[error("fault {code}, {text:?}")]
    Fault { code: i64, text: String },
    #[error(transparent)]
    Garbled(XmlRpcError),
    #[error("{0}")]
    Shape(&'static str),
}

/// Everything after `since`, up to the server's cap.
///
/// An empty answer is checked against the server's last serial: "nothing after yours" is also what a server says that
/// lost its end, or keeps something back. A check that fails changes nothing; the page was answered.
///
/// # Errors
/// See [`ChangelogError`]; nothing of the page counts then.
pub async fn page(pypi: &Pypi, since: Serial) -> Result<ChangelogPage, ChangelogError> {
    let page = page_after(pypi, since).await?;
    if page.events > 0 {
        return Ok(page);
    }
    match last_serial(pypi).await {
        Ok(got) if got < since => Err(ChangelogError::WentBack { after: since, got }),
        // Something may have happened between the two questions; it is there when asked again.
        Ok(end) if end > since => match page_after(pypi, since).await? {
            again if again.events > 0 => Ok(again),
            _ => Err(ChangelogError::Withheld { after: since, end, witness: "its own last serial" }),
        },
        Ok(_) => Ok(page),
        Err(error) => {
            tracing::debug!(%error, "cannot check that an empty changelog page is at the end");
            Ok(page)
        }
    }
}

async fn page_after(pypi: &Pypi, since: Serial) -> Result<ChangelogPage, ChangelogError> {
    let body = ask(pypi, xmlrpc::call("changelog_since_serial", &[since.0])).await?;
    read_page(&body, since).inspect_err(|error| obey(pypi, error))
}

/// The newest serial of all.
///
/// # Errors
/// See [`ChangelogError`].
pub async fn last_serial(pypi: &Pypi) -> Result<Serial, ChangelogError> {
    let body = ask(pypi, xmlrpc::call("changelog_last_serial", &[])).await?;
    read_serial(&body).inspect_err(|error| obey(pypi, error))
}

async fn ask(pypi: &Pypi, call: String) -> Result<Vec<u8>, ChangelogError> {
    pypi.xmlrpc(call).await.map_err(|error| match error {
        FetchError::NotFound => ChangelogError::Gone(GoneSign::Status(404)),
        FetchError::Gone => ChangelogError::Gone(GoneSign::Status(410)),
        FetchError::Throttled { after } => ChangelogError::Throttled { after },
        other => ChangelogError::Down(DownCause::Fetch(other)),
    })
}

fn obey(pypi: &Pypi, error: &ChangelogError) {
    if let ChangelogError::Throttled { after } = error {
        pypi.hold_xmlrpc(*after);
    }
}

/// Reads the answer to `changelog_since_serial(since)`. Pure.
///
/// # Errors
/// See [`ChangelogError`].
pub fn read_page(body: &[u8], since: Serial) -> Result<ChangelogPage, ChangelogError> {
    let (text, illegal_characters) = clean(body);
    let page = ChangelogPage { illegal_characters, sightings: room(text.len()), ..ChangelogPage::default() };
    let mut reading = Reading { page, serials: Vec::new() };
    xmlrpc::read_array(&text, |entry| reading.take(entry)).map_err(garbled)?.map_err(judge_fault)?;
    reading.finish(since)
}

/// A long page is given room that goes back to the system when it is dropped: see [`ROOM`].
fn room(text: usize) -> Vec<Sighting> {
    if text < 1 << 20 { Vec::new() } else { Vec::with_capacity(ROOM / size_of::<Sighting>() + 1) }
}

fn read_serial(body: &[u8]) -> Result<Serial, ChangelogError> {
    let (text, _) = clean(body);
    let value = xmlrpc::read_value(&text).map_err(garbled)?.map_err(judge_fault)?;
    let serial = value.as_int().and_then(|n| u64::try_from(n).ok()).map(Serial);
    serial.ok_or(ChangelogError::Down(DownCause::Shape("the last serial is no natural number")))
}

fn garbled(error: XmlRpcError) -> ChangelogError {
    ChangelogError::Down(DownCause::Garbled(error))
}

/// Sorts a fault: throttled, retired, or trouble (`pypi` answers all of them with HTTP 200).
fn judge_fault(fault: Fault) -> ChangelogError {
    let lower = fault.text.to_lowercase();
    let text = shown(&fault.text);
    if lower.contains("too many requests") || lower.contains("httptoomanyrequests") {
        return ChangelogError::Throttled { after: reset_after(&lower).unwrap_or(UNADVISED) };
    }
    if fault.code == -32601 || (fault.code == -32500 && says_retired(&lower)) {
        return ChangelogError::Gone(GoneSign::Fault { code: fault.code, text });
    }
    ChangelogError::Down(DownCause::Fault { code: fault.code, text })
}

/// "Limit may reset in 17 seconds."
fn reset_after(text: &str) -> Option<Duration> {
    let (_, rest) = text.split_once("reset in ")?;
    rest.split_whitespace().next()?.parse().ok().map(Duration::from_secs)
}

/// A retirement that has happened; one that is announced, or a pause, is not.
fn says_retired(text: &str) -> bool {
    const RETIRED: [&str; 10] = [
        "been deprecated",
        "is deprecated",
        ": deprecated",
        "been removed",
        "was removed",
        "is removed",
        "been retired",
        "no longer support",
        "no longer available",
        "permanently",
    ];
    const PAUSED: [&str; 3] = ["temporar", "currently", "will be "];
    RETIRED.iter().any(|phrase| text.contains(phrase)) && !PAUSED.iter().any(|phrase| text.contains(phrase))
}

/// A page in the making.
struct Reading {
    page: ChangelogPage,
    /// Of all entries, in the order they came.
    serials: Vec<Serial>,
}

impl Reading {
    /// One entry: `[name, version, timestamp, action, serial]`.
    fn take(&mut self, entry: Value) {
        self.page.events += 1;
        let Value::Array(fields) = entry else { return self.page.unreadable.add("an entry that is no array") };
        let [name, version, at, action, serial] = fields.as_slice() else {
            return self.page.unreadable.add(&format!("{fields:?}"));
        };
        let serial = serial.as_int().and_then(|n| u64::try_from(n).ok()).map(Serial);
        match serial {
            Some(serial) => self.serials.push(serial),
            None => self.page.unreadable.add(&format!("{fields:?}")),
        }
        let (Some(name), Some(action)) = (name.as_text(), action.as_text()) else {
            return self.page.unreadable.add(&format!("{fields:?}"));
        };
        let Some(event) = event(action, version.as_text().unwrap_or_default()) else { return };
        let at = at.as_int().and_then(|second| chrono::DateTime::from_timestamp(second, 0));
        match super::unreadable::sighting(name, event) {
            Some(sighting) => {
                if sighting.unreadable.is_some() {
                    self.page.unreadable.add_judged(name, &sighting.name);
                }
                self.add(Sighting { feed: Feed::Changelog, serial, at, ..sighting });
            }
            None => self.page.unreadable.add(name),
        }
    }

    /// The files of a release, one after another, are one change.
    fn add(&mut self, sighting: Sighting) {
        let last = self.page.sightings.last_mut();
        let again = |last: &&mut Sighting| {
            last.name == sighting.name && (&last.event, &sighting.event) == (&Event::Changed, &Event::Changed)
        };
        match last.filter(again) {
            Some(last) if sighting.serial > last.serial => *last = sighting,
            Some(_) => {}
            None => self.page.sightings.push(sighting),
        }
    }

    /// Places the page after the serial asked for. What is at or below it is applied too, since applying twice changes
    /// nothing; but a page that holds nothing else comes from a server that went back. A repeated serial is merely odd.
    fn finish(self, after: Serial) -> Result<ChangelogPage, ChangelogError> {
        let Self { mut page, mut serials } = self;
        page.full = page.events >= LONG_PAGE;
        page.disordered = !serials.is_sorted() || serials.first().is_some_and(|first| *first <= after);
        let Some(last) = serials.iter().max().copied() else { return Ok(page) };
        if last <= after {
            return Err(ChangelogError::WentBack { after, got: last });
        }
        if page.disordered && page.full {
            return Err(ChangelogError::Unsorted { after, events: page.events });
        }
        if page.disordered {
            serials.sort_unstable();
            page.sightings.sort_by_key(|sighting| sighting.serial);
        }
        if let Some((after, got)) = leap(after, &serials) {
            return Err(ChangelogError::Leap { after, got });
        }
        page.last = Some(last);
        Ok(page)
    }
}

/// The first step upwards that is too long, in serials that are sorted.
fn leap(after: Serial, serials: &[Serial]) -> Option<(Serial, Serial)> {
    let above = serials.iter().copied().filter(|serial| *serial > after);
    let mut steps = std::iter::once(after).chain(above.clone()).zip(above);
    steps.find(|(from, to)| to.0 - from.0 > LEAP)
}

/// The sighting in an action, if any (every `JournalEntry(` in `warehouse` at 6b62157).
fn event(action: &str, version: &str) -> Option<Event> {
    let version = shown(version);
    Some(match action {
        "create" => Event::Created,
        "new release" | "unyank release" | "release quarantine cleared" => Event::Released { version },
        "remove release" | "yank release" | "release quarantined" => Event::Withdrawn { version },
        "remove project" => Event::Removed,
        "project quarantined" => Event::Quarantined,
        "project quarantine cleared" => Event::QuarantineCleared,
        _ if adds_file(action) => Event::Changed,
        _ if changes_roles(action) => Event::RolesChanged { action: shown(action) },
        _ => return None,
    })
}

/// `add py3 file acme-1.0-py3-none-any.whl` (`warehouse` `forklift/legacy.py`): also to a release that stands for long, and
/// an installer that had nothing to take of it may have now.
fn adds_file(action: &str) -> bool {
    let mut words = action.splitn(4, ' ');
    words.next() == Some("add") && words.next().is_some() && words.next() == Some("file") && words.next().is_some()
}

/// `add Owner alice`, `change Maintainer bob to Owner`; an invitation changes nothing until it is accepted.
fn changes_roles(action: &str) -> bool {
    let mut words = action.splitn(3, ' ');
    let verb = matches!(words.next(), Some("add" | "remove" | "change" | "accepted"));
    verb && matches!(words.next(), Some("Owner" | "Maintainer")) && words.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProjectName;

    /// One entry as PyPI's renderer writes it.
    fn entry(name: &str, version: Option<&str>, at: i64, action: &str, serial: u64) -> String {
        let version = version.map_or("<nil/>".to_owned(), |v| format!("<string>{v}</string>"));
        format!(
            "<value><array><data>\n<value><string>{name}</string></value>\n<value>{version}</value>\n\
             <value><int>{at}</int></value>\n<value><string>{action}</string></value>\n\
             <value><int>{serial}</int></value>\n</data></array></value>\n"
        )
    }

    fn response(entries: &[String]) -> Vec<u8> {
        format!(
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n{}</data></array></value>\n\
             </param>\n</params>\n</methodResponse>\n",
            entries.concat()
        )
        .into_bytes()
    }

    fn fault(code: i64, text: &str) -> Vec<u8> {
        format!(
            "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n\
             <value><int>{code}</int></value>\n</member>\n<member>\n<name>faultString</name>\n\
             <value><string>{text}</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n"
        )
        .into_bytes()
    }

    fn error(body: &[u8]) -> ChangelogError {
        read_page(body, Serial(100)).expect_err("an error")
    }

    #[test]
    fn the_first_upload_of_a_project_is_four_sightings_however_many_files() {
        let body = response(&[
            entry("Acme_Billing", None, 1_787_331_457, "create", 41),
            entry("Acme_Billing", None, 1_787_331_457, "add Owner eve", 42),
            entry("Acme_Billing", Some("3.0.0"), 1_787_331_457, "new release", 44),
            entry("Acme_Billing", Some("3.0.0"), 1_787_331_457, "add source file acme_billing-3.0.0.tar.gz", 45),
            entry("Acme_Billing", Some("3.0.0"), 1_787_331_458, "add py3 file acme_billing-3.0.0-py3-none-any.whl", 46),
        ]);
        let page = read_page(&body, Serial(40)).expect("a page");
        assert_eq!((page.events, page.last, page.full), (5, Some(Serial(46)), false));
        assert_eq!(page.unreadable, Unreadable::default());
        let words: Vec<&str> = page.sightings.iter().map(|s| s.event.as_str()).collect();
        assert_eq!(words, ["created", "roles-changed", "released", "changed"]);
        assert_eq!(page.sightings[3].serial, Some(Serial(46)), "the page must show the last of them");
        let created = Sighting {
            name: ProjectName::parse("acme-billing").expect("valid"),
            display: "Acme_Billing".to_owned(),
            event: Event::Created,
            feed: Feed::Changelog,
            serial: Some(Serial(41)),
            at: Some("2026-08-21T16:57:37Z".parse().expect("a time")),
            summary: None,
            unreadable: None,
        };
        assert_eq!(page.sightings[0], created);
    }

    #[test]
    fn every_action_of_warehouse_is_sorted() {
        let word = |action| event(action, "1.0").map(|event| event.as_str());
        for (action, expected) in [
            ("create", Some("created")),
            ("new release", Some("released")),
            ("unyank release", Some("released")),
            ("release quarantine cleared", Some("released")),
            ("remove release", Some("withdrawn")),
            ("yank release", Some("withdrawn")),
            ("release quarantined", Some("withdrawn")),
            ("remove project", Some("removed")),
            ("project quarantined", Some("quarantined")),
            ("project quarantine cleared", Some("quarantine-cleared")),
            ("add Owner alice", Some("roles-changed")),
            ("remove Maintainer alice", Some("roles-changed")),
            ("change Owner alice to Maintainer", Some("roles-changed")),
            ("accepted Owner alice", Some("roles-changed")),
            ("invite Owner alice", None),
            ("revoke_invite Owner alice", None),
            ("add py3 file a-1.0-py3-none-any.whl", Some("changed")),
            ("remove file a-1.0.tar.gz", None),
            ("docupdate", None),
            ("", None),
        ] {
            assert_eq!(word(action), expected, "{action}");
        }
    }

    #[test]
    fn nothing_new_is_a_page_without_entries() {
        let page = read_page(&response(&[]), Serial(40)).expect("a page");
        assert_eq!(page, ChangelogPage::default());
    }

    #[test]
    fn serials_that_do_not_rise_stop_the_feed() {
        let at = |serial| entry("a", None, 1, "create", serial);
        for (serials, after, got) in [(vec![100], 100, 100), (vec![99], 100, 99), (vec![95, 93, 98], 100, 98)] {
            let body = response(&serials.into_iter().map(at).collect::<Vec<_>>());
            let ChangelogError::WentBack { after: a, got: g } = error(&body) else { panic!("it went back") };
            assert_eq!((a, g), (Serial(after), Serial(got)));
        }
        let odd = read_page(&response(&[at(101), at(101), at(109)]), Serial(100)).expect("a page");
        assert_eq!(odd.last, Some(Serial(109)));
    }

    #[test]
    fn a_short_page_out_of_order_is_sorted_and_a_long_one_refused() {
        let at = |serial: u64| entry("a", None, 1, "create", serial);
        let page = read_page(&response(&[at(109), at(98), at(103)]), Serial(100)).expect("a page");
        let order: Vec<u64> = page.sightings.iter().filter_map(|s| s.serial).map(|s| s.0).collect();
        assert_eq!((order, page.last, page.disordered), (vec![98, 103, 109], Some(Serial(109)), true));
        let many: Vec<String> = (101..1_201).rev().map(at).collect();
        assert!(matches!(error(&response(&many)), ChangelogError::Unsorted { events: 1_100, .. }));
    }

    #[test]
    fn a_serial_out_of_this_world_moves_nothing() {
        let at = |serial: u64| entry("a", None, 1, "create", serial);
        for (serials, after) in [(vec![101, 9_000_000_000_000_000_000], 101), (vec![1_000_101], 100)] {
            let body = response(&serials.iter().copied().map(at).collect::<Vec<_>>());
            let ChangelogError::Leap { after: a, .. } = error(&body) else { panic!("it leaps") };
            assert_eq!(a, Serial(after));
        }
        assert!(read_page(&response(&[at(1_000_100)]), Serial(100)).is_ok(), "a gap is none");
    }

    #[test]
    fn what_cannot_be_read_is_reported_and_the_rest_counts() {
        let odd = "<value><array><data><value><int>1</int></value></data></array></value>".to_owned();
        let body = response(&[
            entry("\u{202e}acme", None, 1, "create", 101),
            entry("中", None, 1, "create", 102),
            odd,
            entry("good", None, i64::MAX, "create", 104),
        ]);
        let page = read_page(&body, Serial(100)).expect("a page");
        assert_eq!(page.sightings[0].name.as_str(), "acme");
        assert_eq!(page.sightings[0].unreadable.as_deref(), Some("\u{202e}acme"));
        assert_eq!(page.sightings[1].at, None, "an impossible time is no time");
        assert_eq!((page.unreadable.names.len(), page.events, page.last), (3, 4, Some(Serial(104))));
    }

    #[test]
    fn a_long_page_asks_for_the_next() {
        let entries: Vec<String> = (101..1_101).map(|serial| entry("a", None, 1, "create", serial)).collect();
        assert!(read_page(&response(&entries), Serial(100)).expect("a page").full);
        assert!(!read_page(&response(&entries[1..]), Serial(100)).expect("a page").full);
    }

    #[test]
    fn illegal_characters_do_not_lose_the_page() {
        let page = read_page(&response(&[entry("a\u{1}b&#0;c", None, 1, "create", 101)]), Serial(100)).expect("a page");
        assert_eq!((page.sightings[0].name.as_str(), page.illegal_characters), ("abc", 2));
    }

    #[test]
    fn faults_are_sorted_into_gone_throttled_and_down() {
        for text in [
            "ValueError: The changelog method has been deprecated, use changelog_since_serial instead.",
            "RuntimeError: PyPI no longer supports the XMLRPC package_releases method. Use JSON or Simple API instead.",
            "RuntimeError: this API has been removed.",
        ] {
            assert!(matches!(error(&fault(-32500, text)), ChangelogError::Gone(GoneSign::Fault { .. })), "{text}");
        }
        let missing = error(&fault(-32601, "server error; requested method not found"));
        assert!(matches!(missing, ChangelogError::Gone(_)), "{missing}");
        for text in [
            "application error",
            "RuntimeError: PyPI's XMLRPC API is currently disabled due to unmanageable load and will be deprecated.",
            "OperationalError: the database is temporarily removed from service",
        ] {
            assert!(matches!(error(&fault(-32500, text)), ChangelogError::Down(_)), "{text}");
        }
        assert!(matches!(error(&fault(-32403, "server error; service unavailable")), ChangelogError::Down(_)));
    }

    #[test]
    fn a_throttling_fault_says_how_long() {
        let text = "HTTPTooManyRequests: The action could not be performed because there were too many requests by \
                    the client.";
        let after = |body: &[u8]| match error(body) {
            ChangelogError::Throttled { after } => after.as_secs(),
            other => panic!("not throttled: {other}"),
        };
        assert_eq!(after(&fault(-32500, &format!("{text} Limit may reset in 17 seconds."))), 17);
        assert_eq!(after(&fault(-32500, text)), UNADVISED.as_secs());
    }

    #[test]
    fn a_page_of_html_is_down_not_gone() {
        let error = error(b"<html><body>503 backend read error</body></html>");
        insta::assert_snapshot!(error, @"the changelog is down: not XML-RPC at byte 6: <html> is no tag of it");
    }

    #[test]
    fn the_last_serial_is_a_number() {
        let body = |inner: &str| {
            format!("<methodResponse><params><param><value>{inner}</value></param></params></methodResponse>")
                .into_bytes()
        };
        assert_eq!(read_serial(&body("<int>41234567</int>")).expect("a serial"), Serial(41_234_567));
        assert!(read_serial(&body("<int>-1</int>")).is_err());
        assert!(read_serial(&body("<string>7</string>")).is_err());
    }
}
