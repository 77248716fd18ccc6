//! `namewarden health`: what keeps the watch from seeing or telling, and what waits for a person there.

use std::fmt::Write;
use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::instance::fitted;
use super::output::{say, say_json};
use super::tone::confirm;
use crate::api::service::Unwell;
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

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        match self {
            Self::List { format } => list(&client, format).await,
            Self::Ack(args) => acknowledge(&client, args).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(client: &Client, format: Format) -> Result<(), Failure> {
    let unwell: Vec<Unwell> = client.ask(Ask::Health).await?;
    match format {
        Format::Json => unwell.iter().for_each(say_json),
        Format::Human if unwell.is_empty() => {
            say(&fitted("no health case is open; `namewarden status` says how the watch stands"));
        }
        Format::Human => say(&page(&unwell)),
    }
    Ok(())
}

async fn acknowledge(client: &Client, AckArgs { case, note, who }: AckArgs) -> Result<(), Failure> {
    let who = who.unwrap_or_else(|| client.who.clone());
    let _: serde_json::Value = client.ask(Ask::AcknowledgeHealth { case: case.clone(), who, note }).await?;
    confirm(&format!("{case} is closed"));
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
