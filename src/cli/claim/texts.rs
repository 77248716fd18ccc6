//! `namewarden claim texts`: the texts of packages that are compiled in, to begin one's own with.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::failure::Failure;
use super::super::output::say;
use crate::claims::package::Templates;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory to write them to; it is made if need be. A text that is there already stays as it is.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
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
            match write(&path, source) {
                Ok(()) => say(&format!("wrote {}", path.display())),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    say(&format!("kept  {}", path.display()));
                }
                Err(error) => return Err(failed(&path, &error)),
            }
        }
        say(
            "name the directory in the configuration, [claim] templates; a text that you take away is the compiled-in one",
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn write(path: &Path, source: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(source.as_bytes())
}
