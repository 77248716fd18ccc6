//! The inventory: every watch with its owner, and what the team declares about names and accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::claim::{Publicity, Terms};
use super::{Match, Owner, OwnerId, ProjectName, Registry, Rule, Watch, WatchId, WatchKind};

/// Accounts and organizations that are ours at a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registrants {
    pub users: BTreeSet<String>,
    pub organizations: BTreeSet<String>,
}

impl Registrants {
    /// Is nobody listed?
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.organizations.is_empty()
    }

    /// Is this one of our users or organizations?
    pub fn knows(&self, holder: &str) -> bool {
        self.users.iter().chain(&self.organizations).any(|known| known.eq_ignore_ascii_case(holder))
    }

    /// Is nobody but us among those who can publish? Who looks at a project that our account made knows whom it had; what stands in
    /// our organization's name was let in by us, whoever of us is not listed.
    pub fn hold_alone<'u>(&self, organization: Option<&str>, users: impl IntoIterator<Item = &'u str> + Clone) -> bool {
        let is_ours = |user: &str| self.users.iter().any(|known| known.eq_ignore_ascii_case(user));
        self.hold(organization, users.clone()) && users.into_iter().all(is_ours)
    }

    /// Ours when our organization holds it, or no organization does and everybody with a role is one of our users: one stranger with a
    /// role can publish, and so can everybody of an organization, whom it invites. Accounts on PyPI ignore case (`warehouse` keeps
    /// usernames as CITEXT).
    pub fn hold<'u>(&self, organization: Option<&str>, users: impl IntoIterator<Item = &'u str>) -> bool {
        let among = |ours: &BTreeSet<String>, name: &str| ours.iter().any(|known| known.eq_ignore_ascii_case(name));
        if let Some(organization) = organization {
            return among(&self.organizations, organization);
        }
        let mut users = users.into_iter().peekable();
        users.peek().is_some() && users.all(|user| among(&self.users, user))
    }
}

/// "This project is no threat": applied after matching, visible in the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The project that is fine.
    pub project: ProjectName,
    /// Only for this watch; `None` for all.
    pub watch: Option<WatchId>,
    /// Only for this rule; `None` for all.
    pub rule: Option<Rule>,
    pub reason: String,
}

/// A whole, valid inventory. Every watch has an owner that exists, ids are unique, order is that of `WatchId`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    pub owners: BTreeMap<OwnerId, Owner>,
    /// A list of watches in JSON, where keys are text.
    #[serde(with = "by_id")]
    pub watches: BTreeMap<WatchId, Watch>,
    /// Those at PyPI: another registry's accounts of these names may be anybody's.
    pub registrants: Registrants,
    pub suppressions: Vec<Suppression>,
    /// Look-alikes that the team itself expects (names that models invent, old names), and the watch each one threatens.
    #[serde(default)]
    pub listed: BTreeMap<ProjectName, WatchId>,
    /// Watches marked `guard = true`: a reload never drops them without being asked.
    #[serde(default)]
    pub guarded: BTreeSet<WatchId>,
    /// What is said of claiming; watches of which nothing is said are not in it.
    #[serde(default, with = "pairs")]
    pub terms: BTreeMap<WatchId, Terms>,
}

impl Inventory {
    pub fn watch(&self, id: &WatchId) -> Option<&Watch> {
        self.watches.get(id)
    }

    /// What it says of the names of one registry.
    pub fn of(&self, registry: Registry) -> Self {
        let mut part = self.clone();
        part.watches.retain(|id, _| id.registry == registry);
        part.listed.retain(|_, watch| watch.registry == registry);
        part
    }

    /// Who is ours at a registry.
    pub fn registrants_at(&self, registry: Registry) -> &Registrants {
        static NOBODY: Registrants = Registrants { users: BTreeSet::new(), organizations: BTreeSet::new() };
        if registry == Registry::Pypi { &self.registrants } else { &NOBODY }
    }

    /// Would a reload that loses this watch ask first? Every name can page, so asking for each would make asking
    /// worthless: it asks for exclusive prefixes and for what people marked.
    pub fn is_guarded(&self, watch: &Watch) -> bool {
        (watch.id.kind == WatchKind::Prefix && watch.exclusive) || self.guarded.contains(&watch.id)
    }

    /// What is said of claiming this watch.
    pub fn terms(&self, id: &WatchId) -> Terms {
        self.terms.get(id).copied().unwrap_or_default()
    }

