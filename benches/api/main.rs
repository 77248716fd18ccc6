//! What pages and the API give of 100,000 cases and 50,000 watches: each page when it is looked at first after a change, and at best, and
//! cases a second one by one. Prints the tables of `benches/README.md`.
//!
//!     cargo bench --bench api
//!
//!     cargo bench --bench api -- DIR [pages]        # keeps its store there, or takes the one that is there; the pages alone
//!
//! Judges nothing, but prints in bold what misses its goal. Cases a second need wrk (Debian's package of that name).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are what it is for")]

mod memory;
mod pages;
mod paths;
mod people;
mod rate;
mod table;
mod world;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use world::World;

type Failure = Box<dyn Error>;

/// Said by this program to itself.
const AGAIN: &str = "--memory-given-back";

fn main() -> Result<ExitCode, Failure> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let Some(args) = args.split_first().filter(|(first, _)| *first == AGAIN).map(|(_, rest)| rest) else {
        return again(&args);
    };
    tokio::runtime::Runtime::new()?.block_on(measured(args))?;
    Ok(ExitCode::SUCCESS)
}

/// Once more, with an allocator that gives back what is freed (mallopt(3)): else what one page took hides what the next takes.
fn again(args: &[String]) -> Result<ExitCode, Failure> {
    let mut program = Command::new(std::env::current_exe()?);
    program.arg(AGAIN).args(args).env("MALLOC_TRIM_THRESHOLD_", "65536").env("MALLOC_MMAP_THRESHOLD_", "65536");
    Ok(if program.status()?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measured(args: &[String]) -> Result<(), Failure> {
    let work = tempfile::tempdir()?;
    let dir = args.first().map_or(work.path(), |dir| Path::new(dir.as_str()));
    let world = World::new(dir).await?;
    println!("{}", table::of_pages(&pages::pages(&world).await?));
    if args.get(1).is_none_or(|only| only != "pages") {
        println!("{}", table::of_rates(&rate::one_by_one(&world, dir)?));
    }
    eprintln!("the process has {} MB", memory::resident() / 1_000);
    Ok(())
}
