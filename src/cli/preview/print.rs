//! A preview for people, with bars. Pure.

use crate::model::{Tier, count};
use crate::replay::count::Count;
use crate::replay::judge::Preview;

/// Characters of the longest bar.
const BAR: usize = 30;
/// A year of weeks; what is before them is in the JSON.
const WEEKS: usize = 53;
/// What an import shows.
const BRIEF_WATCHES: usize = 5;
const BRIEF_WEEKS: usize = 8;

/// Everything, with so many watches.
pub(super) fn human(preview: &Preview, watches: usize) -> String {
    tiers(preview) + &rules(preview) + &noisiest(preview, watches) + &weeks(preview, WEEKS)
}

/// What a person needs to decide whether to let it go live.
pub(super) fn brief(preview: &Preview) -> String {
    tiers(preview) + &noisiest(preview, BRIEF_WATCHES) + &weeks(preview, BRIEF_WEEKS)
}

fn tiers(preview: &Preview) -> String {
    let Preview { tally, names, watches, .. } = preview;
    let mut text = format!("{} against {}\n", count(*names, "name", "names"), count(*watches, "watch", "watches"));
    for tier in [Tier::Page, Tier::Alert, Tier::Digest] {
        text += &format!("  {tier:<6} {:>7}\n", tally.of(tier));
    }
    if tally.suppressed > 0 {
        text += &format!("and {} that the inventory suppresses\n", tally.suppressed);
    }
    text
}

fn rules(preview: &Preview) -> String {
    let mut rules: Vec<(&str, Count)> = preview.tally.rules().collect();
    rules.sort_by_key(|(_, count)| std::cmp::Reverse((count.alerts, count.all)));
    listed("by rule", rules.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect())
}

fn noisiest(preview: &Preview, shown: usize) -> String {
    let watches = preview.tally.noisiest().into_iter().take(shown);
    listed("noisiest watches", watches.map(|(id, count)| (id.label(), count)).collect())
}

/// No heading stands above nothing.
fn listed(heading: &str, rows: Vec<(String, Count)>) -> String {
    if rows.is_empty() { String::new() } else { format!("\n{heading}: alerts, and all\n{}", bars(rows)) }
}

/// `label  alerts  all  ####····`: alerts solid, the rest light.
fn bars(rows: Vec<(String, Count)>) -> String {
    let most = most(rows.iter().map(|(_, count)| count));
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    let row = |(label, count): (String, Count)| {
        format!("  {label:<width$} {:>7} {:>7}  {}\n", count.alerts, count.all, bar(count, most))
    };
    rows.into_iter().map(row).collect()
}

fn most<'c>(counts: impl Iterator<Item = &'c Count>) -> usize {
    counts.map(|count| count.all).max().unwrap_or_default().max(1)
}

fn bar(count: Count, most: usize) -> String {
    let length = |n: usize| (n * BAR).div_ceil(most);
    let solid = length(count.alerts);
    "█".repeat(solid) + &"░".repeat(length(count.all).saturating_sub(solid))
}

/// The newest weeks, the newest last.
fn weeks(preview: &Preview, shown: usize) -> String {
    let Some(before) = preview.before else { return String::new() };
    let all = preview.tally.weeks.rows();
    let rows = &all[all.len().saturating_sub(shown)..];
    let counts: Vec<Count> = rows.iter().map(|(_, week)| week.count()).collect();
    let most = most(counts.iter());
    let which = if rows.len() < all.len() { format!(", the last {shown} of {}", all.len()) } else { String::new() };
    let mut text = format!("\nby week{which}: registrations, page, alert, digest\n");
    if before > 0 {
        text += &format!("  before the installation {before}, of which no week is known\n");
    }
    for ((monday, week), count) in rows.iter().zip(&counts) {
        let line = format!("{:>7} {:>7} {:>7} {:>7}", week.registrations, week.page, week.alert, week.digest);
        text += format!("  {monday} {line}  {}", bar(*count, most)).trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::tally::samples::tally;

    fn preview(before: Option<usize>) -> Preview {
        Preview { tally: tally(), names: 9, watches: 2, before }
    }

    #[test]
    fn people_see_the_noisiest_first_and_the_newest_week_last() {
        insta::assert_snapshot!(human(&preview(Some(6)), 1), @r##"
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

            by week: registrations, page, alert, digest
              before the installation 6, of which no week is known
              2026-11-16       1       0       0       0
              2026-11-23       2       1       1       0  ██████████████████████████████
            "##);
    }

    #[test]
    fn an_index_has_no_weeks_and_an_import_no_rules() {
        let mut preview = preview(None);
        preview.tally.suppressed = 2;
        insta::assert_snapshot!(brief(&preview), @r##"
            9 names against 2 watches
              page         1
              alert        1
              digest       1
            and 2 that the inventory suppresses

            noisiest watches: alerts, and all
              acme             1       2  ███████████████░░░░░░░░░░░░░░░
              acme-bills       1       2  ███████████████░░░░░░░░░░░░░░░
            "##);
    }

    #[test]
    fn where_nothing_alerts_no_heading_stands_above_nothing() {
        let quiet = Preview { tally: Default::default(), names: 9, watches: 2, before: None };
        for text in [human(&quiet, 1), brief(&quiet)] {
            assert_eq!(text, "9 names against 2 watches\n  page         0\n  alert        0\n  digest       0\n");
        }
    }

    #[test]
    fn weeks_that_are_not_shown_are_counted() {
        let shown = weeks(&preview(Some(0)), 1);
        insta::assert_snapshot!(shown, @r##"
            by week, the last 1 of 2: registrations, page, alert, digest
              2026-11-23       2       1       1       0  ██████████████████████████████
            "##);
    }

    #[test]
    fn the_json_has_everything() {
        let json = serde_json::to_string(&crate::api::v1::Preview::from(&preview(Some(6)))).expect("plain");
        insta::assert_snapshot!(json, @r##"{"names":9,"watches":2,"tiers":{"page":1,"alert":1,"digest":1},"suppressed":0,"rules":[{"rule":"exact","alerts":1,"all":1},{"rule":"substitution","alerts":0,"all":1},{"rule":"plural","alerts":1,"all":1}],"by_watch":[{"watch":"acme","alerts":1,"all":2},{"watch":"acme-bills","alerts":1,"all":2}],"before_installation":6,"weeks":[{"week":"2026-11-16","registrations":1,"page":0,"alert":0,"digest":0},{"week":"2026-11-23","registrations":2,"page":1,"alert":1,"digest":0}]}"##);
    }
}
