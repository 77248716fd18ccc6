//! Notices: outbox rows, and the briefing each one carries to a channel.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::at_gate::GateWord;
use super::claim::ClaimKey;
use super::health::HealthCase;
use super::held::HeldRelease;
use super::overview::Overview;
use super::recall::Recalls;
use super::report::Report;
use super::{
    AnswerLink, CaseId, Channel, Exposure, Finding, FindingKey, Inventory, Origin, OwnerId, ProjectName, Tier, Time,
    Watch,
};

/// Identifies a notice to its receiver: Message-ID, webhook-id. Constant over retries, another for each worsening.
/// 32 lowercase hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeKey(pub String);

impl fmt::Display for NoticeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One notice, as it is told from all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRef {
    pub key: NoticeKey,
    pub owner: OwnerId,
    pub channel: Channel,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeEvent {
    /// Names that threaten watches were registered.
    Registered,
    /// They stood on PyPI before they were watched, and pip would take them.
    Stood,
    /// A known case got worse: first release, higher version than ours, new owner, back from removal.
    Worsened,
    /// Nobody acknowledged in time.
    Escalated,
    /// The threat is over: the project is gone from PyPI, or turned out to be ours.
    Ended,
    /// A person acknowledged it, closed it or opened it again. Only channels whose receivers keep cases are told.
    Decided,
    /// Somebody put it off, or said by a link that it is harmless. Everybody who was told of it hears so.
    Answered,
    /// Several cases to which different things happened.
    Summary,
    /// The first message after a baseline, or after watches were added.
    Startup,
    /// Watches left the inventory.
    Unwatched,
    /// The watch itself is unwell, or well again.
    Health,
    /// A claim that the configuration makes, before it leaves.
    Claim,
    /// The gate holds what somebody asked for.
    Review,
    /// What the gate gave out turned out to be bad, or is no more.
    Recall,
    /// The daily proof that the bell rings.
    Canary,
    /// How the names stand, at a schedule.
    Report,
    /// `namewarden test-alert`.
    Test,
}

impl NoticeEvent {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Stood => "stood",
            Self::Worsened => "worsened",
            Self::Escalated => "escalated",
            Self::Ended => "ended",
            Self::Decided => "decided",
            Self::Answered => "answered",
            Self::Summary => "summary",
            Self::Startup => "startup",
            Self::Unwatched => "unwatched",
            Self::Health => "health",
            Self::Claim => "claim",
            Self::Review => "review",
            Self::Recall => "recall",
            Self::Canary => "canary",
            Self::Report => "report",
            Self::Test => "test",
        }
    }
}

/// One thing that happened to a case and that its owners are told: the case, and the number of its worsening. The
/// registration is number 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventRef {
    pub finding: FindingKey,
    pub number: u32,
}

impl fmt::Display for EventRef {
    /// `name@1787331457#2`, never to change: it is part of notice keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.finding, self.number)
    }
}

/// How an event travels to an owner: what it may share a message with, and whether it may be held back. What strangers
/// can register in numbers never delays the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// The watched name itself, as a page: a message of its own, at once.
    Own,
    /// Every other page: at once, together with what is due at the same moment.
    Page,
    /// Pages about what stood before it was watched: everything that is due of it goes out together, however much it is.
    Stood,
    /// At once, up to a number an hour; what is more goes out together.
    Alert,
    /// Waits for its schedule.
    Digest,
}

impl Lane {
    pub const ALL: [Self; 5] = [Self::Own, Self::Page, Self::Stood, Self::Alert, Self::Digest];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Page => "page",
            Self::Stood => "stood",
            Self::Alert => "alert",
            Self::Digest => "digest",
        }
    }

    /// Does it carry pages? Whatever else waits leaves room for them.
    pub fn is_of_pages(self) -> bool {
        matches!(self, Self::Own | Self::Page | Self::Stood)
    }
}

/// One finding as a briefing shows it, with the watches of its threats that are still in the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub finding: Finding,
    pub watches: Vec<Watch>,
    /// Of the project's public page.
    pub address: String,
    /// The name was registered again since, which is a case of its own.
    pub again: bool,
    /// The case of the registration that stands instead, where there is one.
    #[serde(default)]
    pub next: Option<CaseId>,
    /// Whom the feeds named as its owners, where no page has told who holds it; hostile text.
    #[serde(default)]
    pub named: Vec<String>,
    /// PyPI keeps it in quarantine: nobody can install it, and nobody gets its name.
    pub quarantined: bool,
    /// PyPI lists it no longer, and nobody told whether it is removed or in quarantine.
    #[serde(default)]
    pub unlisted: bool,
    /// It was settled, and PyPI has it no more.
    #[serde(default)]
    pub gone: bool,
    /// What a message says of it, where several say different things.
    pub told: Option<NoticeEvent>,
    /// A person has decided about it before.
    pub answered: bool,
    /// It stood before it was watched, and nothing has become worse since.
    pub stands: bool,
    /// By which its addressee may answer it, where there is one.
    #[serde(skip)]
    pub link: Option<AnswerLink>,
    /// Its page on the dashboard, where the configuration says how that is reached.
    #[serde(default)]
    pub dashboard: Option<String>,
    /// What the gate of this machine says of its project as the message leaves; `None`: it was not asked, or there is none.
    #[serde(default)]
    pub gate: Option<GateWord>,
}

