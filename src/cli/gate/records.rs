//! `gate records`: which records of malware stay in force though they are gone from where they are read, or older there; and that what lies
//! there is meant. It is asked of the files, since a gate may not run, and whoever may write in its state decides.

use std::process::ExitCode;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::output::say;
use crate::clock::Clock;
use crate::config;
use crate::gate::malware::{MalwareFeed, RecordsBeside, accept_records};
use crate::messages::hostile::line as harmless;
use crate::model::count;

/// Somebody has to look at it.
const HELD: u8 = 3;
/// Of each kind.
const MOST: usize = 20;

#[derive(Debug, clap::Args)]
pub struct RecordsArgs {
    /// Take what lies there as it is, though records are gone or older: it has to have this key, which is printed without.
    #[arg(long, value_name = "KEY")]
    accept: Option<String>,
}

pub(super) fn run(call: &Call, args: RecordsArgs) -> Result<ExitCode, Failure> {
    let of = config::load_sealed(&call.path(), &call.environment)?.gate;
    let Some(place) = of.malware.records else {
        return Err(Failure::new("the gate reads no records of malware; write [gate.malware] records".to_owned()));
    };
    let feed = MalwareFeed::at(place, of.malware.except).kept_in(&of.state);
    let feed = feed.map_err(|error| Failure::failed(&error))?;
    let beside = feed.beside(Clock::System.now()).map_err(|error| Failure::failed(&error))?;
    let is_held = !beside.gone.is_empty() || !beside.older.is_empty();
    match args.accept {
        None => {
            say(&words(&beside));
            return Ok(if is_held { ExitCode::from(HELD) } else { ExitCode::SUCCESS });
        }
        Some(_) if !is_held => say("nothing is gone, and nothing is older: there is nothing to accept"),
        Some(key) if key != beside.key => {
            return Err(Failure::new(format!(
                "what lies there has another key by now, {}; look at it again: `namewarden gate records`",
                beside.key
            )));
        }
        Some(key) => {
            accept_records(&of.state, &key).map_err(|error| {
                Failure::new(format!(
                    "{} takes nothing ({error}); run this as the gate's user, or as root",
                    of.state.display()
                ))
            })?;
            say("accepted: the gate takes them as they lie there within 30 s, or at its start");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn words(of: &RecordsBeside) -> String {
    let newest = of.newest.map_or_else(|| "an unknown time".to_owned(), |newest| newest.format("%F").to_string());
    let mut lines =
        vec![format!("{}, the newest of {newest}", count(of.records, "record lies there", "records lie there"))];
    lines.extend(listed("gone, and in force", &of.gone));
    lines.extend(listed("older, and in force as before", &of.older));
    if lines.len() > 1 {
        lines.push(format!("where that was meant: `namewarden gate records --accept {}`", of.key));
    }
    lines.join("\n")
}

fn listed(what: &str, ids: &[String]) -> Option<String> {
    let named: Vec<String> = ids.iter().take(MOST).map(|id| harmless(id)).collect();
    let more = if ids.len() > MOST { ", …" } else { "" };
    (!ids.is_empty()).then(|| format!("{what}, {} of them: {}{more}", ids.len(), named.join(", ")))
}
