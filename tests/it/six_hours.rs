//! Six simulated hours in which everything fails, in random order, under an oracle that knows what must have been told.
//!
//! The whole daemon, with its real transports, against the simulated PyPI. In every hour strangers act while
//! random troubles come and go, and the daemon is stopped or killed; one trouble then stays until `status` names it, and a
//! while longer, in which `status` must not forget it; at last everything works again, and within the promised time
//! everybody has been told everything, once, and `status` is well.
//!
//! The seed is printed. `NAMEWARDEN_SEED=NUMBER` plays another order, `NAMEWARDEN_HOURS=NUMBER` longer ones.

#![expect(clippy::print_stdout, reason = "the course of things, for whoever reads of a failure")]

mod oracle;
mod strangers;
mod trial;
mod trouble;
mod truth;

use trial::Trial;

const SEED: u64 = 20_221_225;
/// One for each trouble that ends one.
const HOURS: u64 = 7;

#[expect(clippy::disallowed_methods, reason = "the one way to ask a test for another order")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

async fn play(seed: u64, hours: u64) {
    println!("NAMEWARDEN_SEED={seed} plays this again");
    let mut trial = Trial::begin(seed).await;
    for hour in 0..hours {
        trial.hour(hour).await;
    }
    trial.end().await;
}

#[tokio::test]
#[ignore = "long: tests/run --full"]
async fn nothing_is_missing_and_the_status_is_never_better_than_the_truth() {
    play(number("NAMEWARDEN_SEED", SEED), number("NAMEWARDEN_HOURS", HOURS)).await;
}

/// Eight other orders.
#[tokio::test]
#[ignore = "long: tests/run --full"]
async fn nothing_is_missing_in_other_orders() {
    for seed in 1..=8 {
        play(seed, HOURS).await;
    }
}
