//! `namewarden health`: what keeps the watch from seeing or telling, and what waits for a person there.

use std::fmt::Write;

use super::findings::say_json;
use super::instance::fitted;
use super::inventory::Format;
use super::{Failure, say};
use crate::api::service::Unwell;
use crate::cli::client::Client;
use crate::messages::hostile::line as harmless;
use crate::model::command::Command as Ask;

/// See what the watch suffers from, and close what a person closes.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List open health cases, with every name that could not be read.
    List {
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Say that you have looked at the names that could not be read: the case is closed, and they open none again.
    Ack(AckArgs),
}

#[derive(Debug, clap::Args)]
pub struct AckArgs {
    /// The key of the case, such as `unreadable:changelog`.
    pub case: String,
    /// What the next reader should know.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who decided; recorded beside your user. Default: the user of this shell.
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
}

pub(super) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { format } => {
            let unwell: Vec<Unwell> = client.ask(Ask::Health).await?;
            match format {
                Format::Json => unwell.iter().for_each(say_json),
                Format::Human if unwell.is_empty() => {
                    say(&fitted("no health case is open; `namewarden status` says how the watch stands"));
                }
                Format::Human => say(&page(&unwell)),
            }
        }
        Command::Ack(AckArgs { case, note, who }) => {
            let who = who.unwrap_or_else(|| client.who.clone());
            let _: serde_json::Value = client.ask(Ask::AcknowledgeHealth { case: case.clone(), who, note }).await?;
            super::tone::confirm(&format!("{case} is closed"));
        }
    }
    Ok(())
}

fn page(unwell: &[Unwell]) -> String {
    let mut out = String::new();
    for Unwell { case, names } in unwell {
        // A String takes any text.
        let _ = writeln!(out, "{} since {}", case.issue, case.since.format("%F %T UTC"));
        let _ = writeln!(out, "  {}", fitted(&harmless(&case.detail)));
        for row in names {
            let judged = row.name.judged.as_ref().map(|name| format!(", judged as {name}")).unwrap_or_default();
            let seen = row.first_seen.format("%F %T");
            let _ = writeln!(out, "    {seen}  {}{judged}", harmless(&format!("{:?}", row.name.text)));
        }
    }
    out
}
