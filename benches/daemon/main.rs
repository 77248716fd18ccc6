//! What the daemon needs on all of PyPI: time, memory, latency. Prints a report and judges nothing.
//!
//! `cargo bench --bench daemon -- NAMES_FILE [PHASE…]`, the list of names being the simulator's; without one it takes
//! the 2,000 built in. The simulated PyPI and the mail server live in this process, the daemon in its own.

#![expect(clippy::print_stdout, reason = "the report")]

mod events;
#[path = "../../tests/clients/crash/inventory.rs"]
#[expect(dead_code, reason = "shared with the crash tests, which look at who was told")]
mod inventory;
mod phases;
#[path = "../../tests/clients/crash/place.rs"]
#[expect(dead_code, reason = "shared with the crash tests, which look into the store too")]
mod place;
mod process;
#[path = "../../tests/clients/crash/program.rs"]
#[expect(dead_code, reason = "shared with the crash tests, which kill it too")]
mod program;

use std::path::Path;

use namewarden::sim::sink::{HttpSink, SmtpSink};
use namewarden::sim::{Loader, Options, Order, Sim};

use phases::Bench;

fn main() {
    // Cargo passes `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(&words));
}

async fn measure(words: &[String]) {
    let loader = match words.first() {
        Some(names) => Loader::read(Path::new(names)).expect("a list of names"),
        None => Loader::sample(),
    };
    let options = Options { xmlrpc_quota: 1_000_000, ..Options::default() };
    let sim = Sim::start(loader.world(Order::default()), options).await.expect("a free port");
    let (mail, hook) = (SmtpSink::start(0).await.expect("a port"), HttpSink::start(0).await.expect("a port"));
    println!("{} projects", sim.world().len());
    let bench = Bench { sim, mail, hook };
    let wanted = |phase: &str| words.len() < 2 || words[1..].iter().any(|word| word == phase);
    let place = bench.place();
    bench.baseline(&place).await;
    if wanted("reconcile") {
        bench.reconcile(&place).await;
    }
    if wanted("page") {
        bench.page(&place).await;
    }
    if wanted("latency") {
        bench.latency(&place).await;
    }
    drop(place);
    if wanted("idle") {
        bench.life(&bench.place()).await;
    }
}
