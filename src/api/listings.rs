//! What lists are made of, kept between two of their pages, so that a page costs what it shows: those of claims, and what is said of
//! the inventory file.
//!
//! A plan is of all names or of none, and no two pages of a list may be of two: the one order would lose names that the other
//! has earlier, or give a day's turn twice. So a cursor says which plan its page was of. That is kept for a while, and where it
//! was let go it is made again as of its moment; if it comes out another, the cursor is refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};

use super::examined::examined;
use super::remarks::{Basis, KeptRemarks};
use crate::claims::plan::PlanOrder;
use crate::claims::{KeptGround, Outlook};
use crate::config::Settings;
use crate::model::{Inventory, Time};
use crate::watchlist::{self, Examined, InventoryError};

/// So long after its last page a plan is kept.
const KEPT: Duration = Duration::from_secs(60);
/// And what plans are made of: so long after anybody has looked at one.
const GROUND_KEPT: Duration = Duration::from_secs(3600);
/// So many names in all; one plan alone may have more.
const NAMES: usize = 100_000;
/// No plan is made again as of a moment that is further off.
const AGE: TimeDelta = TimeDelta::hours(1);

/// Which plan a page is of: when it was made, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    at: Time,
    says: u64,
}

impl Stamp {
    pub(super) fn of(order: &PlanOrder, at: Time) -> Self {
        Self { at, says: order.says }
    }

    pub(super) fn read(at: &str, says: &str) -> Option<Self> {
        let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        Some(Self { at, says: u64::from_str_radix(says, 16).ok()? })
    }

    /// For a cursor.
    pub(super) fn words(self) -> [String; 2] {
        [self.at.timestamp_micros().to_string(), format!("{:x}", self.says)]
    }

    /// When it was made, if that may still be asked for.
    pub(super) fn moment(self, now: Time) -> Option<Time> {
        Some(self.at).filter(|at| (now - *at).abs() <= AGE)
    }
}

struct Kept {
    stamp: Stamp,
    plan: Arc<PlanOrder>,
    /// On the monotonic clock.
    used: Duration,
}

#[derive(Default)]
struct Shelf {
    /// What was used last comes last.
    plans: Vec<Kept>,
    outlook: Option<(Arc<Outlook>, Duration)>,
    ground: KeptGround,
    ground_used: Duration,
}

/// Shared by all who ask.
#[derive(Clone, Default)]
pub struct Listings {
    shelf: Arc<Mutex<Shelf>>,
    pub(super) remarks: KeptRemarks,
}

impl Listings {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn plan(&self, stamp: Stamp) -> Option<Arc<PlanOrder>> {
        self.shelf().plans.iter().find(|kept| kept.stamp == stamp).map(|kept| Arc::clone(&kept.plan))
    }

    /// There is another page of it. What was used longest ago goes first where there are too many.
    pub(super) fn keep(&self, stamp: Stamp, plan: Arc<PlanOrder>, used: Duration) {
        self.drop_plan(stamp);
        let mut shelf = self.shelf();
        shelf.plans.push(Kept { stamp, plan, used });
        while shelf.plans.len() > 1 && shelf.plans.iter().map(|kept| kept.plan.names.len()).sum::<usize>() > NAMES {
            shelf.plans.remove(0);
        }
    }

    /// Its last page was shown.
    pub(super) fn drop_plan(&self, stamp: Stamp) {
        self.shelf().plans.retain(|kept| kept.stamp != stamp);
    }

    pub(super) fn outlook(&self) -> Option<Arc<Outlook>> {
        self.shelf().outlook.as_ref().map(|(outlook, _)| Arc::clone(outlook))
    }

    pub(super) fn keep_outlook(&self, outlook: Option<Arc<Outlook>>, used: Duration) {
        self.shelf().outlook = outlook.map(|outlook| (outlook, used));
    }

    /// Whoever uses it asks whether it is of this moment.
    pub(super) fn ground(&self, used: Duration) -> KeptGround {
        let mut shelf = self.shelf();
        shelf.ground_used = used;
        shelf.ground.clone()
    }

    /// Reads the file of the inventory, for whoever puts it in force, and keeps what is to be said of it for whoever looks. Blocks.
    ///
    /// # Errors
    /// As `watchlist::load`.
    pub fn read_inventory(&self, settings: &Arc<Settings>) -> Result<Inventory, InventoryError> {
        let source = watchlist::read(&settings.inventory)?;
        let basis = Basis::new(&source, Arc::clone(settings));
        let Examined { inventory, lints } = examined(source, &settings.alert.default_owner, Some(settings));
        self.remarks.keep(basis, lints);
        inventory
    }