impl Case {
    /// The case as this inventory sees it; `base` is the address of the registry.
    pub fn new(finding: Finding, inventory: &Inventory, base: &str) -> Self {
        let address = format!("{base}/project/{}/", finding.project());
        let watches = finding.threats.iter().filter_map(|threat| inventory.watch(&threat.watch).cloned());
        let (again, quarantined, unlisted, gone) = (false, false, false, false);
        let (told, answered, stands) = (None, false, false);
        Self {
            watches: watches.collect(),
            address,
            finding,
            again,
            next: None,
            named: Vec::new(),
            quarantined,
            unlisted,
            gone,
            told,
            answered,
            stands,
            link: None,
            dashboard: None,
            gate: None,
        }
    }

    /// The watch of the most urgent threat; `None` when it has left the inventory.
    pub fn watch(&self) -> Option<&Watch> {
        let first = self.finding.first()?;
        self.watches.iter().find(|watch| watch.id == first.watch)
    }
}

/// A case that is closed since nobody watches its name any more, whatever PyPI has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EndedCase {
    pub tier: Tier,
    pub project: ProjectName,
    pub id: Option<CaseId>,
}

/// A case that stays open with other watches than those that left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PassedOn {
    pub was: EndedCase,
    pub tier: Tier,
    /// Whose watches it still threatens.
    pub of: Vec<OwnerId>,
}

/// The body of a briefing, one shape per kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// `Registered`, `Stood`, `Worsened`, `Escalated`, `Ended`, `Summary`. Most urgent first; at most `SHOWN` cases travel, the rest
    /// is counted in `omitted` and waits in `namewarden findings list`.
    Cases {
        cases: Vec<Case>,
        omitted: usize,
        /// What changed, for `Worsened`, `Escalated` and `Ended`: "first release 3.0.0"; may hold hostile text.
        change: Option<String>,
    },
    Startup {
        /// Watches of this owner, with exposure.
        watched: Vec<(Watch, Option<Exposure>)>,
        /// Exact, ultranormal and exclusive-prefix matches that already stood; at most `SHOWN`.
        pre_existing: Vec<Case>,
        omitted: usize,
        /// Does the whole watch begin, with nothing known from before?
        first: bool,
        /// Weaker matches that were recorded and will never be sent.
        recorded: usize,
        /// Cases of this owner that are open and no weak resemblances, which the list above leaves out.
        open: usize,
        /// Channels through which this owner is told.
        channels: Vec<Channel>,
    },
    Unwatched {
        watches: Vec<Watch>,
        closed: usize,
        /// Those of the closed that somebody was called for, most urgent first; at most `SHOWN`.
        #[serde(default)]
        ended: Vec<EndedCase>,
        /// Cases that go on with other watches.
        #[serde(default)]
        passed: usize,
        /// Those, most urgent first; at most `SHOWN`.
        #[serde(default)]
        on: Vec<PassedOn>,
    },
    Health {
        cases: Vec<HealthCase>,
        /// Others that last.
        others: Vec<HealthCase>,
    },
    Claim {
        announced: Announced,
    },
    /// What the gate holds, the newest first.
    Reviews {
        held: Vec<HeldRelease>,
        /// How many more.
        omitted: i64,
    },
    /// What was received and turned out to be bad, the worst first.
    Recalls(Recalls),
    Report {
        report: Box<Report>,
    },
    /// The canary and the test alert: the path works.
    Proof {
        /// How the whole watch stands, for the canary.
        overview: Option<Box<Overview>>,
    },
}

/// A claim that goes on by itself unless somebody stops it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub claim: ClaimKey,
    /// How long it waits for that; `None`: not at all.
    pub minutes: Option<u64>,
    /// When its turn comes by the day's quota, as far as that is known and where it is later.
    #[serde(default)]
    pub turn: Option<Time>,
}

/// The most cases that one message carries and lists; the next carries the others.
pub const SHOWN: usize = 250;

/// All that a channel needs to tell one owner one thing. Pure data; renderers turn it into text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Briefing {
    pub key: NoticeKey,
    /// Finding key (or health key) whose thread this message belongs to.
    pub thread: String,
    pub event: NoticeEvent,
    pub tier: Tier,
    pub owner: OwnerId,
    /// The owner's name for people.
    pub owner_name: String,
    /// Who gets it because the owner cannot be reached: the default owner, as people call them.
    pub instead: Option<String>,
    /// When the notice was created.
    pub at: Time,
    pub origin: Origin,
    /// "every event to serial 41234567, 14 s ago": how far the watch had seen when it spoke.
    pub coverage: String,
    /// The page of the dashboard that this message speaks of, where the configuration says how that is reached. Whoever has no
    /// account there understands the message without it.
    #[serde(default)]
    pub dashboard: Option<String>,
    pub content: Content,
}
