//! The tier of a finding: what the matcher said, moved by what a look-up learned and by what happens around it.

use crate::model::finding::WouldPipTake;
use crate::model::{Context, Facts, Finding, Match, Rule, Tier, Time, Watch, Why};

/// A major version that no honest first release has: the mark of dependency confusion.
const ABSURD_MAJOR: u64 = 90;

/// What one thing seen around a case is worth, in the bits of `matcher/score.rs`. By accident each of them is seen beside
/// fewer than one in 256 of the new names that resemble a watch: 31 names an hour come to PyPI (270,000 in 2026), and at
/// most one in 10,000 of them resembles a given watch by edits.
pub(in crate::cases) const CONTEXT_BITS: u8 = 8;

/// What was seen, with its weight.
pub(in crate::cases) fn weighed(why: Why) -> Context {
    Context { why, bits: CONTEXT_BITS }
}

/// Decides the tier now. `registered` is the registry's own time, where known; `bits` those of the context.
///
/// Raised: pip would take it, or context makes up for what the evidence lacks. Context alone never makes a page. Lowered:
/// it is older than our first use.
pub(in crate::cases) fn tier(
    matches: &[Match],
    facts: &Facts,
    registered: Option<Time>,
    watch: &Watch,
    bits: u8,
) -> Tier {
    let given = matches.iter().map(|m| m.tier).max().unwrap_or(Tier::Digest);
    let exact = matches.iter().any(|m| m.rule == Rule::Exact);
    let raised = if exact && facts.would_pip_take == WouldPipTake::Yes {
        Tier::Page
    } else if matches.iter().any(|m| m.lacks <= bits) {
        given.max(Tier::Alert)
    } else {
        given
    };
    match (registered, watch.first_use) {
        (Some(registered), Some(first_use)) if registered.date_naive() < first_use && !exact => Tier::Digest,
        _ => raised,
    }
}

/// The version that tells of dependency confusion, where this is news to the case and a tier may depend on it.
pub(in crate::cases) fn absurd_release(finding: &Finding) -> Option<&str> {
    let known = finding.context.iter().any(|context| matches!(context.why, Why::Version { .. }));
    let bears = finding.threats.iter().any(|threat| threat.given() < Tier::Page);
    let mut releases = finding.facts.releases.iter().map(|release| release.version.as_str());
    if known || !bears { None } else { releases.find(|version| is_absurd(version)) }
}

/// Was this version made to win? By a major version that no first release has, or by an epoch, which beats every version
/// without one (PEP 440).
pub(in crate::cases) fn is_absurd(version: &str) -> bool {
    let version = version.trim_start_matches(['v', 'V']);
    let (epoch, release) = version.split_once('!').unwrap_or(("0", version));
    let major: String = release.chars().take_while(char::is_ascii_digit).collect();
    let made_to_win = |major: u64| major >= ABSURD_MAJOR && !is_calendar(major) && !is_date(&major.to_string());
    // What does not fit is larger than any year.
    let large = major.parse().map_or(!major.is_empty(), made_to_win);
    large || epoch.parse().is_ok_and(|epoch: u64| epoch > 0)
}

/// Calendar versions (2026.1) are honest.
fn is_calendar(major: u64) -> bool {
    (1900..2100).contains(&major)
}

/// So are days and times written in one number: 202611, 20261126, 261126, 20261126143000, and seconds since 1970.
fn is_date(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u64>().ok()).unwrap_or(0);
    let of_year = is_calendar(number(0, 4)) && (1..=12).contains(&number(4, 6));
    match digits.len() {
        6 => of_year || ((1..=12).contains(&number(2, 4)) && (1..=31).contains(&number(4, 6))),
        10 => of_year || digits.starts_with('1'),
        8 | 12 | 14 => of_year,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OwnerId, ProjectName, WatchId};

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

    fn matched(rule: Rule, tier: Tier, lacks: u8) -> Vec<Match> {
        vec![Match { watch: watch(None).id, rule, tier, score: 50, lacks, distance: None, explanation: String::new() }]
    }

    #[test]
    fn context_makes_up_for_what_an_alert_lacks_and_never_makes_a_page() {
        let with = |found: &[Match], bits| tier(found, &Facts::default(), None, &watch(None), bits);
        let near = matched(Rule::Omission, Tier::Digest, 8);
        assert_eq!([7, 8, 200].map(|bits| with(&near, bits)), [Tier::Digest, Tier::Alert, Tier::Alert]);
        let companion = matched(Rule::Affix, Tier::Digest, 17);
        assert_eq!([8, 16, 24].map(|bits| with(&companion, bits)), [Tier::Digest, Tier::Digest, Tier::Alert]);
        assert_eq!(with(&matched(Rule::Omission, Tier::Alert, 0), 200), Tier::Alert);
        assert_eq!(with(&matched(Rule::Prefix, Tier::Page, 0), 0), Tier::Page);
    }

    #[test]
    fn versions_made_to_win_are_told_from_years_and_days() {
        for honest in [
            "0.1",
            "89.9",
            "1900",
            "2026.1",
            "202611.1",
            "20261126",
            "261126",
            "20261126143000",
            "1795700000",
            "",
            "x9",
        ] {
            assert!(!is_absurd(honest), "{honest}");
        }
        let made = ["90", "99.0", "1899", "v99", "2100", "9999.9.9", "99999", "999999", "20269926", "1!0.1", "0!99"];
        for made in made.into_iter().chain(["99999999999999999999999.0"]) {
            assert!(is_absurd(made), "{made}");
        }
    }

    #[test]
    fn what_is_older_than_our_use_is_no_squat_unless_it_is_the_very_name() {
        let registered = Some("2019-05-01T00:00:00Z".parse().expect("a time"));
        let used = watch(Some("2020-01-01"));
        let tier = |found: &[Match]| tier(found, &Facts::default(), registered, &used, 8);
        assert_eq!(tier(&matched(Rule::Separators, Tier::Alert, 0)), Tier::Digest);
        assert_eq!(tier(&matched(Rule::Exact, Tier::Page, 0)), Tier::Page);
    }
}
