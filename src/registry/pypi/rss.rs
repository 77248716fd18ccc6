//! RSS: speed, and a second opinion. The newest 40 projects, through feed-rs (`warehouse` `rss/views.py`).
//!
//! The feed may hold fewer than 40 items, reorder them, and go back in time between polls (stale caches), so a poll
//! covers nothing by itself: [`super::gap`] compares it with the one before.

use chrono::TimeDelta;
use feed_rs::model::{Entry, FeedType};
use feed_rs::parser::ParseFeedError;

use super::clean::{clean, is_whole};
use super::dates::{is_absurd, told};
use super::{Fetched, Pypi};
use crate::model::unread::shown;
use crate::model::{Event, Feed, NameError, ProjectName, Sighting, Time};
use crate::registry::Unreadable;
use crate::upstream::FetchError;

/// How PyPI ends the title of a new package.
const TITLE_END: &str = " added to PyPI";

/// What a poll gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RssPoll {
    /// The server says that nothing changed since that ETag.
    Unchanged,
    News(RssNews),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RssNews {
    /// One per item, in the feed's order: newest first, mostly. Always `Event::Created`.
    pub sightings: Vec<Sighting>,
    /// To be passed to the next poll.
    pub etag: Option<String>,
    /// Items without a name, with another than they link to, or without a date; some are among the sightings too.
    pub unreadable: Unreadable,
    /// Characters XML forbids, left out.
    pub illegal_characters: usize,
    /// When it was served, by the server's clock.
    pub served: Option<Time>,
}

