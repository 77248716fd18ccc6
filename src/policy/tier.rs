//! The tier of a finding: what the matcher said, moved by what triage learned.

use crate::model::finding::WouldPipTake;
use crate::model::{Facts, Match, Rule, Tier, Time, Watch};

/// A major version that no honest first release has: the mark of dependency confusion.
const ABSURD_MAJOR: u64 = 90;

/// Decides the tier now. `registered` is the registry's own time, where known.
///
/// Raised: pip would take it, or it carries a version made to win. Lowered: it is older than our first use.
pub fn tier(matches: &[Match], facts: &Facts, registered: Option<Time>, watch: &Watch) -> Tier {
    let given = matches.iter().map(|m| m.tier).max().unwrap_or(Tier::Digest);
    let exact = matches.iter().any(|m| m.rule == Rule::Exact);
    let raised = if exact && facts.would_pip_take == WouldPipTake::Yes {
        Tier::Page
    } else if facts.releases.iter().any(|release| is_absurd(&release.version)) {
        given.max(Tier::Alert)
    } else {
        given
    };
    match (registered, watch.first_use) {
        (Some(registered), Some(first_use)) if registered.date_naive() < first_use && !exact => Tier::Digest,
        _ => raised,
    }
}

/// Was this version made to win?
pub fn is_absurd(version: &str) -> bool {
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    major.parse().is_ok_and(|major: u64| major >= ABSURD_MAJOR && !is_calendar(major))
}

/// Calendar versions (2026.1) are honest.
fn is_calendar(major: u64) -> bool {
    (1990..2100).contains(&major)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OwnerId, ProjectName, Releases, WatchId};

    fn watch(first_use: Option<&str>) -> Watch {
        Watch {
            id: WatchId::name(&ProjectName::parse("acme-billing").expect("valid")),
            display: "acme-billing".into(),
            owner: OwnerId("payments".into()),
            exclusive: false,
            latest_version: None,
            first_use: first_use.map(|day| day.parse().expect("a day")),
            index: None,
        }
    }

    fn matched(rule: Rule, tier: Tier) -> Vec<Match> {
        vec![Match { watch: watch(None).id, rule, tier, score: 50, distance: None, explanation: String::new() }]
    }

    fn versions(versions: &[&str]) -> Facts {
        Facts { releases: Releases::told(versions.iter().copied()), ..Facts::default() }
    }

    #[test]
    fn a_version_made_to_win_raises_and_a_calendar_version_does_not() {
        let near = matched(Rule::Separators, Tier::Digest);
        assert_eq!(tier(&near, &versions(&["99.0"]), None, &watch(None)), Tier::Alert);
        assert_eq!(tier(&near, &versions(&["2026.1"]), None, &watch(None)), Tier::Digest);
        assert_eq!(tier(&near, &versions(&["0.1"]), None, &watch(None)), Tier::Digest);
    }

    #[test]
    fn what_is_older_than_our_use_is_no_squat_unless_it_is_the_very_name() {
        let registered = Some("2019-05-01T00:00:00Z".parse().expect("a time"));
        let used = watch(Some("2020-01-01"));
        assert_eq!(tier(&matched(Rule::Separators, Tier::Alert), &Facts::default(), registered, &used), Tier::Digest);
        assert_eq!(tier(&matched(Rule::Exact, Tier::Page), &Facts::default(), registered, &used), Tier::Page);
    }
}
