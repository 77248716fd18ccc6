//! `gate who NAME[==VERSION]`: who received something, for when it turns bad later.

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, say_json};
use super::super::tone::hint;
use super::ask::ask;
use super::release::release;
use crate::gate::{GateQuestion, GateReceipt, GateReceipts};
use crate::messages::hostile::line as harmless;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A project, in any spelling, or one version of it.
    #[arg(value_name = "NAME[==VERSION]")]
    what: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) async fn run(call: &Call, args: Args) -> Result<(), Failure> {
    let (project, version) = release(&args.what)?;
    let found: GateReceipts = ask(call, &GateQuestion::Who { project, version }).await?;
    match args.format {
        Format::Json => found.receipts.iter().for_each(say_json),
        Format::Human if found.receipts.is_empty() => say(&nobody(&found)),
        Format::Human => found.receipts.iter().for_each(|receipt| say(&row(receipt))),
    }
    if found.more {
        hint(&format!("namewarden: these are the newest {}; there are more: name a version", found.receipts.len()));
    }
    if found.unwritten > 0 {
        hint(&format!(
            "namewarden: {} deliveries could not be written down since the gate began; its log says why",
            found.unwritten
        ));
    }
    Ok(())
}

/// That nobody is known is only as good as the log is long.
fn nobody(found: &GateReceipts) -> String {
    match found.since {
        Some(since) => format!("nobody, as far as is known: from {} on", since.format("%F")),
        None => "nobody, as far as is known: nothing was delivered yet".to_owned(),
    }
}

fn row(receipt: &GateReceipt) -> String {
    let times = match receipt.times {
        1 => String::new(),
        times => format!("  {times} times, first {}", receipt.first.format("%F %T")),
    };
    format!(
        "{}  {:<25}  {}  sha256 {}{times}",
        receipt.last.format("%F %T"),
        harmless(&receipt.who.to_string()),
        harmless(&receipt.filename),
        receipt.sha256
    )
}
