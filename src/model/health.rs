//! The ways the watch itself can be unwell. Each is a case of its own, told through the same channels.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::claim::Site;
use super::{Feed, OwnerId, ProjectName, Time};

/// What is wrong, as a closed set. The text form is the key of the case while it lasts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum HealthIssue {
    /// A feed has not answered usefully for longer than it may.
    FeedBlind { feed: Feed },
    /// XML-RPC is retired; the index carries completeness, so lives shorter than an index pass may be missed.
    ChangelogGone,
    /// A feed went back: a serial below the cursor. The feed is stopped at what it had.
    SerialWentBack { feed: Feed },
    /// A feed contradicts itself or leaps. What could be taken of it was; the rest stands still.
    Implausible { feed: Feed },
    /// An index body was refused (halved, empty, of an absurd serial).
    IndexRefused,
    /// Reconcile found projects the changelog should have reported.
    Missed,
    /// Names that could not be read. A person closes it.
    Unreadable { feed: Feed },
    /// Notices wait longer than they may on this channel.
    Undelivered { channel: String },
    /// This channel refused notices for good of late.
    Refused { channel: String },
    /// An address of an owner refused what others of the owner's took, and has taken nothing since.
    RecipientRefused { owner: OwnerId, channel: String },
    /// The configuration on disk is broken, or does not fit the inventory; the last good one is in force.
    ConfigurationBroken,
    /// The inventory on disk is broken; the last good one is in force.
    InventoryBroken,
    /// The inventory on disk removes too much; the old set is in force until it is applied by hand.
    InventoryHeld,
    /// The inventory on disk needs the configuration on disk; the last good one is in force until that is reloaded.
    InventoryWaits,
    /// The canary did not come through.
    CanaryLost,
    /// The store cannot be written; told directly, as it cannot be stored.
    StoreUnusable,
    /// The daemon has failed and stays down. Told by the last resort alone, and never stored.
    Down,
    /// Nothing is published any more until a person has looked.
    ClaimsStopped,
    /// A claim is to be published, and no uploader asks for work.
    UploaderSilent,
    /// An index that claims need does not do its part.
    UploadsFailing { site: Site },
    /// A project that we published is not as we left it.
    ClaimChanged { name: ProjectName },
    /// A claim that was let go has ended, and anybody can take its name. A person closes it.
    ClaimEnded { name: ProjectName },
    /// Another program has the address that the web is to listen on.
    WebClosed,
    /// The gate does not say what it holds, and reviewers cannot be told.
    GateSilent,
    /// The gate goes by records, lists or files that cannot be read, or are too old.
    GateUnwell,
    /// Somebody set the wall clock; what waits was moved with it.
    ClockStepped,
    /// The wall clock is far from the registry's.
    ClockWrong,
    /// The registry's pages of projects cannot be had.
    LookUpsFail,
}

impl HealthIssue {
    /// Does it wake somebody, rather than wait for them? What is published in the company's name does.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::ClaimsStopped | Self::ClaimChanged { .. })
    }

    /// Does closing it by hand take a person who can be named? It says that what stands at PyPI in our name, or does not, is
    /// right; of what a feed could not read, whoever looks after this machine can say so.
    pub fn takes_a_person(&self) -> bool {
        matches!(self, Self::ClaimChanged { .. } | Self::ClaimEnded { .. })
    }
}

impl fmt::Display for HealthIssue {
    /// `feed-blind:rss`: the key of the case, never to change.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FeedBlind { feed } => write!(f, "feed-blind:{feed}"),
            Self::ChangelogGone => f.write_str("changelog-gone"),
            Self::SerialWentBack { feed } => write!(f, "serial-went-back:{feed}"),
            Self::Implausible { feed } => write!(f, "implausible:{feed}"),
            Self::IndexRefused => f.write_str("index-refused"),
            Self::Missed => f.write_str("missed"),
            Self::Unreadable { feed } => write!(f, "unreadable:{feed}"),
            Self::Undelivered { channel } => write!(f, "undelivered:{channel}"),
            Self::Refused { channel } => write!(f, "refused:{channel}"),
            Self::RecipientRefused { owner, channel } => write!(f, "recipient-refused:{channel}:{owner}"),
            Self::ConfigurationBroken => f.write_str("configuration-broken"),
            Self::InventoryBroken => f.write_str("inventory-broken"),
            Self::InventoryHeld => f.write_str("inventory-held"),
            Self::InventoryWaits => f.write_str("inventory-waits"),
            Self::CanaryLost => f.write_str("canary-lost"),
            Self::StoreUnusable => f.write_str("store-unusable"),
            Self::Down => f.write_str("down"),
            Self::ClaimsStopped => f.write_str("claims-stopped"),
            Self::UploaderSilent => f.write_str("uploader-silent"),
            Self::UploadsFailing { site } => write!(f, "uploads-failing:{site}"),
            Self::ClaimChanged { name } => write!(f, "claim-changed:{name}"),
            Self::ClaimEnded { name } => write!(f, "claim-ended:{name}"),
            Self::WebClosed => f.write_str("web-closed"),
            Self::GateSilent => f.write_str("gate-silent"),
            Self::GateUnwell => f.write_str("gate-unwell"),
            Self::ClockStepped => f.write_str("clock-stepped"),
            Self::ClockWrong => f.write_str("clock-wrong"),
            Self::LookUpsFail => f.write_str("look-ups-fail"),
        }
    }
}

/// One issue with its content, as stored and as told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCase {
    pub issue: HealthIssue,
    pub since: Time,
    /// When it ended; `None` while it lasts.
    pub until: Option<Time>,
    /// What happened, what it means for coverage, and what to do; lower-case fragments, our own words and error texts.
    pub detail: String,
}
