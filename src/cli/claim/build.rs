//! `namewarden claim build`: the package as it would be published, in a directory, for people to look at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::inventory;
use super::super::output::{say, say_json};
use crate::claims::package::{Archive, Archives, Asked, Templates, ask, build};
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
        let built = Built::new(&self.out, &asked, &archives);
        match self.format {
            Format::Json => say_json(&built),
            Format::Human => say(&built.told()),
        }
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

/// What was built, version 1 of the format: fields are added, never changed or removed.
#[derive(Debug, Serialize)]
struct Built<'a> {
    name: &'a str,
    version: &'a str,
    summary: &'a str,
    author: &'a str,
    contact: &'a str,
    license: &'a str,
    /// What people import.
    module: &'a str,
    /// What finds their mistake.
    command: &'a str,
    files: Vec<FileLine<'a>>,
}

#[derive(Debug, Serialize)]
struct FileLine<'a> {
    path: PathBuf,
    size: usize,
    sha256: String,
    blake2b_256: String,
    entries: Vec<EntryLine<'a>>,
}

#[derive(Debug, Serialize)]
struct EntryLine<'a> {
    path: &'a str,
    size: usize,
}

impl<'a> FileLine<'a> {
    fn new(out: &Path, archive: &'a Archive) -> Self {
        let path = out.join(&archive.filename);
        Self {
            path: std::path::absolute(&path).unwrap_or(path),
            size: archive.bytes.len(),
            sha256: archive.sha256(),
            blake2b_256: archive.blake2b_256(),
            entries: archive
                .entries
                .iter()
                .map(|entry| EntryLine { path: &entry.path, size: entry.text.len() })
                .collect(),
        }
    }

    fn told(&self) -> String {
        let entries = self.entries.iter().map(|entry| format!("  {:>6}  {}\n", entry.size, entry.path));
        format!("\n{}\n  sha256 {}\n{}", self.path.display(), self.sha256, entries.collect::<String>())
    }
}

impl<'a> Built<'a> {
    fn new(out: &Path, asked: &'a Asked, archives: &'a Archives) -> Self {
        let (metadata, names) = (&archives.metadata, &archives.names);
        Self {
            name: asked.placeholder.name.as_str(),
            version: &metadata.version,
            summary: &metadata.summary,
            author: &metadata.author,
            contact: &metadata.author_email,
            license: &metadata.license_expression,
            module: &names.module,
            command: &names.command,
            files: archives.all().map(|archive| FileLine::new(out, archive)).into(),
        }
    }

    /// For people: what it is, what is in it, and how to try it.
    fn told(&self) -> String {
        let files: String = self.files.iter().map(FileLine::told).collect();
        let wheel = self.files.first().map(|file| quoted(&file.path)).unwrap_or_default();
        format!(
            "built {name} {version}; nothing was sent anywhere\n\
             says       {summary}\n\
             published by {author}, {contact}, under {license}\n\
             importing  {module} raises ImportError\n\
             running    {command} finds the setting of pip or uv that led to it\n{files}\n\
             to try it: python3 -m venv try && try/bin/pip install --no-index {wheel} && try/bin/{command}",
            name = self.name,
            version = self.version,
            summary = self.summary,
            author = self.author,
            contact = self.contact,
            license = self.license,
            module = self.module,
            command = self.command,
        )
    }
}
