//! Is this sighting a registration that was not known? Pure.
//!
//! A registration is (name, second of creation). RSS and the changelog agree on the second; the index does not know it
//! and has only the serial at which it first listed the project. Whatever order the feeds come in, one registration
//! must mean one finding, and a name freed and taken again must mean two.

use chrono::TimeDelta;

use crate::model::{Event, Feed, RegistrationId, Serial, Sighting};
use crate::store::{Presence, ProjectRow};

/// PyPI's seconds are those at which a transaction began. Two uploads to one project may overlap, and the one that
/// creates it may have begun after the other; by no more than this.
pub(in crate::cases) const BEGUN: TimeDelta = TimeDelta::seconds(60);

/// How old the index may be when it is served: 30 minutes, and 5 while another is made (`warehouse` `api/simple.py`).
const LAG: TimeDelta = TimeDelta::minutes(40);

/// What a sighting says about the identity of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cases) enum Meaning {
    /// A registration nobody told before.
    New(RegistrationId),
    /// The registration already known; the second is news where the index had it first.
    Known { learned: Option<i64> },
    /// An older registration of a name that has since been registered again, or a stale feed.
    Stale,
}

pub(in crate::cases) fn meaning(known: Option<&ProjectRow>, sighting: &Sighting) -> Meaning {
    match (&sighting.event, known) {
        (Event::Created, Some(row)) => created(row, sighting),
        (Event::Created, None) => Meaning::New(registration_id(sighting)),
        // Anything that happens to an unknown project tells of a registration that no feed has shown.
        (Event::Removed | Event::Unlisted | Event::Withdrawn { .. }, None) => Meaning::Stale,
        (Event::Unlisted, Some(row)) if is_before(row, sighting) => Meaning::Stale,
        (_, None) => Meaning::New(registration_id(sighting)),
        (_, Some(_)) => Meaning::Known { learned: None },
    }
}

/// The identity a new registration gets: the second where the feed tells it, else the serial.
fn registration_id(sighting: &Sighting) -> RegistrationId {
    match (&sighting.event, sighting.at, sighting.serial) {
        (Event::Created, Some(at), _) => RegistrationId::Second(at.timestamp()),
        // An RSS item without a date has neither; serials begin at 1.
        (_, _, serial) => RegistrationId::Listed(serial.unwrap_or_default().max(Serial(1))),
    }
}

fn created(row: &ProjectRow, sighting: &Sighting) -> Meaning {
    let Some(second) = sighting.at.map(|at| at.timestamp()) else { return Meaning::Known { learned: None } };
    let new = Meaning::New(RegistrationId::Second(second));
    let later_than_listing = sighting.serial.zip(row.listed).is_some_and(|(event, listed)| event > listed);
    match row.created {
        // RSS lent this second to a project of the index; the changelog now says the index meant an earlier one.
        Some(known)
            if known == second && later_than_listing && matches!(row.registration_id, RegistrationId::Listed(_)) =>
        {
            new
        }
        Some(known) if known == second => Meaning::Known { learned: None },
        Some(known) if second > known || sighting.serial.is_some_and(|s| s > row.serial) => new,
        Some(_) => Meaning::Stale,
        None if sighting.feed == Feed::Rss && is_after_listing(row, second) => new,
        None if later_than_listing => new,
        // No feed had told its second, nor listed it, before it went: what the changelog tells to be created after that is another.
        None if row.presence != Presence::Present && sighting.serial.is_some_and(|s| s > row.serial) => new,
        None if row.presence == Presence::Present => Meaning::Known { learned: Some(second) },
        None => Meaning::Stale,
    }
}

/// RSS has no serial. What was created after the index body was served that listed the project first is another
/// registration; what was created before it is taken for the same until a serial says otherwise. Both times are the
/// registry's: by a clock of ours that is behind, every registration would look like two.
fn is_after_listing(row: &ProjectRow, second: i64) -> bool {
    row.listed_at.is_some_and(|listed| second > listed)
}

/// May the index that lacks the project have been made before it was registered? The serial that is known of it may be
/// that of an earlier registration, as long as the index has not listed it.
fn is_before(row: &ProjectRow, sighting: &Sighting) -> bool {
    let age = sighting.at.zip(row.created).map(|(served, created)| served.timestamp() - created);
    sighting.feed == Feed::Index && row.listed.is_none() && age.is_some_and(|age| age < LAG.num_seconds())
}

/// Did this happen to an earlier registration of the name than the one now known?
pub(in crate::cases) fn precedes(row: &ProjectRow, sighting: &Sighting) -> bool {
    sighting.at.zip(row.created).is_some_and(|(at, created)| at.timestamp() < created)
}

