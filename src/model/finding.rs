//! Findings: the durable case of one registration, with the watches that it threatens.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    CaseId, Context, FindingKey, Match, More, OwnerId, ProjectName, Registration, Releases, Rule, Standing, Subject,
    Threat, Tier, Time, WatchId, Why,
};

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    Open,
    /// Somebody is on it; worsening still alerts.
    Acknowledged,
    /// A person said what became of it.
    Resolved,
    /// Declared harmless by a suppression.
    Suppressed,
    /// The registrant is ours.
    Ours,
    /// It stood on PyPI before the watch did.
    PreExisting,
    /// The project is gone from PyPI.
    Removed,
    /// The watch left the inventory.
    Unwatched,
}

impl FindingState {
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Acknowledged,
        Self::Resolved,
        Self::Suppressed,
        Self::Ours,
        Self::PreExisting,
        Self::Removed,
        Self::Unwatched,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Suppressed => "suppressed",
            Self::Ours => "ours",
            Self::PreExisting => "pre-existing",
            Self::Removed => "removed",
            Self::Unwatched => "unwatched",
        }
    }

    /// For people: a project in quarantine is not removed, and its name is not to be had.
    pub fn word(self, quarantined: bool) -> &'static str {
        if quarantined && self == Self::Removed { "quarantined" } else { self.as_str() }
    }

    /// Is something still to be done about it?
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged)
    }

    /// May the case still get worse, and does retention keep it for ever?
    pub fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged | Self::PreExisting)
    }

    /// Is nobody threatened by it any more, whatever people say of it?
    pub fn is_over(self) -> bool {
        matches!(self, Self::Removed | Self::Ours)
    }
}

/// Would `pip install` with an extra index take the stranger's project? The order is that of the threat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WouldPipTake {
    /// Nothing that it published is chosen over the internal version, or the name is not one of ours.
    No,
    /// No release is known yet, or no internal version, or it depends on the Python or platform of who installs.
    #[default]
    Unknown,
    /// It is, by the rules in `resolve`.
    Yes,
}

impl WouldPipTake {
    pub const ALL: [Self; 3] = [Self::No, Self::Unknown, Self::Yes];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}

/// What a look-up learned about the project. `None`: not looked up, or the look-up failed (see `trouble`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Users with a role, owners first; hostile text.
    pub users: Vec<String>,
    /// The owning organization; hostile text.
    pub organization: Option<String>,
    /// Is one of them listed as ours? `None` until ownership is known.
    pub ours: Option<bool>,
    /// What it published, as far as feeds and pages told.
    #[serde(default)]
    pub releases: Releases,
    pub summary: Option<String>,
    pub author: Option<String>,
    pub home_page: Option<String>,
    pub first_upload: Option<Time>,
    /// When the page was read that these facts were taken from.
    #[serde(default)]
    pub taken_at: Option<Time>,
    pub would_pip_take: WouldPipTake,
    /// It is chosen for itself, and not because it is equal and the order of the indexes decides.
    #[serde(default)]
    pub preferred: bool,
    /// Why a look-up gave nothing; the alert says so instead of waiting.
    pub trouble: Option<String>,
    /// A feed that shows released projects only has shown it, so it has a release, whichever.
    #[serde(default)]
    pub released: bool,
    /// No event has told the serial that the page must have reached: it may be an older one, and is asked for again.
    #[serde(default)]
    pub provisional: bool,
}

impl Facts {
    /// It is ours, and so is all that stands there.
    pub fn is_ours_alone(&self) -> bool {
        self.ours == Some(true) && self.releases.by_others().is_empty()
    }
}

/// Whose holder is looked up first. The order is that of the store's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    LookAlike,
    /// A name under a prefix of ours: there may be any number of them.
    UnderPrefix,
    /// What PyPI takes for a watched name, or what a person has settled.
    SameName,
    /// The watched name itself.
    Exact,
}

