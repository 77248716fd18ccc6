//! `namewarden completions` and `namewarden man`: what is installed beside the binary, made of the command line itself.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap_complete::Shell;

use super::call::Call;
use super::failure::Failure;
use super::output::say;

/// Print what a shell needs to complete verbs and options.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the manual pages: one for the program, and one for each verb.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Where to, such as /usr/share/man/man1. Default: the program's page, to standard output.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What no option says. Sections of man-pages(7), in roff.
const MORE: &str = r#".SH "EXIT STATUS"
0: done, or well. 1: failed, or \fBdoctor\fR found something wrong. 2: wrong usage. 3: somebody has to look: a name reached
\fB\-\-fail\-on\fR, a reload is held, a budget is exceeded. 78: the configuration or the store needs a person.
Each verb's page says its own; exit-status.md has the table.
.SH FILES
.TP
/etc/namewarden/namewarden.toml
The configuration: \fBnamewarden init\fR writes one, \fBnamewarden config check\fR reads it as the daemon does.
.TP
/etc/namewarden/inventory.toml
The names that are watched, and their owners.
.TP
/var/lib/namewarden
The store and its backups; the daemon's alone.
.TP
/run/namewarden/control.sock
Through it every verb asks the daemon; open to the group namewarden.
.SH ENVIRONMENT
.TP
NO_COLOR
When set and not empty, nothing is coloured that \fB\-\-color\fR does not colour.
.SH "SEE ALSO"
systemctl(1), journalctl(1); /usr/share/doc/namewarden
"#;

impl CompletionsArgs {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut (call.line)(), "namewarden", &mut script);
        say(&String::from_utf8_lossy(&script));
        Ok(ExitCode::SUCCESS)
    }
}

impl ManArgs {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let Some(dir) = &self.dir else {
            let page = program(call).map_err(|e| Failure::failed(&e))?;
            say(&String::from_utf8_lossy(&page));
            return Ok(ExitCode::SUCCESS);
        };
        let unwritten = |error| Failure::new(format!("the pages cannot be written to {}: {error}", dir.display()));
        write(call, dir).map_err(unwritten)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Every page; that of the program last, as it says more than its options.
fn write(call: &Call, dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    clap_mangen::generate_to((call.line)(), dir)?;
    std::fs::write(dir.join("namewarden.1"), program(call)?)
}

fn program(call: &Call) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new((call.line)()).render(&mut page)?;
    page.write_all(MORE.as_bytes())?;
    Ok(page)
}
