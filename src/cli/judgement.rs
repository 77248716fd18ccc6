//! How `check` and `scan` show what the matcher says: the frozen JSON, and lines for people.

use crate::api::v1::Judged;
use crate::model::{Match, ProjectName, Tier, count};

/// One object on one line.
pub(super) fn json(name: &ProjectName, matches: &[Match], more: usize) -> String {
    serde_json::to_string(&Judged::new(name, matches, more)).unwrap_or_default()
}

/// One match a line, for a sweep.
pub(super) fn short(name: &ProjectName, matches: &[Match], more: usize) -> String {
    let line = |m: &Match| format!("{:<6} {:>3}  {name}  {}  {}\n", m.tier, m.score, m.watch.label(), m.rule.as_str());
    let more = if more > 0 { format!("            {name}  and {}\n", others(more)) } else { String::new() };
    matches.iter().map(line).collect::<String>() + &more
}

/// Everything about one name.
pub(super) fn long(name: &ProjectName, matches: &[Match], more: usize) -> String {
    if matches.is_empty() {
        return format!("{name}\n  resembles nothing that is watched\n");
    }
    let line = |m: &Match| {
        format!(
            "  {:<6} {:>3}  {} ({})\n              {}\n",
            m.tier,
            m.score,
            m.watch.label(),
            m.rule.as_str(),
            m.explanation
        )
    };
    let more = if more > 0 { format!("  and {}\n", others(more)) } else { String::new() };
    format!("{name}\n{}{more}", matches.iter().map(line).collect::<String>())
}

fn others(more: usize) -> String {
    count(more, "watch more", "watches more")
}

/// The tiers, as an option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FailOn {
    Digest,
    #[default]
    Alert,
    Page,
}

impl FailOn {
    /// Is the strongest of these matches at or above the tier?
    pub(super) fn reached(self, matches: &[Match]) -> bool {
        let from = match self {
            Self::Digest => Tier::Digest,
            Self::Alert => Tier::Alert,
            Self::Page => Tier::Page,
        };
        matches.iter().any(|m| m.tier >= from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Rule, WatchId};

    fn matched() -> (ProjectName, Vec<Match>) {
        let name = ProjectName::parse("acme-biling").expect("valid");
        let watch = WatchId::name(&ProjectName::parse("acme-billing").expect("valid"));
        let explanation = "acme-biling leaves out l in acme-billing.".to_owned();
        let found = Match {
            watch,
            rule: Rule::Omission,
            tier: Tier::Alert,
            score: 79,
            lacks: 0,
            distance: Some(1),
            explanation,
        };
        (name, vec![found])
    }

    #[test]
    fn the_json_is_frozen() {
        let (name, matches) = matched();
        insta::assert_snapshot!(json(&name, &matches, 0), @r#"{"name":"acme-biling","matches":[{"watch":"acme-billing","rule":"omission","tier":"alert","score":79,"distance":1,"explanation":"acme-biling leaves out l in acme-billing."}]}"#);
        insta::assert_snapshot!(json(&name, &[], 0), @r#"{"name":"acme-biling","matches":[]}"#);
    }

    #[test]
    fn people_read_the_reason() {
        let (name, matches) = matched();
        insta::assert_snapshot!(long(&name, &matches, 0), @r"
        acme-biling
          alert   79  acme-billing (omission)
                      acme-biling leaves out l in acme-billing.
        ");
        insta::assert_snapshot!(short(&name, &matches, 0), @"alert   79  acme-biling  acme-billing  omission");
    }

    #[test]
    fn watches_too_many_to_list_are_counted() {
        let (name, matches) = matched();
        assert!(json(&name, &matches, 9).ends_with(r#"],"more":9}"#));
        assert!(short(&name, &matches, 9).ends_with("acme-biling  and 9 watches more\n"));
        assert!(long(&name, &matches, 9).ends_with("\n  and 9 watches more\n"));
    }

    #[test]
    fn a_tier_is_reached_from_above() {
        let (_, matches) = matched();
        assert!(FailOn::Digest.reached(&matches) && FailOn::Alert.reached(&matches));
        assert!(!FailOn::Page.reached(&matches) && !FailOn::Digest.reached(&[]));
    }
}