/// How bad a case is: what is worse than it ever was is never held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Severity {
    pub tier: Tier,
    pub taken_by_pip: WouldPipTake,
    /// Whoever answered *pip may take it* has not heard of *pip would take it*.
    pub preferred: bool,
}

/// The durable case of one subject, today of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub key: FindingKey,
    /// For people; `None` until the store has given one.
    #[serde(default)]
    pub id: Option<CaseId>,
    #[serde(flatten)]
    pub subject: Subject,
    /// As the registry spells it; hostile text.
    pub display: String,
    /// Most urgent first; never empty. Of a family of thousands the strongest few.
    pub threats: Vec<Threat>,
    /// The rest of such a family, by owner.
    pub more: Vec<More>,
    /// What was seen around it; none is taken back.
    pub context: Vec<Context>,
    /// The highest tier of its threats that still stand; of all of them when none does.
    pub tier: Tier,
    pub state: FindingState,
    /// Of the registration, and so the same for every watch. The store keeps them apart.
    #[serde(default)]
    pub facts: Facts,
    /// When the registry says it was registered; `None` while only the index has told.
    pub registered_at: Option<Time>,
    /// When this program first saw it.
    pub seen_at: Time,
    /// Who acknowledged or resolved it, and their words.
    pub note: Option<String>,
    /// Of a case that is settled, declared harmless or closed: who held the project then, or when somebody first knew. It was
    /// said of them, and of nobody who joins them later.
    #[serde(default)]
    pub settled_with: BTreeSet<String>,
    /// How often it got worse or was opened again. What was said of one edition says nothing of the next. Kept by the store.
    #[serde(default)]
    pub edition: u32,
    /// Nobody is reminded of it before, as long as it is of this edition. Kept by the store.
    #[serde(default)]
    pub snoozed_until: Option<Time>,
}

impl Severity {
    /// For the store, which compares it.
    pub fn rank(self) -> u8 {
        (self.tier as u8 * 3 + self.taken_by_pip as u8) * 2 + u8::from(self.preferred)
    }
}

impl Finding {
    pub fn project(&self) -> &ProjectName {
        &self.registration().name
    }

    /// Every case has one as long as no other kind of subject does without.
    pub fn registration(&self) -> &Registration {
        match &self.subject {
            Subject::Registration(registration) => registration,
        }
    }

    /// The most urgent threat.
    pub fn first(&self) -> Option<&Threat> {
        self.threats.first()
    }

    /// The best explanation of the most urgent threat.
    pub fn strongest(&self) -> Option<&Match> {
        self.first()?.matches.first()
    }

    pub fn threat(&self, watch: &WatchId) -> Option<&Threat> {
        self.threats.iter().find(|threat| threat.watch == *watch)
    }

    /// Is it the name of one of its watches, in any spelling of PEP 503?
    pub fn is_exact(&self) -> bool {
        self.threats.iter().any(|threat| threat.has(Rule::Exact))
    }

    /// Is it a watched name, or what PyPI takes for the same?
    pub fn is_same_name(&self) -> bool {
        self.is_exact() || self.threats.iter().any(|threat| threat.has(Rule::Ultranormal))
    }

    /// Is it a name under a prefix, told as a threat? What stood before the watch is one under an exclusive prefix, where nobody else
    /// has any business; under another it is merely counted.
    pub fn is_under_prefix(&self) -> bool {
        let told = |threat: &Threat| match threat.standing {
            Standing::Live => threat.tier > Tier::Digest,
            Standing::PreExisting => threat.tier == Tier::Page,
            Standing::Suppressed { .. } | Standing::Unwatched => false,
        };
        self.threats.iter().any(|threat| threat.has(Rule::Prefix) && told(threat))
    }

    /// Is PyPI asked again whenever something happens to it? Its releases are what pip takes.
    pub fn is_followed(&self) -> bool {
        self.is_same_name() || self.is_under_prefix()
    }

    /// Is it told in the first message of a watch that it stood before? Weaker matches are only counted. `exclusive`: is
    /// that watch an exclusive prefix?
    pub fn is_greeted(&self, exclusive: impl Fn(&WatchId) -> bool) -> bool {
        let prefixed = |threat: &Threat| threat.has(Rule::Prefix) && exclusive(&threat.watch);
        self.is_same_name() || self.threats.iter().any(prefixed)
    }