    /// Lets go what nobody has used of late: a list that somebody left half-way.
    pub fn tidy(&self, now: Duration) {
        self.remarks.tidy(now);
        let is_old = |used: Duration, kept: Duration| now.saturating_sub(used) >= kept;
        let mut shelf = self.shelf();
        shelf.plans.retain(|kept| !is_old(kept.used, KEPT));
        shelf.outlook.take_if(|(_, used)| is_old(*used, KEPT));
        if is_old(shelf.ground_used, GROUND_KEPT) {
            shelf.ground.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1::Severity;
    use crate::config::{Environment, load};
    use crate::model::ProjectName;

    fn noon() -> Time {
        "2026-11-27T12:00:00Z".parse().expect("a time")
    }

    fn stamp(second: i64) -> Stamp {
        Stamp { at: noon() + TimeDelta::seconds(second), says: 7 }
    }

    fn names(many: usize) -> Arc<PlanOrder> {
        let name = ProjectName::parse("acme-billing").expect("a name");
        Arc::new(PlanOrder { names: vec![name; many], says: 7 })
    }

    /// What the daemon does when the file has changed; and then nobody who looks reads an inventory again.
    #[test]
    fn what_is_to_be_said_of_the_file_is_there_once_it_was_read() {
        let dir = tempfile::tempdir().expect("a directory");
        let text = "contact = \"ops@acme.example\"\ninventory = \"inventory.toml\"\n[pypi]\nbase = \"https://pypi.example\"\n[alert]\n\
                    default_owner = \"security\"\n[alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n";
        let (file, inventory) = (dir.path().join("namewarden.toml"), dir.path().join("inventory.toml"));
        std::fs::write(&file, text).expect("written");
        let settings = Arc::new(load(&file, &Environment::default()).unwrap_or_else(|error| panic!("{error}")));
        let owner = "[owners.security]\nemail = [\"s@acme.example\"]\n";
        let texts = [
            ("acme-billing==1.0\", \"abc", Some(2), 0),
            ("acme billing\", \"acme-vault", None, 1),
            ("acme\", 5, \"", None, 1),
        ];
        for (names, watches, errors) in
            texts.map(|(names, watches, errors)| (format!("names = [\"{names}\"]\n"), watches, errors))
        {
            std::fs::write(&inventory, names + owner).expect("written");
            let listings = Listings::default();
            let read = listings.read_inventory(&settings);
            assert_eq!(read.ok().map(|inventory| inventory.watches.len()), watches);
            let source = watchlist::read(&settings.inventory).expect("read");
            let basis = Basis::new(&source, Arc::clone(&settings));
            let remarks = listings.remarks.of(basis, (usize::MAX, Duration::ZERO), || panic!("read again"));
            assert_eq!(remarks.count(Severity::Error), errors);
            assert!(remarks.total() >= errors.max(1), "abc is short, and has no version");
        }
    }

    #[test]
    fn a_plan_is_let_go_a_minute_after_its_last_page_and_with_its_last_page() {
        let (listings, second) = (Listings::default(), Duration::from_secs);
        listings.keep(stamp(1), names(2), second(10));
        listings.keep(stamp(2), names(2), second(10));
        listings.keep(stamp(2), names(2), second(40));
        listings.tidy(second(69));
        assert!(listings.plan(stamp(1)).is_some() && listings.plan(stamp(2)).is_some());
        listings.tidy(second(70));
        assert!(listings.plan(stamp(1)).is_none() && listings.plan(stamp(2)).is_some());
        let held = Arc::downgrade(&listings.plan(stamp(2)).expect("kept"));
        listings.drop_plan(stamp(2));
        assert!(held.upgrade().is_none(), "nobody holds it any more");
    }

    #[test]
    fn what_is_kept_has_so_many_names_and_what_was_used_longest_ago_goes_first() {
        let (listings, second) = (Listings::default(), Duration::from_secs);
        listings.keep(stamp(1), names(NAMES / 2), second(1));
        listings.keep(stamp(2), names(NAMES / 2), second(2));
        listings.keep(stamp(1), names(NAMES / 2), second(3));
        listings.keep(stamp(3), names(NAMES / 4), second(4));
        let kept = |of| listings.plan(stamp(of)).is_some();
        assert_eq!([kept(1), kept(2), kept(3)], [true, false, true]);
        listings.keep(stamp(4), names(NAMES * 2), second(5));
        assert_eq!([kept(1), kept(3), kept(4)], [false, false, true], "one alone may have more");
    }

    #[test]
    fn a_stamp_reads_back_and_one_of_another_hour_is_of_no_moment() {
        let [at, says] = Stamp { says: u64::MAX, ..stamp(0) }.words();
        assert_eq!(Stamp::read(&at, &says), Some(Stamp { says: u64::MAX, ..stamp(0) }));
        for (at, says) in [("", "7"), ("9223372036854775807", "7"), ("7", "-"), ("7", "11111111111111111")] {
            assert_eq!(Stamp::read(at, says), None, "{at} {says}");
        }
        assert_eq!(stamp(0).moment(noon() + AGE), Some(noon()));
        for off in [AGE, -AGE] {
            assert_eq!(stamp(0).moment(noon() + off * 2), None);
        }
    }
}
