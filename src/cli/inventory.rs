//! `namewarden inventory`: what can be said of inventory files, and what is in force.

mod import;
mod list;
mod open;
mod public;
mod which;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

pub use import::{ImportArgs, Imported, import};
pub use list::list;
pub use open::{Opened, open};
pub use public::Surroundings;
pub(super) use which::{in_force, named};

use super::instance::fitted;
use super::{Failure, say};
use crate::api::service::{InForce, no_owner};
use crate::cli::client::Client;
use crate::config::{Environment, Settings, check_routes};
use crate::model::command::Command as Ask;
use crate::model::{Inventory, OwnerId, Watch, count};
use crate::watchlist::{
    Admission, InventoryError, Lint, LintKind, Severity, draft, from_draft, guard, lint as judge, load, read,
};
use which::{configured, settings};

/// Look at and change which names are watched.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the watches in force, with their exposure.
    List(ListArgs),
    /// Find what is wrong or doubtful in an inventory file.
    Lint(LintArgs),
    /// Print a CSV, plain-text or TOML inventory as TOML, and preview what is new in it.
    Import(ImportArgs),
    /// Compare two inventory files, and say whether a reload would be held.
    Diff(DiffArgs),
    /// Put the inventory file in force.
    Apply(ApplyArgs),
}

/// How results are printed. JSON is one object a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    #[default]
    Human,
    Json,
}