    /// How much a look-up of its holder matters.
    pub fn urgency(&self) -> Urgency {
        match () {
            () if self.is_exact() => Urgency::Exact,
            () if self.is_same_name() => Urgency::SameName,
            () if self.is_under_prefix() => Urgency::UnderPrefix,
            () => Urgency::LookAlike,
        }
    }

    /// What bears on how bad this threat is.
    pub fn context_of(&self, watch: &WatchId) -> impl Iterator<Item = &Context> {
        self.context.iter().filter(move |context| context.why.concerns(watch))
    }

    /// Has another look-alike of this watch come within the hour?
    pub fn is_together(&self, of: &WatchId) -> bool {
        self.context.iter().any(|context| matches!(&context.why, Why::Together { watch, .. } if watch == of))
    }

    /// Those to be told, each with the highest tier of their live threats. Whose watches are only counted has the lowest of
    /// those named: theirs are no stronger.
    pub fn audience(&self) -> BTreeMap<&OwnerId, Tier> {
        let mut tiers = BTreeMap::new();
        for threat in self.threats.iter().filter(|threat| threat.is_live()) {
            let tier = tiers.entry(&threat.owner).or_insert(threat.tier);
            *tier = threat.tier.max(*tier);
        }
        let least = self.threats.iter().filter(|threat| threat.is_live()).map(|threat| threat.tier).min();
        if let Some(least) = least {
            self.more.iter().for_each(|more| {
                tiers.entry(&more.owner).or_insert(least.min(Tier::Alert));
            });
        }
        tiers
    }

    /// Whose watches it threatens, or did.
    pub fn owners(&self) -> BTreeSet<&OwnerId> {
        self.threats.iter().map(|threat| &threat.owner).chain(self.more.iter().map(|more| &more.owner)).collect()
    }

    /// Does it threaten, or did it, a watch of this owner?
    pub fn is_of(&self, owner: &OwnerId) -> bool {
        self.threats.iter().any(|threat| threat.owner == *owner) || self.more.iter().any(|more| more.owner == *owner)
    }

    /// How many watches it threatens beside the most urgent.
    pub fn others(&self) -> usize {
        self.threats.len().saturating_sub(1) + self.more.iter().map(|more| more.watches).sum::<usize>()
    }

    /// What stood before the watch is a case like any other from now on.
    pub fn wake(&mut self) {
        for threat in self.threats.iter_mut().filter(|threat| threat.standing == Standing::PreExisting) {
            threat.standing = Standing::Live;
        }
        self.arrange();
        self.state = FindingState::Open;
    }

    /// How bad it is now.
    pub fn severity(&self) -> Severity {
        let Facts { would_pip_take, preferred, .. } = self.facts;
        Severity { tier: self.tier, taken_by_pip: would_pip_take, preferred }
    }

    /// Puts the threats in order and takes the tier of the most urgent that still stands.
    pub fn arrange(&mut self) {
        self.threats.sort_by(|a, b| {
            let rank = |threat: &Threat| (threat.is_live(), threat.tier, threat.score());
            rank(b).cmp(&rank(a)).then_with(|| a.watch.cmp(&b.watch))
        });
        self.tier = self.first().map_or(Tier::Digest, |threat| threat.tier);
    }

    /// The state that its threats alone give: open when one is live.
    pub fn standing_state(&self) -> FindingState {
        let any = |wanted: fn(&Standing) -> bool| self.threats.iter().any(|threat| wanted(&threat.standing));
        match () {
            () if any(|s| *s == Standing::Live) => FindingState::Open,
            () if any(|s| *s == Standing::PreExisting) => FindingState::PreExisting,
            () if any(|s| matches!(s, Standing::Suppressed { .. })) => FindingState::Suppressed,
            () => FindingState::Unwatched,
        }
    }
}
