//! A finding, as lists give it: the case of one registration, whose names it threatens, and what is known of it.

use serde::{Deserialize, Serialize};

use super::sets::{FindingState, Known, Reach, Standing, Tier, WouldPipTake};
use super::watch::WatchRef;
use crate::model::release;
use crate::model::{self, Time, Why};

/// The durable case of one registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Made of content: the same after a restart, on another day, and in another store.
    pub key: String,
    /// For people: `nw-417`.
    pub id: Option<String>,
    /// `pypi`; registries are added.
    pub registry: String,
    /// The normalized name; of another registry than PyPI behind its word, `npm:acme`.
    pub project: String,
    /// As the registry spells it; a stranger's text.
    pub display: String,
    pub tier: Tier,
    pub state: FindingState,
    /// `removed` because PyPI keeps the project in quarantine: nobody can install it, and nobody gets its name.
    #[serde(default)]
    pub quarantined: bool,
    /// Most urgent first; never empty. Of a family of thousands the strongest few.
    pub threats: Vec<Threat>,
    /// The rest of such a family, by owner.
    pub more: Vec<More>,
    /// What was seen around it.
    pub context: Vec<Context>,
    pub facts: Facts,
    /// By the registry; `null` while only the index has told.
    pub registered_at: Option<Time>,
    /// When this program first saw it.
    pub seen_at: Time,
    /// The words of who acknowledged or settled it.
    pub note: Option<String>,
    /// Somebody put it off: nobody is reminded of it before. `null` again when it gets worse.
    #[serde(default)]
    pub snoozed_until: Option<Time>,
}

/// One watch that the registration threatens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Threat {
    pub watch: WatchRef,
    pub owner: String,
    /// That of the strongest match, moved by facts and context.
    pub tier: Tier,
    /// What name and watch alone give.
    pub tier_by_name: Tier,
    pub standing: Standing,
    /// Why it is suppressed.
    pub reason: Option<String>,
    /// Strongest first; never empty.
    pub matches: Vec<Match>,
}

/// One rule saying why the name resembles the watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Match {
    /// Its id, as `namewarden rules` lists them. Rules are added.
    pub rule: String,
    pub tier: Tier,
    /// 0 to 100.
    pub score: u8,
    /// Bits of evidence that it is short of an alert.
    pub lacks: u8,
    /// Edits between the two names, where the rule counts edits.
    pub distance: Option<u8>,
    pub explanation: String,
}

/// Watches of one owner that are only counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct More {
    pub owner: String,
    pub watches: usize,
}

/// Something seen around the registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Context {
    /// `together`, `version` or `registrant`; kinds are added.
    pub kind: String,
    /// Evidence that it adds.
    pub bits: u8,
    /// Names of strangers are in it as they wrote them.
    pub explanation: String,
    /// Of `together`: the watch that both are like.
    pub watch: Option<WatchRef>,
    /// Of `together` and `registrant`: the project of the other case.
    pub with: Option<String>,
    /// Of `version`: the one that was made to win.
    pub version: Option<String>,
    /// Of `registrant`: who holds both.
    pub holder: Option<String>,
}

/// What a look-up learned. All but the answer of pip is a stranger's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Facts {
    /// Users with a role, owners first.
    pub users: Vec<String>,
    pub organization: Option<String>,
    /// Is one of them listed as ours? `null` until it is known who holds it.
    pub ours: Option<bool>,
    pub releases: Releases,
    pub summary: Option<String>,
    pub author: Option<String>,
    pub home_page: Option<String>,
    pub first_upload: Option<Time>,
    /// When the page was read that this was taken from.
    pub taken_at: Option<Time>,
    pub would_pip_take: WouldPipTake,
    /// Why a look-up gave nothing.
    pub trouble: Option<String>,
    /// It has a release, whichever: a feed that shows released projects only has shown it.
    pub released: bool,
    /// Nothing has told yet how new the page has to be, so it may be an older one.
    pub provisional: bool,
}

/// What the project published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Releases {
    /// Highest first.
    pub list: Vec<Release>,
    /// A page has been read: that there is none means none.
    pub looked: bool,
    /// More that are not listed.
    pub left_out: usize,
    /// Those whose version is too long to be kept.
    pub unread: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Release {
    /// As published.
    pub version: String,
    pub known: Known,
    /// Nothing of it is installed by who does not ask for this very version.
    pub withdrawn: bool,
    /// Of files that are not yanked; `null` where no page has shown them.
    pub fresh: Option<Reaches>,
    /// Of those that are.
    pub yanked: Option<Reaches>,
}

