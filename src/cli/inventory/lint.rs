//! `inventory lint`: what is wrong or doubtful in an inventory file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::call::Call;
use super::super::config::permitted;
use super::super::failure::Failure;
use super::super::format::Format;
use super::outcome::{Printed, ended, line};
use super::which::configured;
use crate::api::examined::examined_draft;
use crate::api::v1;
use crate::config::Settings;
use crate::model::{OwnerId, count};
use crate::watchlist::{Examined, InventoryError, Lint, LintLevel, draft, read};

#[derive(Debug, clap::Args)]
pub struct LintArgs {
    /// Default: the inventory that the configuration names.
    pub file: Option<PathBuf>,
    /// End with status 3 when there is a remark of this severity or above.
    #[arg(long, value_enum, default_value_t = FailOnLevel::Error)]
    pub fail_on: FailOnLevel,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The severities, as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FailOnLevel {
    Error,
    Warning,
    Note,
}

impl FailOnLevel {
    fn severity(self) -> LintLevel {
        match self {
            Self::Error => LintLevel::Error,
            Self::Warning => LintLevel::Warning,
            Self::Note => LintLevel::Note,
        }
    }
}

pub(super) fn run(call: &Call, args: &LintArgs) -> Result<ExitCode, Failure> {
    let (file, owner) = configured(call, args.file.as_deref())?;
    let permitted = || permitted(&call.path(), &call.environment).map_err(|e| Failure::configuration(&e));
    let settings = call.is_configured().then(permitted).transpose()?.map(|permitted| permitted.settings);
    let about = |e: InventoryError| Failure::failed(&if args.file.is_some() { e.of_argument() } else { e });
    let linted = lint(args, &file, &owner, settings.as_ref()).map_err(about)?;
    Ok(ended(args.format, &linted))
}

/// `inventory lint`. `configured` is the file when none is named, `default_owner` that of the configuration; with the
/// settings it is also asked whether they fit together, as `config check` asks.
///
/// # Errors
/// When the file cannot be read or is not of its form; what is wrong inside it is the outcome.
pub fn lint(
    args: &LintArgs,
    configured: &Path,
    default_owner: &OwnerId,
    settings: Option<&Settings>,
) -> Result<Printed, InventoryError> {
    let path = args.file.as_deref().unwrap_or(configured);
    let Examined { lints, .. } = examined_draft(&draft(read(path)?)?, default_owner, settings);
    let found = lints.iter().any(|lint| lint.severity() >= args.fail_on.severity());
    let text = match args.format {
        Format::Human => remarks(&lints) + &tally(&lints),
        Format::Json => lints.iter().map(|lint| line(&v1::Lint::from(lint))).collect(),
    };
    Ok(Printed { text, found })
}

pub(super) fn remarks(lints: &[Lint]) -> String {
    lints.iter().map(|lint| format!("{lint}\n")).collect()
}

/// `1 error, 2 warnings, 5 notes`.
pub(super) fn tally(lints: &[Lint]) -> String {
    let number = |severity| lints.iter().filter(|lint| lint.severity() == severity).count();
    let parts = [LintLevel::Error, LintLevel::Warning, LintLevel::Note]
        .map(|severity| count(number(severity), severity.as_str(), &format!("{severity}s")));
    format!("{}\n", parts.join(", "))
}
