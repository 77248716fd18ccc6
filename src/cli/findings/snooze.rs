//! `findings snooze`: cases of which nobody is reminded for a while.

use super::super::client::Client;
use super::super::failure::Failure;
use super::judge::{DecisionArgs, name, told};
use crate::api::v1::{Command as Ask, Ruled, RuledCase};
use crate::cases::LONGEST_SNOOZE;
use crate::config::Period;
use crate::model::FindingState;

#[derive(Debug, clap::Args)]
pub struct SnoozeArgs {
    /// For how long: 30m, 8h, 1d; 7d at most.
    #[arg(long = "for", value_name = "LENGTH", value_parser = minutes)]
    pub minutes: u32,
    #[command(flatten)]
    pub decision: DecisionArgs,
}

/// The daemon refuses what is too long or too short, too, and calls it minutes, which nobody wrote here.
fn minutes(text: &str) -> Result<u32, String> {
    let length = text.parse::<Period>().map_err(|error| error.to_string())?;
    let minutes = length.0.as_secs() / 60;
    let fits = minutes > 0 && minutes <= LONGEST_SNOOZE.num_minutes().unsigned_abs();
    u32::try_from(minutes).ok().filter(|_| fits).ok_or_else(|| {
        "write 1m at least, and 7d at most; whoever needs longer acknowledges it: `namewarden findings ack`".to_owned()
    })
}

pub(super) async fn run(client: &Client, args: SnoozeArgs) -> Result<(), Failure> {
    let (minutes, DecisionArgs { cases, note, who, format }) = (args.minutes, args.decision);
    let who = who.unwrap_or_else(|| client.who.clone());
    let ruled: Vec<Ruled> = client.ask(Ask::Snooze { cases, minutes, who, note }).await?;
    told(&ruled, format, outcome)
}

/// `nw-417 acme-billing is snoozed until 2026-11-23 11:00 UTC`
fn outcome(case: &RuledCase) -> String {
    match case.snoozed_until.filter(|_| case.changed) {
        Some(until) => format!("{} is snoozed until {}", name(case), until.format("%F %H:%M UTC")),
        None => {
            let state = FindingState::from(case.state).word(case.quarantined);
            format!("{} is {state}, and nobody is reminded of it", name(case))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_nobody_may_take_is_refused_where_it_is_written() {
        assert_eq!((minutes("1m"), minutes("8h"), minutes("7d")), (Ok(1), Ok(480), Ok(7 * 1440)));
        for wrong in ["0m", "59s", "8d", "10081m", "99999999d"] {
            let said = minutes(wrong).expect_err(wrong);
            assert!(said.starts_with("write 1m at least, and 7d at most"), "{wrong}: {said}");
        }
        assert!(minutes("soon").is_err());
    }
}