/// Where files can be installed, by installer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reaches {
    pub pip: Reach,
    pub uv: Reach,
    pub poetry: Reach,
}

impl Finding {
    pub fn new(of: &model::Finding, quarantined: bool) -> Self {
        Self {
            key: of.key.to_string(),
            id: of.id.map(String::from),
            registry: of.project().registry().to_string(),
            project: of.project().to_string(),
            display: of.display.clone(),
            tier: of.tier.into(),
            state: of.state.into(),
            quarantined,
            threats: of.threats.iter().map(Threat::from).collect(),
            more: of.more.iter().map(|more| More { owner: more.owner.to_string(), watches: more.watches }).collect(),
            context: of.context.iter().map(Context::from).collect(),
            facts: Facts::from(&of.facts),
            registered_at: of.registered_at,
            seen_at: of.seen_at,
            note: of.note.clone(),
            snoozed_until: of.snoozed_until,
        }
    }
}

impl From<&model::Threat> for Threat {
    fn from(of: &model::Threat) -> Self {
        let (standing, reason) = match &of.standing {
            model::Standing::Live => (Standing::Live, None),
            model::Standing::PreExisting => (Standing::PreExisting, None),
            model::Standing::Suppressed { reason } => (Standing::Suppressed, Some(reason.clone())),
            model::Standing::Unwatched => (Standing::Unwatched, None),
        };
        Self {
            watch: WatchRef::from(&of.watch),
            owner: of.owner.to_string(),
            tier: of.tier.into(),
            tier_by_name: of.given().into(),
            standing,
            reason,
            matches: of.matches.iter().map(Match::from).collect(),
        }
    }
}

impl From<&model::Match> for Match {
    fn from(of: &model::Match) -> Self {
        Self {
            rule: of.rule.as_str().to_owned(),
            tier: of.tier.into(),
            score: of.score,
            lacks: of.lacks,
            distance: of.distance,
            explanation: of.explanation.clone(),
        }
    }
}

impl From<&model::Context> for Context {
    fn from(of: &model::Context) -> Self {
        let (watch, with, version, holder) = match &of.why {
            Why::Together { watch, with } => (Some(watch.into()), Some(with.to_string()), None, None),
            Why::Version { version } => (None, None, Some(version.clone()), None),
            Why::Registrant { holder, with } => (None, Some(with.to_string()), None, Some(holder.clone())),
        };
        let (kind, explanation) = (of.why.as_str().to_owned(), of.why.to_string());
        Self { kind, bits: of.bits, explanation, watch, with, version, holder }
    }
}

impl From<&model::Facts> for Facts {
    fn from(of: &model::Facts) -> Self {
        Self {
            users: model::holders(&of.users),
            organization: of.organization.clone(),
            ours: of.ours,
            releases: Releases::from(&of.releases),
            summary: of.summary.clone(),
            author: of.author.clone(),
            home_page: of.home_page.clone(),
            first_upload: of.first_upload,
            taken_at: of.taken_at,
            would_pip_take: of.would_pip_take.into(),
            trouble: of.trouble.clone(),
            released: of.released,
            provisional: of.provisional,
        }
    }
}

impl From<&model::Releases> for Releases {
    fn from(of: &model::Releases) -> Self {
        let list = of.iter().map(Release::from).collect();
        Self { list, looked: of.looked(), left_out: of.left_out(), unread: of.unread() }
    }
}

impl From<&release::Release> for Release {
    fn from(of: &release::Release) -> Self {
        let (known, files) = match of.word {
            release::LastWord::Told { .. } => (Known::Told, None),
            release::LastWord::Shown(files) => (Known::Shown, Some(files)),
            release::LastWord::Withdrawn { .. } => (Known::Withdrawn, None),
        };
        let (fresh, yanked) = files.map(|files| (files.fresh.into(), files.yanked.into())).unzip();
        Self { version: of.version.clone(), known, withdrawn: of.is_withdrawn(), fresh, yanked }
    }
}

impl From<release::Reaches> for Reaches {
    fn from(of: release::Reaches) -> Self {
        Self { pip: of.pip.into(), uv: of.uv.into(), poetry: of.poetry.into() }
    }
}
