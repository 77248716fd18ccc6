//! `namewarden claim build`: the package as it would be published, in a directory, for people to look at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::inventory;
use super::super::output::show;
use crate::api::v1::{Package, PackageFile};
use crate::claims::package::{Archives, Templates, ask, build};
use crate::config::quoted;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A name of the inventory, in any spelling; no prefix, word or look-alike.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Directory to write the wheel and the source distribution to; it is made if need be.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// TOML, a table, or a list of names in any format. Default: the inventory that the configuration names.
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// How to print what was built. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    /// Reads the configuration and the inventory by itself: what is looked at here needs no daemon.
    pub(in super::super) fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let settings = crate::config::load_sealed(&call.path(), &call.environment)?;
        let inventory = inventory::named(call, self.inventory.as_deref())?;
        let built = ask(&settings, &inventory, &self.name).and_then(|asked| {
            let templates = Templates::read(settings.claim.templates.as_deref())?;
            let archives = build(&asked.placeholder, &templates, &asked.secrecy)?;
            Ok((asked, archives))
        });
        let (asked, archives) = built.map_err(|refused| Failure::failed(&refused))?;
        write(&self.out, &archives).map_err(|error| unwritten(&self.out, &error))?;
        show(self.format, &Package::new(&self.out, &asked, &archives), words);
        Ok(ExitCode::SUCCESS)
    }
}

/// Each file whole or not at all; one of an earlier build is replaced.
fn write(out: &Path, archives: &Archives) -> io::Result<()> {
    fs::create_dir_all(out)?;
    for archive in archives.all() {
        let beside = out.join(format!(".{}.new", archive.sha256()));
        fs::write(&beside, &archive.bytes)?;
        fs::rename(&beside, out.join(&archive.filename))?;
    }
    Ok(())
}

fn unwritten(out: &Path, error: &io::Error) -> Failure {
    Failure::new(format!(
        "the package cannot be written to {} ({error}); choose another directory with --out DIR, or make it yours",
        out.display()
    ))
}

/// For people: what it is, what is in it, and how to try it.
fn words(of: &Package) -> String {
    let files: String = of.files.iter().map(file).collect();
    let wheel = of.files.first().map(|file| quoted(Path::new(&file.path))).unwrap_or_default();
    format!(
        "built {name} {version}; nothing was sent anywhere\n\
         says       {summary}\n\
         published by {author}, {contact}, under {license}\n\
         importing  {module} raises ImportError\n\
         running    {command} finds the setting of pip or uv that led to it\n{files}\n\
         to try it: python3 -m venv try && try/bin/pip install --no-index {wheel} && try/bin/{command}",
        name = of.name,
        version = of.version,
        summary = of.summary,
        author = of.author,
        contact = of.contact,
        license = of.license,
        module = of.module,
        command = of.command,
    )
}

fn file(of: &PackageFile) -> String {
    let entries = of.entries.iter().map(|entry| format!("  {:>6}  {}\n", entry.size, entry.path));
    format!("\n{}\n  sha256 {}\n{}", of.path, of.sha256, entries.collect::<String>())
}
