//! What is wrong with what the gate decides by, as of now: for its log, and for whoever asks and tells persons.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What can be wrong, though the gate goes on by what it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateTrouble {
    /// The inventory cannot be read by the gate.
    InventoryUnread,
    /// What it has more cannot be written down.
    BoundUnwritten,
    /// The place of the records of malware cannot be read.
    RecordsUnread,
    /// Some of them cannot, or are gone.
    RecordsBroken,
    /// They are too old to speak of what is new.
    RecordsOld,
    /// What they were cannot be written down.
    RecordsUnwritten,
    /// The list of downloads cannot be read.
    DownloadsUnread,
    /// The list of dependents cannot be read.
    DependentsUnread,
    /// The trust root of attestations cannot be read.
    TrustRootUnread,
    /// A list of another organisation cannot be read, or is not signed by it.
    SharedUnread,
    /// One is too old to speak.
    SharedOld,
    /// How new they have to be cannot be written down.
    SharedUnwritten,
    /// Nobody knows which projects are open findings.
    SuspectsUnread,
    /// The private index has nothing of what it had, or nothing of ours at all.
    PrivateEmpty,
    /// It does not answer.
    PrivateSilent,
    /// It has become a copy of PyPI.
    PrivateMirror,
    /// It has files of PyPI's among ours.
    PrivateMerged,
    /// PyPI's index does not answer.
    PypiSilent,
    /// The private index has names that the inventory lacks: nobody watches them at PyPI.
    Drift,
    /// What clients use cannot be written down.
    UsesUnwritten,
    /// Who receives what cannot be written down, or read.
    ReceiptsUnwritten,
    /// Some of it was lost.
    ReceiptsLost,
    /// It has no room for as long as it is to be kept.
    LogShort,
    /// The list of who may ask cannot be read.
    LoginsUnread,
    /// All that is used was received by one user, or at one host, and more would have to.
    OneClient,
    /// The clock of this machine is ahead of what PyPI's index says.
    ClockAhead,
    /// It is behind.
    ClockBehind,
    /// What time it was when the gate ran last cannot be read.
    TimeUnread,
    /// What time it is cannot be written down.
    TimeUnwritten,
    /// PyPI's index contradicts what it said of files before.
    FilesAltered,
    /// Nothing is frozen yet, though a freeze is written.
    FreezeToCome,
    /// A name in `public` would not be bound without it either.
    PublicIdle,
    /// The configuration is another by now.
    Outdated,
}

/// Those that there are, in words.
#[derive(Clone, Debug, Default)]
pub struct GateTroubles(Arc<Mutex<BTreeMap<GateTrouble, String>>>);

impl GateTrouble {
    /// As whoever asks knows it.
    fn as_str(self) -> &'static str {
        match self {
            Self::InventoryUnread => "inventory-unread",
            Self::BoundUnwritten => "bound-unwritten",
            Self::RecordsUnread => "records-unread",
            Self::RecordsBroken => "records-broken",
            Self::RecordsOld => "records-old",
            Self::RecordsUnwritten => "records-unwritten",
            Self::DownloadsUnread => "downloads-unread",
            Self::DependentsUnread => "dependents-unread",
            Self::TrustRootUnread => "trust-root-unread",
            Self::SharedUnread => "shared-unread",
            Self::SharedOld => "shared-old",
            Self::SharedUnwritten => "shared-unwritten",
            Self::SuspectsUnread => "suspects-unread",
            Self::PrivateEmpty => "private-empty",
            Self::PrivateSilent => "private-silent",
            Self::PrivateMirror => "private-mirror",
            Self::PrivateMerged => "private-merged",
            Self::PypiSilent => "pypi-silent",
            Self::Drift => "drift",
            Self::UsesUnwritten => "uses-unwritten",
            Self::ReceiptsUnwritten => "receipts-unwritten",
            Self::ReceiptsLost => "receipts-lost",
            Self::LogShort => "log-short",
            Self::LoginsUnread => "logins-unread",
            Self::OneClient => "one-client",
            Self::ClockAhead => "clock-ahead",
            Self::ClockBehind => "clock-behind",
            Self::TimeUnread => "time-unread",
            Self::TimeUnwritten => "time-unwritten",
            Self::FilesAltered => "files-altered",
            Self::FreezeToCome => "freeze-to-come",
            Self::PublicIdle => "public-idle",
            Self::Outdated => "outdated",
        }
    }
}

impl GateTroubles {
    /// Whether there is this one now, and how it is told: to the log once.
    pub fn note(&self, which: GateTrouble, now: Option<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match now.clone() {
            Some(why) => all.insert(which, why),
            None => all.remove(&which),
        };
        match (&now, before) {
            (Some(why), before) if before.as_ref() != Some(why) => tracing::error!("{why}"),
            (None, Some(before)) => tracing::info!("no more: {before}"),
            _ => {}
        }
    }

    /// Which there are, in words for programs.
    pub fn kinds(&self) -> Vec<&'static str> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.keys().map(|which| which.as_str()).collect()
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<GateTrouble, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same as whoever asks knows them.
    pub(super) fn told(&self) -> BTreeMap<String, String> {
        self.all().into_iter().map(|(which, why)| (which.as_str().to_owned(), why)).collect()
    }
}

#[cfg(test)]
mod tests {
    /// Operators see them in `systemctl status`.
    #[test]
    fn each_kind_is_in_the_documentation() {
        let own = include_str!("troubles.rs");
        let kinds = own.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split('"').nth(1));
        let unsaid: Vec<&str> =
            kinds.clone().filter(|kind| !include_str!("../../docs/gate.md").contains(&format!("`{kind}`"))).collect();
        assert!(kinds.count() > 20 && unsaid.is_empty(), "not in docs/gate.md: {unsaid:?}");
    }
}
