//! Fifty thousand events as a busy day brings them: releases of known projects, and new ones.

use namewarden::sim::Sim;

/// Releases of known projects write two entries each, uploads of new ones four; one in eight is new.
pub(crate) fn fifty_thousand(sim: &Sim, round: u32) -> usize {
    let now = Sim::now();
    let mut world = sim.world();
    let before = world.journal().len();
    let known: Vec<String> = world.projects().map(|(name, _)| name.to_string()).step_by(40).take(20_000).collect();
    let mut known = known.iter().cycle().zip(0_u32..);
    let mut number = 0;
    while world.journal().len() - before < 50_000 {
        number += 1;
        if number % 8 == 0 {
            let name = format!("busy-day-{round}-{number}");
            world.upload(&name, "0.1", "a new project", "somebody", now).expect("nobody has it");
        } else if let Some((name, turn)) = known.next() {
            world.release(name, &format!("9{round}.{turn}"), "a release", now).expect("it stands");
        }
    }
    world.journal().len() - before
}
