//! `gate --check`: would a gate start with this configuration? It reads what a start reads, takes no lock and writes nothing, so that the gate
//! which runs goes on; whoever is about to end that one asks first.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use tokio::net::TcpListener;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::output::say;
use super::effect::effective;
use super::evidence::EvidenceFiles;
use super::{guests, indexes, rules};
use crate::clock::Clock;
use crate::config::{self, GateSettings};
use crate::gate::{GateTrouble, GateTroubles, is_a_mirror};

/// # Errors
/// What a start would fail with, and records of malware that nobody can read: nothing would be given out.
pub(super) async fn run(call: &Call) -> Result<ExitCode, Failure> {
    let settings = config::load_sealed(&call.path(), &call.environment)?;
    let of = &settings.gate;
    effective(of)?;
    guests::logins(&settings)?;
    evidence(call, of)?;
    let (_, private) = indexes::of(&settings)?;
    let copies = of.private.as_ref().is_some_and(|private| private.copies);
    if let Some(private) = private
        // One that does not answer is asked again by the gate.
        && is_a_mirror(&private, copies).await.unwrap_or_default()
    {
        return Err(Failure::configured(indexes::MIRROR.to_owned()));
    }
    for (key, dir) in [("cache", &of.cache), ("state", &of.state)] {
        usable(key, dir)?;
    }
    free(of).await?;
    say("the gate would start");
    Ok(ExitCode::SUCCESS)
}

fn evidence(call: &Call, of: &GateSettings) -> Result<(), Failure> {
    let troubles = GateTroubles::default();
    let files = EvidenceFiles::of(of, troubles.clone())?;
    files.looked_at(rules::policy(call, of)?, Clock::System.now());
    // What else cannot be read has no voice, which is in the log.
    troubles.all().remove(&GateTrouble::RecordsUnread).map_or(Ok(()), |why| Err(Failure::configured(why)))
}

/// It is a directory, or may become one.
fn usable(key: &str, dir: &Path) -> Result<(), Failure> {
    // One that is relative begins where the gate does.
    let here = Path::new(".");
    let mut above = dir.ancestors().filter(|above| !above.as_os_str().is_empty()).chain([here]);
    match above.find(|above| above.exists()).is_some_and(Path::is_dir) {
        true => Ok(()),
        false => Err(Failure::configured(format!(
            "{} is no directory, and cannot become one; write another as [gate] {key}",
            dir.display()
        ))),
    }
}

/// The gate that runs may have the address.
async fn free(of: &GateSettings) -> Result<(), Failure> {
    match TcpListener::bind(of.listen).await {
        Err(error) if error.kind() != ErrorKind::AddrInUse => {
            Err(Failure::new(format!("cannot listen at {} ({error}); write another as [gate] listen", of.listen)))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}
