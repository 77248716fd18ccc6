//! Prints what the matcher finds and how often it errs, from a directory of real data: recall by kind and by distance, one
//! edit of every kind, noise, and the calibration of chance.
//!
//!     cargo bench --bench evaluate -- DIR [aside] [missed] [noisy] [curve]
//!
//! DIR holds `impostor-pairs.csv` and `impostor-pairs-2026.csv` (name, target, label method), `pypi-projects.tsv.gz` (name,
//! version, month of the last release, rank) and `inventories/*.txt`. The pairs are split by target: rules and numbers are
//! made with the part shown. `aside` measures the other part too, which is for the figures of `benches/README.md` alone.
//! `missed` lists the pairs shown that stay below an alert, `noisy` a sample of the alerts of each inventory, `curve` recall
//! and noise over the score beside the gate. What each figure means is in `benches/README.md`.

#![expect(clippy::print_stdout, reason = "its tables are what it is for")]

mod calibration;
mod curve;
mod data;
mod edits;
mod gate;
mod noise;
mod recall;

use std::error::Error;
use std::path::Path;

use data::Part;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(dir) = arguments.first() else {
        println!("usage: cargo bench --bench evaluate -- DIR [aside] [missed] [noisy] [curve]");
        return Ok(());
    };
    let wants = |word: &str| arguments.iter().any(|a| a == word);
    let world = data::World::read(Path::new(dir))?;
    recall::table(&world, Part::Shown);
    if wants("missed") {
        recall::missed(&world);
    }
    if wants("aside") {
        recall::table(&world, Part::Aside);
        recall::hold_in_every_inventory(&world);
    }
    edits::table(&world);
    let noise = noise::table(&world, wants("noisy"));
    calibration::table(&world);
    if wants("curve") {
        curve::table(&world, &noise);
    }
    Ok(())
}