/// Runs one of them: files are read here, the inventory in force is asked for.
pub(super) async fn run(
    config: Option<&Path>,
    environment: &Environment,
    command: Command,
) -> Result<ExitCode, Failure> {
    let about = |named: bool| move |e: InventoryError| Failure::failed(&if named { e.of_argument() } else { e });
    match command {
        Command::List(args) => {
            let client = Client::open(config, environment)?;
            let in_force: InForce = client.ask(Ask::Inventory).await?;
            check_owner(args.owner.as_deref(), &in_force.inventory)?;
            let known = in_force.exposures.into_iter().filter_map(|(id, exposure)| Some((id, exposure?))).collect();
            say(&list(&args, &in_force.inventory, &known));
        }
        Command::Lint(args) => {
            let (file, owner) = configured(config, environment, args.file.as_deref())?;
            let settings = settings(config, environment)?;
            let linted = lint(&args, &file, &owner, settings.as_ref()).map_err(about(args.file.is_some()))?;
            return Ok(ended(args.format, &linted));
        }
        Command::Import(args) => return import::run(config, environment, &args).await,
        Command::Diff(args) => {
            let (file, owner) = configured(config, environment, args.new.as_deref())?;
            let differs = diff(&args, &file, &owner).map_err(about(false))?;
            return Ok(ended(args.format, &differs));
        }
        Command::Apply(args) => {
            let client = Client::open(config, environment)?;
            let outcome: Value = client.ask(Ask::ApplyInventory { force: args.force }).await?;
            say(&serde_json::to_string_pretty(&outcome).unwrap_or_default());
            let stuck = matches!(outcome["outcome"].as_str(), Some("held" | "broken"));
            return Ok(ExitCode::from(if stuck { 3 } else { 0 }));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An empty list must not read like nothing to worry about.
fn check_owner(owner: Option<&str>, inventory: &Inventory) -> Result<(), Failure> {
    match owner.map(|owner| OwnerId(owner.to_owned())) {
        Some(owner) if !inventory.owners.contains_key(&owner) => Err(Failure::failed(&no_owner(&owner, inventory))),
        _ => Ok(()),
    }
}

fn ended(format: Format, outcome: &Outcome) -> ExitCode {
    match format {
        Format::Human => say(&fitted(&outcome.text)),
        Format::Json if outcome.text.is_empty() => {}
        Format::Json => say(&outcome.text),
    }
    ExitCode::from(if outcome.found { 3 } else { 0 })
}

/// How a watch may stand; `unknown` until it was looked up.
const STATES: [&str; 8] = ["exposed", "ours", "taken", "shielded", "refused", "removed", "quarantined", "unknown"];

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only the watches of this owner.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// Only watches in this state.
    #[arg(long, value_name = "STATE", value_parser = STATES)]
    pub exposure: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct LintArgs {
    /// Default: the inventory that the configuration names.
    pub file: Option<PathBuf>,
    /// End with status 3 when there is a remark of this severity or above.
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub fail_on: FailOn,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The severities, as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FailOn {
    Error,
    Warning,
    Note,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Note,
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The inventory as it was.
    pub old: PathBuf,
    /// Default: the inventory that the configuration names.
    pub new: Option<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    /// Also when it removes a fifth of the watches, an exclusive prefix or a guarded watch.
    #[arg(long)]
    pub force: bool,
}

/// What a verb prints, and whether it found something to end with status 3 for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For standard output; ends with a line feed unless empty.
    pub text: String,
    pub found: bool,
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
) -> Result<Outcome, InventoryError> {
    let path = args.file.as_deref().unwrap_or(configured);
    let draft = draft(read(path)?)?;
    let mut lints = judge(&draft, default_owner);
    // What is wrong in itself may be why it does not fit.
    if let Some(settings) = settings.filter(|_| lints.iter().all(|lint| lint.severity() < Severity::Error)) {
        lints.extend(misfits(settings, path, &from_draft(&draft, default_owner)?));
    }
    let found = lints.iter().any(|lint| lint.severity() >= args.fail_on.severity());
    let text = match args.format {
        Format::Human => remarks(&lints) + &tally(&lints),
        Format::Json => lints.iter().map(|lint| line(&lint_json(lint))).collect(),
    };
    Ok(Outcome { text, found })
}

fn misfits(settings: &Settings, path: &Path, inventory: &Inventory) -> Vec<Lint> {
    let placed = check_routes(settings, inventory).map_err(|error| error.placed(&settings.file, path));
    let problems = placed.err().map(|error| error.problems).unwrap_or_default();
    problems.into_iter().map(|problem| Lint::new(LintKind::Route, problem)).collect()
}

fn remarks(lints: &[Lint]) -> String {
    lints.iter().map(|lint| format!("{lint}\n")).collect()
}

/// `1 error, 2 warnings, 5 notes`.
fn tally(lints: &[Lint]) -> String {
    let number = |severity| lints.iter().filter(|lint| lint.severity() == severity).count();
    let parts = [Severity::Error, Severity::Warning, Severity::Note]
        .map(|severity| count(number(severity), severity.as_str(), &format!("{severity}s")));
    format!("{}\n", parts.join(", "))
}

fn lint_json(lint: &Lint) -> Value {
    let problem = &lint.problem;
    json!({
        "severity": lint.severity().as_str(),
        "kind": lint.kind.as_str(),
        "file": problem.place.file.to_string_lossy(),
        "line": problem.place.line,
        "column": problem.place.column,
        "what": problem.fault.what,
        "instead": problem.fault.instead,
    })
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

/// `inventory diff`. Found: a reload from the old to the new file would be held.
///
/// # Errors
/// When one of the files cannot be read or is no valid inventory.
pub fn diff(args: &DiffArgs, configured: &Path, default_owner: &OwnerId) -> Result<Outcome, InventoryError> {
    let named = |path: &Path| load(path, default_owner).map_err(InventoryError::of_argument);
    let old = named(&args.old)?.inventory;
    let new = args.new.as_deref().map_or_else(|| load(configured, default_owner), named)?.inventory;
    let verdict = guard(&old, &new);
    let text = match args.format {
        Format::Human => verdict_text(&verdict),
        Format::Json => line(&verdict_json(&verdict)),
    };
    Ok(Outcome { text, found: matches!(verdict, Admission::Hold { .. }) })
}

/// The changes one a line, and what is held and why. Also for the answer to `inventory apply`.
pub fn verdict_text(verdict: &Admission) -> String {
    let (changes, reasons) = match verdict {
        Admission::Apply(changes) => (changes, Vec::new()),
        Admission::Hold { changes, reasons } => (changes, reasons.iter().map(ToString::to_string).collect()),
    };
    let lines: String = changes.lines().iter().map(|line| format!("{line}\n")).collect();
    let held = match reasons.is_empty() {
        true => String::new(),
        false => {
            format!("a reload is held: {}; `namewarden inventory apply --force` puts it in force\n", reasons.join("; "))
        }
    };
    format!("{lines}{changes}\n{held}")
}

/// `{"verdict":"apply"|"hold","reasons":[…],"added":[ID…],"removed":[ID…],"changed":[ID…],…}`.
pub fn verdict_json(verdict: &Admission) -> Value {
    let (changes, reasons) = match verdict {
        Admission::Apply(changes) => (changes, Vec::new()),
        Admission::Hold { changes, reasons } => (changes, reasons.iter().map(ToString::to_string).collect()),
    };
    let ids = |watches: &[Watch]| -> Vec<String> { watches.iter().map(|watch| watch.id.to_string()).collect() };
    json!({
        "verdict": if reasons.is_empty() { "apply" } else { "hold" },
        "reasons": reasons,
        "added": ids(&changes.added),
        "removed": ids(&changes.removed),
        "changed": changes.changed.iter().map(|(_, is)| is.id.to_string()).collect::<Vec<_>>(),
        "lines": changes.lines(),
    })
}
