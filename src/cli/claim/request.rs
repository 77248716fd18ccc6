//! `claim request` and `claim agree`: what is agreed with PyPI's administrators.

use std::process::ExitCode;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::show;
use super::super::tone::hint;
use crate::api::v1::{ClaimAgreement, ClaimRequest, Command as Ask};
use crate::messages::hostile::line as harmless;
use crate::model::count;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct AgreeArgs {
    /// Where PyPI's agreement can be read, such as the address of a ticket.
    #[arg(value_name = "REFERENCE")]
    pub reference: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(client: &Client, args: &Args) -> Result<ExitCode, Failure> {
    let mail: ClaimRequest = client.ask(Ask::ClaimRequest).await?;
    show(args.format, &mail, |mail| format!("Subject: {}\n\n{}", mail.subject, mail.body));
    if mail.withheld > 0 {
        let kept = count(mail.withheld, "name that anybody could take is", "names that anybody could take are");
        hint(&format!("namewarden: {kept} left out, as the inventory does not say public_ok = true of them"));
    }
    hint(
        "namewarden: nothing was sent; send it to PyPI's administrators, whose address stands on the help page of PyPI",
    );
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn agree(client: &Client, args: AgreeArgs) -> Result<ExitCode, Failure> {
    let agreed: ClaimAgreement = client.ask(Ask::ClaimAgree { reference: args.reference }).await?;
    show(args.format, &agreed, |agreed| format!("recorded: PyPI agrees, by {}", harmless(&agreed.reference)));
    Ok(ExitCode::SUCCESS)
}