    /// May strangers be told this watch? A name that nobody said anything of tells every prefix that it begins with, and is
    /// confidential where one of those is.
    pub fn publicity(&self, id: &WatchId) -> Publicity {
        let own = self.terms(id).publicity;
        if own != Publicity::Unsaid || id.kind == WatchKind::Brand || !self.says_of_prefixes(id.registry) {
            return own;
        }
        let prefixes = id.text.match_indices('-').map(|(at, _)| &id.text[..=at]);
        let mut terms = prefixes.map(|text| self.terms(&WatchId::new(id.registry, WatchKind::Prefix, text)));
        let secret = terms.any(|prefix| prefix.publicity == Publicity::Confidential);
        if secret { Publicity::Confidential } else { own }
    }

    /// Is anything said of any prefix? Of most inventories nothing is, and each name asks.
    pub fn says_of_prefixes(&self, registry: Registry) -> bool {
        let first = WatchId::new(registry, WatchKind::Prefix, "");
        let found = self.terms.range(first..).next();
        found.is_some_and(|(id, _)| id.registry == registry && id.kind == WatchKind::Prefix)
    }

    /// The listed look-alikes by the watch that each threatens.
    pub fn look_alikes(&self) -> BTreeMap<&WatchId, Vec<&ProjectName>> {
        let mut by_watch: BTreeMap<&WatchId, Vec<&ProjectName>> = BTreeMap::new();
        for (name, watch) in &self.listed {
            by_watch.entry(watch).or_default().push(name);
        }
        by_watch
    }

    /// The reason why every one of these matches of a watch is declared harmless; `None` when one of them is not.
    pub fn harmless(&self, project: &ProjectName, watch: &WatchId, matches: &[Match]) -> Option<&str> {
        let rules: Vec<&Suppression> = self.suppressions.iter().filter(|rule| rule.project == *project).collect();
        harmless(&rules, watch, matches)
    }
}

/// The reason why every one of these matches of a watch is declared harmless by one of these suppressions.
pub fn harmless<'a>(rules: &[&'a Suppression], watch: &WatchId, matches: &[Match]) -> Option<&'a str> {
    let covers = |rule: &Suppression, found: &Match| {
        rule.watch.as_ref().is_none_or(|id| id == watch) && rule.rule.is_none_or(|only| only == found.rule)
    };
    let own = matches.iter().filter(|found| found.watch == *watch);
    let all = own.map(|found| rules.iter().find(|rule| covers(rule, found))).collect::<Option<Vec<_>>>()?;
    all.first().map(|suppression| suppression.reason.as_str())
}

/// A map by watches travels as the list of its pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Terms, WatchId};

    pub(super) fn serialize<S: Serializer>(terms: &BTreeMap<WatchId, Terms>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(terms)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<WatchId, Terms>, D::Error> {
        Vec::<(WatchId, Terms)>::deserialize(from).map(|pairs| pairs.into_iter().collect())
    }
}

/// A map of watches travels as the list of its values.
mod by_id {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Watch, WatchId};

    pub(super) fn serialize<S: Serializer>(watches: &BTreeMap<WatchId, Watch>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(watches.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<WatchId, Watch>, D::Error> {
        let watches = Vec::<Watch>::deserialize(from)?;
        Ok(watches.into_iter().map(|watch| (watch.id.clone(), watch)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An organization that is not ours invites whom it likes, us among them, and publishes as it likes.
    #[test]
    fn ours_is_what_our_organization_holds_or_our_users_alone_and_nobody_else_above_them() {
        let ours = Registrants {
            users: ["acme-bot".to_owned(), "ada".to_owned()].into(),
            organizations: ["Acme".to_owned()].into(),
        };
        let cases: [(Option<&str>, &[&str], bool, bool); 12] = [
            (None, &[], false, false),
            (None, &["acme-bot"], true, true),
            (None, &["ADA", "acme-bot"], true, true),
            (None, &["acme-bot", "mallory"], false, false),
            (None, &["mallory"], false, false),
            (Some("acme"), &[], true, true),
            (Some("acme"), &["ada"], true, true),
            (Some("acme"), &["ada", "mallory"], true, false),
            (Some("evil"), &[], false, false),
            (Some("evil"), &["ada"], false, false),
            (Some("evil"), &["ada", "acme-bot"], false, false),
            (Some("ada"), &["ada"], false, false),
        ];
        for (organization, users, held, alone) in cases {
            let is =
                (ours.hold(organization, users.iter().copied()), ours.hold_alone(organization, users.iter().copied()));
            assert_eq!(is, (held, alone), "{organization:?} {users:?}");
        }
    }
}