/// The highest serial known after this sighting.
pub(in crate::cases) fn serial(row: Option<&ProjectRow>, sighting: &Sighting) -> Serial {
    row.map_or(Serial(0), |row| row.serial).max(sighting.serial.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ProjectName, Time};

    fn at(second: i64) -> Time {
        chrono::DateTime::from_timestamp(second, 0).expect("a time")
    }

    fn create(feed: Feed, second: i64, serial: u64) -> Sighting {
        Sighting {
            name: ProjectName::parse("acme").expect("valid"),
            display: "acme".into(),
            event: Event::Created,
            feed,
            serial: (feed == Feed::Changelog).then_some(Serial(serial)),
            at: Some(at(second)),
            summary: None,
            unreadable: None,
        }
    }

    fn row(registration_id: RegistrationId, created: Option<i64>, serial: u64, listed: Option<u64>) -> ProjectRow {
        ProjectRow {
            name: ProjectName::parse("acme").expect("valid"),
            display: "acme".into(),
            registration_id,
            created,
            serial: Serial(serial),
            listed: listed.map(Serial),
            listed_at: listed.map(|_| 1000),
            presence: Presence::Present,
            first_seen: at(1000),
        }
    }

    #[test]
    fn rss_and_changelog_agree_on_the_second_in_either_order() {
        assert_eq!(meaning(None, &create(Feed::Rss, 500, 0)), Meaning::New(RegistrationId::Second(500)));
        let known = row(RegistrationId::Second(500), Some(500), 0, None);
        assert_eq!(meaning(Some(&known), &create(Feed::Changelog, 500, 7)), Meaning::Known { learned: None });
        assert_eq!(meaning(Some(&known), &create(Feed::Rss, 500, 0)), Meaning::Known { learned: None });
    }

    #[test]
    fn what_the_index_had_first_learns_its_second() {
        let listed = row(RegistrationId::Listed(Serial(9)), None, 9, Some(9));
        assert_eq!(meaning(Some(&listed), &create(Feed::Changelog, 500, 7)), Meaning::Known { learned: Some(500) });
        assert_eq!(meaning(Some(&listed), &create(Feed::Rss, 500, 0)), Meaning::Known { learned: Some(500) });
    }

    #[test]
    fn another_second_is_another_registration_and_an_old_item_never_is() {
        let known = row(RegistrationId::Second(500), Some(500), 7, None);
        assert_eq!(meaning(Some(&known), &create(Feed::Changelog, 900, 12)), Meaning::New(RegistrationId::Second(900)));
        assert_eq!(meaning(Some(&known), &create(Feed::Rss, 900, 0)), Meaning::New(RegistrationId::Second(900)));
        assert_eq!(meaning(Some(&known), &create(Feed::Rss, 400, 0)), Meaning::Stale);
        assert_eq!(meaning(Some(&known), &create(Feed::Changelog, 400, 3)), Meaning::Stale);
    }

    #[test]
    fn a_project_of_the_baseline_registered_again_is_seen_through_either_feed() {
        let listed = row(RegistrationId::Listed(Serial(9)), None, 9, Some(9));
        assert_eq!(
            meaning(Some(&listed), &create(Feed::Changelog, 990, 30)),
            Meaning::New(RegistrationId::Second(990))
        );
        assert_eq!(meaning(Some(&listed), &create(Feed::Rss, 1500, 0)), Meaning::New(RegistrationId::Second(1500)));
        let lent = row(RegistrationId::Listed(Serial(9)), Some(990), 9, Some(9));
        assert_eq!(meaning(Some(&lent), &create(Feed::Changelog, 990, 30)), Meaning::New(RegistrationId::Second(990)));
    }

    #[test]
    fn what_is_created_after_an_end_is_another_also_where_nobody_knew_when_the_first_was() {
        for presence in [Presence::Gone, Presence::Unlisted, Presence::Quarantined] {
            let told = ProjectRow { presence, ..row(RegistrationId::Listed(Serial(7)), None, 9, None) };
            let another = Meaning::New(RegistrationId::Second(500));
            assert_eq!(meaning(Some(&told), &create(Feed::Changelog, 500, 10)), another, "{presence:?}");
            assert_eq!(meaning(Some(&told), &create(Feed::Changelog, 500, 8)), Meaning::Stale, "{presence:?}");
            assert_eq!(meaning(Some(&told), &create(Feed::Rss, 500, 0)), Meaning::Stale, "{presence:?}: a cache");
        }
    }

    #[test]
    fn an_event_of_an_unknown_project_tells_of_a_registration() {
        let released = Sighting { event: Event::Released { version: "1".into() }, ..create(Feed::Changelog, 500, 7) };
        assert_eq!(meaning(None, &released), Meaning::New(RegistrationId::Listed(Serial(7))));
        let removed = Sighting { event: Event::Removed, ..released };
        assert_eq!(meaning(None, &removed), Meaning::Stale);
    }
}
