//! `namewarden claim upload`: the process that has the token. It asks the daemon what to do, and tells it what became of it.

mod alone;
mod line;
mod place;

use std::process::ExitCode;
use std::time::Duration;

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::signals::Signals;
use crate::claims::uploader::Done;
use crate::failpoint::{self, Crash};
use alone::Alone;
use line::Line;
use place::Place;

/// After a daemon that cannot be asked, or a configuration that cannot be read.
const TROUBLE: Duration = Duration::from_secs(3);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// End when there is nothing to do, instead of waiting for more: with 75 where something waits for its turn or for a look
    /// at PyPI, and is to be tried again later.
    #[arg(long)]
    pub once: bool,
    /// Die at a step, for tests of what survives.
    #[arg(long, value_name = "STEP[:N]", hide = true)]
    pub crash_at: Option<Crash>,
}

impl Args {
    /// Runs until a signal. A piece that was begun is finished: what is left in the middle has to be looked at first.
    pub(in super::super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        keep_out_of_cores();
        let mut signals = Signals::listen()?;
        let place = Place::find(call)?;
        place.check()?;
        let _alone = Alone::hold(&call.path())?;
        if let Some(crash) = self.crash_at {
            failpoint::arm(crash);
        }
        let (mut said, mut undone) = (String::new(), Vec::new());
        loop {
            let rest = match piece(call).await {
                Ok(done) if self.once && !done.rest.is_zero() => return ended(done, undone),
                Ok(done) => {
                    tell(&mut said, &done.said, done.failed);
                    undone.extend(Some(done.said).filter(|_| done.failed && self.once));
                    done.rest
                }
                Err(failure) if self.once => return Err(failure),
                Err(failure) => {
                    tell(&mut said, &failure.to_string(), true);
                    TROUBLE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = signals.end() => return Ok(ExitCode::SUCCESS),
            }
        }
    }
}

/// One piece of work, by the configuration as it is now.
async fn piece(call: &Call) -> Result<Done, Failure> {
    let (line, place) = (Line(Client::open_sound(call)?), Place::find(call)?);
    let work = line.work().await?;
    place.work(&line, &work).await
}

/// What is said again and again is said once.
fn tell(before: &mut String, said: &str, trouble: bool) {
    if before == said {
        return;
    }
    said.clone_into(before);
    match trouble {
        true => tracing::warn!("{said}"),
        false => tracing::info!("{said}"),
    }
}

/// As sysexits(3) has it, `EX_TEMPFAIL`: to come again later is all that it takes.
const LATER: u8 = 75;

/// Whoever runs it by hand or by cron hears by the exit status that something was left undone, or waits.
fn ended(done: Done, mut undone: Vec<String>) -> Result<ExitCode, Failure> {
    if !done.failed && undone.is_empty() && done.waits {
        return Err(Failure { status: LATER, ..Failure::new(done.said) });
    }
    if !done.failed && undone.is_empty() {
        super::super::output::say(&done.said);
        return Ok(ExitCode::SUCCESS);
    }
    undone.extend(Some(done.said).filter(|_| done.failed));
    undone.dedup();
    Err(Failure::new(undone.join("\n")))
}

/// The token is in the memory of this process for a while: no core, and nobody else of the same user reads it (prctl(2),
/// `PR_SET_DUMPABLE`).
fn keep_out_of_cores() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "a core of this process could be written");
    }
}
