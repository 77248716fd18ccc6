//! `namewarden completions` and `namewarden man`: what is installed beside the binary, made of the command line itself.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Failure, say};

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
Each verb's page says more; README.md has the table.
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

pub(super) fn completions(args: &CompletionsArgs) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "namewarden", &mut script);
    say(&String::from_utf8_lossy(&script));
}

pub(super) fn man(args: &ManArgs) -> Result<(), Failure> {
    let Some(dir) = &args.dir else {
        let page = program().map_err(|e| Failure::failed(&e))?;
        say(&String::from_utf8_lossy(&page));
        return Ok(());
    };
    write(dir).map_err(|error| Failure::new(format!("the pages cannot be written to {}: {error}", dir.display())))
}

/// Every page; that of the program last, as it says more than its options.
fn write(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    clap_mangen::generate_to(Cli::command(), dir)?;
    std::fs::write(dir.join("namewarden.1"), program()?)
}

fn program() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    page.write_all(MORE.as_bytes())?;
    Ok(page)
}
