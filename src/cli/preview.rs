//! `namewarden preview`: what an inventory would have alerted on a known index, before it goes live.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::inventory::{self, Format};
use super::sweep::{Judged, Swept, sweep};
use super::{Failure, index_file, say};
use crate::config::Environment;
use crate::matcher::Matcher;
use crate::model::{Rule, Tier, WatchId};

/// Replay an index against an inventory: what would have alerted, by tier, rule and watch.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Plain text, TSV or simple-API JSON, gzipped or not; a file or an http(s) address.
    #[arg(long, value_name = "FILE|URL")]
    pub index: String,
    /// The inventory in question. Default: the one that the configuration names.
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// End with status 3 when more names than this would have alerted or paged.
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
    /// How many watches to show, the noisiest first.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub watches: usize,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Names by their strongest match; a name counts once for each watch it matches.
#[derive(Debug, Default)]
struct Tally {
    tiers: BTreeMap<Tier, usize>,
    /// All, and those that alert or page.
    rules: BTreeMap<Rule, Count>,
    watches: BTreeMap<WatchId, Count>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    all: usize,
    alerts: usize,
}

impl Count {
    fn add(&mut self, tier: Tier) {
        self.all += 1;
        self.alerts += usize::from(tier >= Tier::Alert);
    }
}

impl Tally {
    fn add(&mut self, judged: &Judged) {
        let Some(strongest) = judged.matches.first() else { return };
        *self.tiers.entry(strongest.tier).or_default() += 1;
        self.rules.entry(strongest.rule).or_default().add(strongest.tier);
        let mut seen: Vec<&WatchId> = Vec::new();
        for found in &judged.matches {
            if !seen.contains(&&found.watch) {
                seen.push(&found.watch);
                self.watches.entry(found.watch.clone()).or_default().add(found.tier);
            }
        }
    }

    fn of(&self, tier: Tier) -> usize {
        self.tiers.get(&tier).copied().unwrap_or_default()
    }

    fn alerts(&self) -> usize {
        self.of(Tier::Alert) + self.of(Tier::Page)
    }

    /// The noisiest first: by alerts, then by all.
    fn noisiest(&self) -> Vec<(&WatchId, Count)> {
        let mut watches: Vec<_> = self.watches.iter().map(|(id, count)| (id, *count)).collect();
        watches.sort_by_key(|(_, count)| std::cmp::Reverse((count.alerts, count.all)));
        watches
    }
}

pub(super) async fn run(config: Option<&Path>, environment: &Environment, args: &Args) -> Result<ExitCode, Failure> {
    let matcher = Matcher::build(&inventory::named(config, environment, args.inventory.as_deref())?);
    let names = index_file::read(&args.index, config, environment).await?;
    let mut tally = Tally::default();
    let swept = sweep(
        &names,
        &matcher,
        |judged| judged,
        |judged| {
            tally.add(&judged);
            true
        },
    );
    say(&match args.format {
        Format::Human => human(&tally, swept, matcher.watches(), args.watches),
        Format::Json => json(&tally, swept, matcher.watches()).to_string(),
    });
    let over = args.budget.filter(|budget| tally.alerts() > *budget);
    if let Some(budget) = over {
        say(&format!("over budget: {} names would have alerted, {budget} are allowed", tally.alerts()));
    }
    Ok(ExitCode::from(if over.is_some() { 3 } else { 0 }))
}

/// Characters of the longest bar.
const BAR: usize = 30;

fn human(tally: &Tally, swept: Swept, watches: usize, shown: usize) -> String {
    let mut text = format!("{} names against {watches} watches\n", swept.names);
    for tier in [Tier::Page, Tier::Alert, Tier::Digest] {
        text += &format!("  {tier:<6} {:>7}\n", tally.of(tier));
    }
    text += "\nby rule: alerts, and all\n";
    let mut rules: Vec<(&str, Count)> = tally.rules.iter().map(|(rule, count)| (rule.as_str(), *count)).collect();
    rules.sort_by_key(|(_, count)| std::cmp::Reverse((count.alerts, count.all)));
    text += &bars(rules.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect());
    text += "\nnoisiest watches: alerts, and all\n";
    text + &bars(tally.noisiest().into_iter().take(shown).map(|(id, count)| (id.label(), count)).collect())
}

/// `label  alerts  all  ####····`: alerts solid, the rest light.
fn bars(rows: Vec<(String, Count)>) -> String {
    let most = rows.iter().map(|(_, count)| count.all).max().unwrap_or(1).max(1);
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    let row = |(label, count): (String, Count)| {
        let length = |n: usize| (n * BAR).div_ceil(most);
        let solid = length(count.alerts);
        let light = length(count.all).saturating_sub(solid);
        format!("  {label:<width$} {:>7} {:>7}  {}{}\n", count.alerts, count.all, "█".repeat(solid), "░".repeat(light))
    };
    rows.into_iter().map(row).collect()
}

fn json(tally: &Tally, swept: Swept, watches: usize) -> serde_json::Value {
    let count =
        |label: String, count: Count| serde_json::json!({"of": label, "alerts": count.alerts, "all": count.all});
    serde_json::json!({
        "names": swept.names,
        "watches": watches,
        "tiers": {"page": tally.of(Tier::Page), "alert": tally.of(Tier::Alert), "digest": tally.of(Tier::Digest)},
        "rules": tally.rules.iter().map(|(rule, c)| count(rule.as_str().to_owned(), *c)).collect::<Vec<_>>(),
        "by_watch": tally.noisiest().into_iter().map(|(id, c)| count(id.label(), c)).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Match, ProjectName};

    fn judged(name: &str, found: &[(&str, Rule, Tier)]) -> Judged {
        let parse = |text: &str| ProjectName::parse(text).expect("valid");
        let matched = |(watch, rule, tier): &(&str, Rule, Tier)| Match {
            watch: WatchId::name(&parse(watch)),
            rule: *rule,
            tier: *tier,
            score: 50,
            distance: None,
            explanation: String::new(),
        };
        Judged { name: parse(name), matches: found.iter().map(matched).collect() }
    }

    fn tally() -> Tally {
        let mut tally = Tally::default();
        tally.add(&judged(
            "acme-bill",
            &[("acme-bills", Rule::Plural, Tier::Alert), ("acme-bills", Rule::Omission, Tier::Alert)],
        ));
        tally.add(&judged("acme", &[("acme", Rule::Exact, Tier::Page), ("acme-bills", Rule::Contains, Tier::Digest)]));
        tally.add(&judged("acne", &[("acme", Rule::Substitution, Tier::Digest)]));
        tally
    }

    #[test]
    fn a_name_counts_once_a_watch() {
        let tally = tally();
        assert_eq!((tally.of(Tier::Page), tally.of(Tier::Alert), tally.of(Tier::Digest)), (1, 1, 1));
        let noisiest: Vec<_> = tally.noisiest().into_iter().map(|(id, c)| (id.label(), c.alerts, c.all)).collect();
        assert_eq!(noisiest, [("acme".to_owned(), 1, 2), ("acme-bills".to_owned(), 1, 2)]);
    }

    #[test]
    fn people_see_the_noisiest_first() {
        insta::assert_snapshot!(human(&tally(), Swept { names: 9, unreadable: 0 }, 2, 1), @r"
        9 names against 2 watches
          page         1
          alert        1
          digest       1

        by rule: alerts, and all
          exact              1       1  ██████████████████████████████
          plural             1       1  ██████████████████████████████
          substitution       0       1  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░

        noisiest watches: alerts, and all
          acme       1       2  ███████████████░░░░░░░░░░░░░░░
        ");
    }
}