/// Why the feed could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RssError {
    #[error("cannot read the RSS feed: {0}")]
    Fetch(#[source] FetchError),
    #[error("the RSS feed cannot be understood: {0}")]
    Garbled(#[source] ParseFeedError),
    #[error("the answer is a feed, but not RSS 2.0")]
    NotRss,
    /// The parser forgives an end that is missing; a watch must not.
    #[error("the RSS feed breaks off before its end")]
    Cut,
}

/// Looks once. Pass the ETag of what was stored last.
///
/// # Errors
/// When nothing could be learned.
pub async fn poll(pypi: &Pypi, etag: Option<&str>) -> Result<RssPoll, RssError> {
    match pypi.rss(etag).await.map_err(RssError::Fetch)? {
        Fetched::Unchanged => Ok(RssPoll::Unchanged),
        Fetched::Fresh { body, etag, served } => Ok(RssPoll::News(RssNews { etag, served, ..read(&body)? })),
    }
}

/// Reads a feed. Pure.
///
/// # Errors
/// When it is no RSS 2.0 to its end.
pub fn read(body: &[u8]) -> Result<RssNews, RssError> {
    let (text, illegal_characters) = clean(body);
    if !is_whole(&text) {
        return Err(RssError::Cut);
    }
    let feed = feed_rs::parser::parse(text.as_bytes()).map_err(RssError::Garbled)?;
    if feed.feed_type != FeedType::RSS2 {
        return Err(RssError::NotRss);
    }
    let mut news = RssNews { illegal_characters, ..RssNews::default() };
    for entry in &feed.entries {
        news.take(entry);
    }
    Ok(news)
}

impl RssNews {
    /// What is dated more than `ahead` of `now` has no date: as the end of a window it would make every later one a step
    /// back. It is the feed's fault only where the server's own clock does not say the same: else ours is wrong. What is dated
    /// before there were seconds has none either.
    pub fn distrust(&mut self, now: Time, ahead: TimeDelta) {
        let explained = self.served.map_or(now, |served| now.max(served)) + ahead;
        for sighting in &mut self.sightings {
            let absurd = sighting.at.take_if(|at| is_absurd(*at, now + ahead));
            if let Some(at) = absurd.filter(|at| is_absurd(*at, explained)) {
                self.unreadable.add(&told(sighting.name.as_str(), at));
            }
        }
    }

    fn take(&mut self, entry: &Entry) {
        let title = entry.title.as_ref().map_or("", |title| title.content.trim());
        let display = title.strip_suffix(TITLE_END).unwrap_or(title);
        let link = entry.links.first().map_or_else(String::new, |link| percent_decoded(&link.href));
        let Some(sighting) = identify(&link, display) else {
            return self.unreadable.add(&format!("{title} {link}"));
        };
        if let Some(text) = &sighting.unreadable {
            // The other feeds tell the whole spelling, and one text is one case.
            let is_spelling = !display.is_empty() && ProjectName::parse(display).is_err();
            let text = if is_spelling { display } else { text };
            self.unreadable.add_judged(text, &sighting.name);
        }
        if entry.published.is_none() {
            self.unreadable.add(&format!("{}: no date", sighting.name));
        }
        let summary = entry.summary.as_ref().map(|text| shown(text.content.trim()));
        self.sightings.push(Sighting {
            feed: Feed::Rss,
            at: entry.published,
            // A missing summary is rendered as Python's None.
            summary: summary.filter(|text| !matches!(text.as_str(), "" | "None")),
            ..sighting
        });
    }
}

/// The link holds the normalized name, the title the publisher's spelling. When they disagree, or one of them is no
/// name, the sighting says so: it may hide a name that concerns a watch.
fn identify(link: &str, display: &str) -> Option<Sighting> {
    let slug = slug(link).unwrap_or_default();
    match (ProjectName::parse(slug), ProjectName::parse(display)) {
        (Ok(name), Ok(title)) if name == title => super::salvage::sighting(display, Event::Created),
        (Ok(name), Err(NameError::Empty)) => super::salvage::sighting(name.as_str(), Event::Created),
        (Ok(name), _) | (Err(_), Ok(name)) => {
            let unreadable = Some(shown(&format!("{display} {}", if slug.is_empty() { link } else { slug })));
            let sighting = super::salvage::sighting(name.as_str(), Event::Created)?;
            Some(Sighting { display: shown(display), unreadable, ..sighting })
        }
        (Err(_), Err(_)) => [slug, display].into_iter().find_map(|text| super::salvage::sighting(text, Event::Created)),
    }
}

/// `acme-billing` of `…/project/acme-billing/`.
fn slug(link: &str) -> Option<&str> {
    let (_, path) = link.split_once("/project/")?;
    path.split('/').next().filter(|slug| !slug.is_empty())
}

/// feed-rs gives links as addresses, so what is not ASCII arrives in percent form.
fn percent_decoded(link: &str) -> String {
    percent_encoding::percent_decode_str(link).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = include_str!("../../../tests/fixtures/rss-packages.xml");

    fn item(title: &str, slug: &str, rest: &str) -> String {
        format!("<item><title>{title}</title><link>https://pypi.example/project/{slug}/</link>{rest}</item>")
    }

    fn feed(items: &str) -> RssNews {
        read(format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>").as_bytes())
            .expect("a feed")
    }

    const DATE: &str = "<pubDate>Fri, 21 Aug 2026 16:57:37 GMT</pubDate>";

    #[test]
    fn a_feed_of_pypis_shape_is_read_whole() {
        let news = read(SAMPLE.as_bytes()).expect("a feed");
        assert_eq!(news.unreadable, Unreadable::default());
        let first = Sighting {
            name: ProjectName::parse("acme-billing-client").expect("valid"),
            display: "Acme_Billing.Client".to_owned(),
            event: Event::Created,
            feed: Feed::Rss,
            serial: None,
            at: Some("2026-08-21T16:57:37Z".parse().expect("a time")),
            summary: Some("internal helper & stubs <b>".to_owned()),
            unreadable: None,
        };
        assert_eq!(news.sightings[0], first);
        let rest: Vec<_> = news.sightings[1..].iter().map(|s| (s.name.as_str(), s.summary.as_deref())).collect();
        assert_eq!(rest, [("torchtriton", None), ("0-0-1", Some("none of it"))]);
    }

    #[test]
    fn an_empty_feed_is_a_look_that_saw_nothing() {
        assert_eq!(feed(""), RssNews::default());
    }

    #[test]
    fn a_name_that_cannot_be_read_is_salvaged_and_marked() {
        let news = feed(&item("acme\u{202e}-billing added to PyPI", "acme\u{202e}-billing", DATE));
        assert_eq!(news.sightings[0].name.as_str(), "acme-billing");
        assert_eq!(news.sightings[0].unreadable.as_deref(), Some("acme\u{202e}-billing"));
        let news = feed(&item("中 added to PyPI", "中", DATE));
        assert_eq!((news.sightings.len(), news.unreadable.names.len()), (0, 1));
    }

    #[test]
    fn a_title_that_disagrees_with_its_link_is_marked() {
        let news = feed(&item("acme-billing added to PyPI", "harmless", DATE));
        assert_eq!(news.sightings[0].name.as_str(), "harmless");
        assert_eq!(news.sightings[0].unreadable.as_deref(), Some("acme-billing harmless"));
        let news = feed(&item("", "harmless", DATE));
        assert_eq!((news.sightings[0].display.as_str(), &news.sightings[0].unreadable), ("harmless", &None));
    }

    #[test]
    fn a_link_elsewhere_leaves_the_title() {
        let news =
            feed(&format!("<item><title>acme added to PyPI</title><link>https://x.example/</link>{DATE}</item>"));
        assert_eq!(news.sightings[0].name.as_str(), "acme");
        assert_eq!(news.sightings[0].unreadable.as_deref(), Some("acme https://x.example/"));
    }

    #[test]
    fn an_item_without_a_date_is_seen_and_reported() {
        for rest in ["", "<pubDate>yesterday</pubDate>"] {
            let news = feed(&item("acme added to PyPI", "acme", rest));
            assert_eq!((news.sightings[0].at, news.unreadable.names[0].text.as_str()), (None, "acme: no date"));
        }
    }

    #[test]
    fn a_date_out_of_this_world_is_none_and_is_reported() {
        let mut news = feed(&item("acme added to PyPI", "acme", "<pubDate>Fri, 31 Dec 9999 00:00:00 GMT</pubDate>"));
        news.distrust("2026-12-01T00:00:00Z".parse().expect("a time"), TimeDelta::days(30));
        let text = news.unreadable.names[0].text.as_str();
        assert_eq!((news.sightings[0].at, text), (None, "acme: dated 9999-12-31 00:00:00 UTC"));
    }

    #[test]
    fn a_date_before_there_were_seconds_is_none_and_is_reported() {
        let mut news = feed(&item("acme added to PyPI", "acme", "<pubDate>Sun, 31 Dec 1950 00:00:00 GMT</pubDate>"));
        news.served = Some("2026-12-01T00:00:00Z".parse().expect("a time"));
        news.distrust("2026-12-01T00:00:00Z".parse().expect("a time"), TimeDelta::days(30));
        let text = news.unreadable.names[0].text.as_str();
        assert_eq!((news.sightings[0].at, text), (None, "acme: dated 1950-12-31 00:00:00 UTC"));
    }

    #[test]
    fn dates_that_the_servers_own_clock_bears_out_are_no_fault_of_the_feed() {
        let mut news = feed(&item("acme added to PyPI", "acme", DATE));
        news.served = Some("2026-08-21T17:00:00Z".parse().expect("a time"));
        news.distrust("2019-01-01T00:00:00Z".parse().expect("a time"), TimeDelta::days(30));
        assert_eq!((news.sightings[0].at, news.unreadable), (None, Unreadable::default()));
    }

    #[test]
    fn illegal_characters_are_left_out_and_counted() {
        let bytes = SAMPLE.replace("torchtriton added", "torch\u{8}triton&#x1b; added").into_bytes();
        let mut bytes = bytes;
        let place = bytes.windows(4).position(|w| w == b"stub").expect("the summary");
        bytes.insert(place, 0xff);
        let news = read(&bytes).expect("a feed");
        assert_eq!(news.illegal_characters, 3);
        assert_eq!(news.sightings[1].display, "torchtriton");
        assert_eq!(news.sightings[0].summary.as_deref(), Some("internal helper & stubs <b>"));
    }

    #[test]
    fn a_cut_feed_is_never_a_short_one() {
        let complete = SAMPLE.trim_end().len();
        for end in (0..complete).filter(|end| SAMPLE.is_char_boundary(*end)) {
            assert!(read(&SAMPLE.as_bytes()[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn other_answers_are_errors() {
        assert!(read(b"<html><body>sorry</body></html>").is_err());
        assert!(read(b"").is_err());
        assert!(read(b"{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"t\",\"items\":[]}").is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics_on_any_title_and_link(title in "\\PC{0,40}", link in "\\PC{0,40}") {
            let _ = identify(&link, &title);
            let _ = identify(&format!("https://x.example/project/{link}"), &title);
        }
    }
}
