//! The matcher's speed: judge, build and scan, at 100 to 1,000,000 watches.
//!
//!     NAMES=pypi-projects.tsv.gz cargo bench --bench matcher
//!
//! With `NAMES` (name, version, month, rank) names and watches are real ones: watches are the most downloaded, and up
//! to 15,000 have a rank. Without it, and for more watches, both are generated: see `generated`.

#![expect(clippy::print_stdout, reason = "bytes a watch are shown beside the times")]

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use namewarden::matcher::Matcher;
use namewarden::model::{Inventory, OwnerId, ProjectName, Registry, Watch, WatchId, WatchKind};

#[path = "names/mod.rs"]
mod names;

fn main() {
    divan::main();
}

static WORLD: LazyLock<names::World> = LazyLock::new(|| names::World::of(list().as_deref()));

/// The list of names, if the environment says where one is: the command line is divan's.
#[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration")]
fn list() -> Option<String> {
    std::env::var("NAMES").ok()
}

/// The first `count` watches, compiled into an inventory.
fn inventory(count: usize) -> Inventory {
    let watch = |text: String| {
        let id = WatchId::new(Registry::Pypi, WatchKind::Name, &text);
        let owner = OwnerId("team".to_owned());
        let watch = Watch {
            id: id.clone(),
            display: text,
            owner,
            exclusive: false,
            latest_version: None,
            first_use: None,
            index: None,
        };
        (id, watch)
    };
    Inventory { watches: WORLD.watches(count).map(watch).collect(), ..Inventory::default() }
}

/// Names that match nothing: what nearly every name is.
#[divan::bench(args = [100, 1_000, 10_000, 100_000, 1_000_000], sample_count = 10)]
fn judge_no_match(bencher: Bencher<'_, '_>, watches: usize) {
    let matcher = Matcher::build(&inventory(watches));
    let names: Vec<ProjectName> =
        WORLD.sighted(100_000).filter(|name| matcher.judge(name).matches.is_empty()).take(50_000).collect();
    bencher
        .counter(ItemsCount::new(names.len()))
        .bench(|| names.iter().map(|n| matcher.judge(n).matches.len()).sum::<usize>());
}

/// All names, those that match included.
#[divan::bench(args = [100, 1_000, 10_000, 100_000, 1_000_000], sample_count = 10)]
fn judge_all(bencher: Bencher<'_, '_>, watches: usize) {
    let matcher = Matcher::build(&inventory(watches));
    let names: Vec<ProjectName> = WORLD.sighted(50_000).collect();
    bencher
        .counter(ItemsCount::new(names.len()))
        .bench(|| names.iter().map(|n| matcher.judge(n).matches.len()).sum::<usize>());
}

#[divan::bench(args = [100, 1_000, 10_000, 100_000, 1_000_000], sample_count = 3)]
fn build(bencher: Bencher<'_, '_>, watches: usize) {
    let inventory = inventory(watches);
    let matcher = Matcher::build(&inventory);
    println!("{watches} watches: {} bytes each", matcher.bytes() / matcher.watches().max(1));
    bencher.counter(ItemsCount::new(watches)).bench(|| Matcher::build(&inventory));
}

/// The whole program on all cores: reads inventory and index, builds, judges every name, and writes what matches.
#[divan::bench(args = [100, 1_000, 10_000, 100_000, 1_000_000], sample_count = 3)]
fn scan(bencher: Bencher<'_, '_>, watches: usize) {
    let work = tempfile::tempdir().expect("a directory");
    let write = |file: &str, names: &mut dyn Iterator<Item = String>| {
        let path = work.path().join(file);
        std::fs::write(&path, names.map(|name| name + "\n").collect::<String>()).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let inventory = write("inventory.txt", &mut WORLD.watches(watches));
    let names = WORLD.sighted(usize::MAX).count();
    let index = list().unwrap_or_else(|| write("index.txt", &mut WORLD.sighted(usize::MAX).map(|n| n.to_string())));
    let arguments = ["scan", "--format", "json", "--inventory", &inventory, "--index", &index];
    bencher.counter(ItemsCount::new(names)).bench(|| {
        let mut scan = Command::new(env!("CARGO_BIN_EXE_namewarden"));
        let status = scan.args(arguments).stdout(Stdio::null()).status().expect("namewarden");
        assert!(matches!(status.code(), Some(0 | 3)), "{status}");
    });
}
