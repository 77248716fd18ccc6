//! Judging a whole index on all cores, the results in the order of the index.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use indicatif::{ProgressBar, ProgressStyle};

use super::names::NameLines;
use crate::matcher::{Judgement, Matcher};
use crate::model::{Match, ProjectName};

/// Bytes of the list that one thread takes at a time.
const BLOCK: usize = 128 * 1024;
/// Blocks judged and not yet taken; more would hold all of a noisy index in memory.
const WAITING: usize = 4;

/// A name that matches.
pub struct JudgedName {
    pub name: ProjectName,
    /// The Unix second of its registration, where the list has it.
    pub second: Option<i64>,
    /// Strongest first; never empty.
    pub matches: Vec<Match>,
    /// Watches that it resembles beside those.
    pub more: usize,
}

/// A block's results, rendered by the thread that judged it.
struct Done<T> {
    block: usize,
    names: usize,
    results: Vec<T>,
}

/// Judges every name, and says how many there were. `render` runs on many threads, `take` here and in the order of the
/// list.
pub fn sweep<T: Send>(
    names: &NameLines,
    matcher: &Matcher,
    render: impl Fn(JudgedName) -> T + Sync,
    take: impl FnMut(T),
) -> usize {
    let blocks = blocks(names);
    let dated = names.is_dated();
    let bar = bar(blocks.len());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut total, mut take) = (0, take);
    std::thread::scope(|scope| {
        let (send, done) = mpsc::sync_channel::<Done<T>>(threads * WAITING);
        for _ in 0..threads {
            let (send, next, blocks, render) = (send.clone(), &next, &blocks, &render);
            scope.spawn(move || {
                while let Some((block, text)) = claim(next, blocks) {
                    if send.send(judge_block(block, text, dated, matcher, render)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        in_order(done, &mut |done| {
            total += done.names;
            bar.inc(1);
            done.results.into_iter().for_each(&mut take);
        });
    });
    bar.finish_and_clear();
    total
}

fn claim<'a>(next: &AtomicUsize, blocks: &[&'a str]) -> Option<(usize, &'a str)> {
    let block = next.fetch_add(1, Ordering::Relaxed);
    blocks.get(block).map(|text| (block, *text))
}

/// Hands on what is done, block after block.
fn in_order<T>(done: mpsc::Receiver<Done<T>>, take: &mut impl FnMut(Done<T>)) {
    let (mut early, mut expected) = (BTreeMap::new(), 0);
    for block in done {
        early.insert(block.block, block);
        while let Some(block) = early.remove(&expected) {
            take(block);
            expected += 1;
        }
    }
}

/// The list in partitions that end with a line.
fn blocks(names: &NameLines) -> Vec<&str> {
    let mut blocks = Vec::new();
    let mut rest = names.text();
    while !rest.is_empty() {
        let from = rest.len().min(BLOCK);
        let end = rest.as_bytes()[from..].iter().position(|b| *b == b'\n').map_or(rest.len(), |at| from + at + 1);
        let (block, after) = rest.split_at(end);
        blocks.push(block);
        rest = after;
    }
    blocks
}

fn judge_block<T>(
    block: usize,
    text: &str,
    dated: bool,
    matcher: &Matcher,
    render: &impl Fn(JudgedName) -> T,
) -> Done<T> {
    let mut done = Done { block, names: 0, results: Vec::new() };
    for line in text.lines() {
        let (name, beside) = line.split_once('\t').unwrap_or((line, ""));
        done.names += 1;
        let Some(name) = ProjectName::parse(name).ok().or_else(|| ProjectName::salvage(name)) else {
            continue;
        };
        let Judgement { matches, rest } = matcher.judge(&name);
        if !matches.is_empty() {
            let second = if dated { beside.parse().ok() } else { None };
            done.results.push(render(JudgedName { name, second, matches, more: rest.len() }));
        }
    }
    done
}

/// On a terminal only, and on standard error.
fn bar(blocks: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(blocks as u64).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Inventory, OwnerId, Watch, WatchId};
    use crate::replay::names;

    fn matcher() -> Matcher {
        let id = WatchId::name(&ProjectName::parse("acme-billing").expect("valid"));
        let watch = Watch {
            id: id.clone(),
            display: "acme-billing".to_owned(),
            owner: OwnerId("team".to_owned()),
            exclusive: false,
            latest_version: None,
            first_use: None,
            index: None,
        };
        Matcher::build(&Inventory { watches: [(id, watch)].into(), ..Inventory::default() })
    }

    #[test]
    fn every_name_is_judged_in_order() {
        let filler: String = (0..60_000).map(|n| format!("unrelated{n}\t1.0\n")).collect();
        let text = format!("acme-biling\t1\n{filler}acme-billingx\n\u{202e}acme-bi1ling\n\u{4e2d}\n");
        let mut found = Vec::new();
        let swept = sweep(&names::of_text(text), &matcher(), |j| j.name.to_string(), |name| found.push(name));
        assert_eq!(found, ["acme-biling", "acme-billingx", "acme-bi1ling"]);
        assert_eq!(swept, 60_004);
    }

    #[test]
    fn a_dated_name_keeps_its_second_and_a_version_is_none() {
        let seconds = |names: &NameLines| {
            let mut seconds = Vec::new();
            sweep(names, &matcher(), |judged| judged.second, |second| seconds.push(second));
            seconds
        };
        let mut dated = NameLines::dated();
        dated.push("acme-biling", Some(1_790_000_000));
        dated.push("acme-bi\tling", None);
        assert_eq!(seconds(&dated), [Some(1_790_000_000), None]);
        assert_eq!(seconds(&names::of_text("acme-biling\t1\n".to_owned())), [None]);
    }
}
