//! `namewarden claim texts`: the texts of packages that are compiled in, to begin one's own with.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, show};
use crate::api::v1::PackageText;
use crate::claims::package::Templates;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory to write them to; it is made if need be. A text that is there already stays as it is.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How to print what became of each. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    pub(in super::super) fn run(&self) -> Result<ExitCode, Failure> {
        let failed = |path: &Path, error: &io::Error| {
            let instead = "choose another directory with --out DIR, or make it yours";
            Failure::new(format!("{} cannot be written ({error}); {instead}", path.display()))
        };
        fs::create_dir_all(&self.out).map_err(|error| failed(&self.out, &error))?;
        for (file, source) in Templates::default().files() {
            let path = self.out.join(file);
            let written = match write(&path, source) {
                Ok(()) => true,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
                Err(error) => return Err(failed(&path, &error)),
            };
            show(self.format, &PackageText { path: path.display().to_string(), written }, words);
        }
        if self.format == Format::Human {
            say(
                "name the directory in the configuration, [claim] templates; a text that you take away is the compiled-in one",
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn words(text: &PackageText) -> String {
    format!("{} {}", if text.written { "wrote" } else { "kept " }, text.path)
}

fn write(path: &Path, source: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(source.as_bytes())
}
