//! One figure for the comparison with peers (`benches/peers/run.sh`): names a second of one core, on names that match
//! nothing, against the most downloaded projects.
//!
//!     cargo bench --bench speed -- NAMES.tsv.gz WATCHES [QUIET.txt]
//!
//! Counts processor time, so that a busy machine does not change the figure. With QUIET.txt the names that match nothing
//! are written there, for the peers to judge the same ones.

#![expect(clippy::print_stdout, reason = "its figure is what it is for")]

use std::error::Error;
use std::fs;

use namewarden::matcher::Matcher;
use namewarden::model::{Inventory, OwnerId, ProjectName, Watch, WatchId};

#[path = "names/mod.rs"]
mod names;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [path, watches, rest @ ..] = arguments.as_slice() else {
        println!("usage: cargo bench --bench speed -- NAMES.tsv.gz WATCHES [QUIET.txt]");
        return Ok(());
    };
    let world = names::World::of(Some(path));
    let watch = |text: String| -> Result<(WatchId, Watch), Box<dyn Error>> {
        let id = WatchId::name(&ProjectName::parse(&text)?);
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
        Ok((id, watch))
    };
    let watches = world.watches(watches.parse()?).map(watch).collect::<Result<_, _>>()?;
    let matcher = Matcher::build(&Inventory { watches, ..Inventory::default() });
    let quiet: Vec<ProjectName> =
        world.sighted(1_000_000).filter(|name| matcher.judge(name).matches.is_empty()).collect();
    if let [file] = rest {
        fs::write(file, quiet.iter().map(|name| format!("{name}\n")).collect::<String>())?;
    }
    let rounds = 3;
    let before = processor_seconds()?;
    let found: usize = (0..rounds).flat_map(|_| &quiet).map(|name| matcher.judge(name).matches.len()).sum();
    let seconds = processor_seconds()? - before;
    assert_eq!(found, 0, "these names match nothing");
    println!(
        "namewarden {} watches {} names {:.0} names/s",
        matcher.watches(),
        quiet.len(),
        (rounds * quiet.len()) as f64 / seconds
    );
    Ok(())
}

/// User time of this process, in ticks of 10 ms as Linux tells it.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("an unreadable /proc/self/stat")?.1;
    let user: f64 = fields.split_whitespace().nth(11).ok_or("a short /proc/self/stat")?.parse()?;
    Ok(user / 100.0)
}
