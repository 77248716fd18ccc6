//! `namewarden init`: a configuration to fill in. Overwrites nothing.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::config::DEFAULT_PATH;

const SAMPLE: &str = include_str!("../../config/namewarden.toml");
const CREDENTIALS: &str = include_str!("../../config/credentials.md");

/// Write a configuration, an inventory and an empty credential, and say what to fill in.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory to write to; it is made if need be. Elsewhere than in /etc/namewarden the store and the socket go there too.
    #[arg(long, value_name = "DIR", default_value = "/etc/namewarden")]
    pub dir: PathBuf,
    /// E-mail address at which PyPI's administrators, and alerts, reach you.
    #[arg(long, value_name = "ADDRESS")]
    pub contact: Option<String>,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} exists, and init overwrites nothing; move it away, or choose another directory with --dir DIR", .0.display())]
    Exists(PathBuf),
    #[error("cannot write {}; choose another directory with --dir DIR, or run as a user who may write there", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// One file to write.
struct Page {
    path: PathBuf,
    text: String,
    mode: u32,
}

/// Writes the files, and returns what to do next. `base` is the public address of the index.
///
/// # Errors
/// When one of them exists (then nothing is written), or the directory cannot be written.
pub fn run(args: &Args, base: &str) -> Result<String, Error> {
    let pages = pages(args, base);
    if let Some(page) = pages.iter().find(|page| page.path.symlink_metadata().is_ok()) {
        return Err(Error::Exists(page.path.clone()));
    }
    directory(&args.dir, 0o750)?;
    directory(&args.dir.join("credentials"), 0o700)?;
    for page in &pages {
        write(page).map_err(|source| Error::Write { path: page.path.clone(), source })?;
    }
    Ok(next_steps(&args.dir))
}

fn directory(path: &Path, mode: u32) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(path);
    made.map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// `create_new`: a file that appeared meanwhile is not overwritten either.
fn write(page: &Page) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(page.mode).open(&page.path)?;
    file.write_all(page.text.as_bytes())?;
    file.sync_all()
}

fn pages(args: &Args, base: &str) -> Vec<Page> {
    let page = |name: &str, text: String, mode| Page { path: args.dir.join(name), text, mode };
    let contact = args.contact.as_deref().unwrap_or_default();
    vec![
        page("namewarden.toml", configuration(&args.dir, contact, base), 0o640),
        page("inventory.toml", inventory(contact), 0o640),
        page("credentials/README.md", CREDENTIALS.to_owned(), 0o600),
        page("credentials/smtp-password", String::new(), 0o600),
    ]
}

/// The sample with the address of the index, and with blanks where only the operator knows: `config check` names each.
fn configuration(dir: &Path, contact: &str, base: &str) -> String {
    let mut text = SAMPLE.to_owned();
    let is_system = Path::new(DEFAULT_PATH).parent() == Some(dir);
    let (state, socket) = match is_system {
        true => ("/var/lib/namewarden", "/run/namewarden/control.sock"),
        false => ("state", "state/control.sock"),
    };
    for (key, value) in [
        ("contact", contact),
        ("state_dir", state),
        ("base", base),
        ("host", ""),
        ("from", ""),
        ("username", ""),
        ("socket", socket),
    ] {
        text = fill(&text, key, value);
    }
    text
}

/// Replaces the value of the one line that sets `key`.
fn fill(text: &str, key: &str, value: &str) -> String {
    let start = format!("{key} = ");
    let line = |line: &str| match line.starts_with(&start) {
        true => format!("{start}{}\n", toml::Value::from(value)),
        false => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn inventory(contact: &str) -> String {
    let email = match contact.contains('@') {
        true => toml::Value::from(vec![contact]).to_string(),
        false => "[]".to_owned(),
    };
    format!(
        "# Which names are yours, and who answers for each. From a list or a table:\n\
         # namewarden inventory import FILE\n\n\
         [owners.security]\nname = \"Security team\"\nemail = {email}\n\
         # Names as pip installs them; `==` and the highest internal version, where you know it.\n\
         names = [\n  # \"acme-billing==4.12.0\",\n]\n\n\
         # A beginning that nobody else has any business with: every new name under it is a page.\n\
         #[[prefix]]\n#text = \"acme-*\"\n#owner = \"security\"\n#exclusive = true\n\n\
         # Accounts and organizations on PyPI that are yours.\n\
         [registrants]\nusers = []\norganizations = []\n"
    )
}

fn next_steps(dir: &Path) -> String {
    let at = |name: &str| dir.join(name).display().to_string();
    format!(
        "wrote {dir}\n\
         next:\n\
         1. name your mail server in {config}, or Slack or a webhook in its place\n\
         2. write the password into {password} ({readme} says who may read it)\n\
         3. list your names in {inventory}\n\
         4. namewarden config check --config {config}\n\
         5. namewarden test-alert --config {config}\n\
         6. namewarden run --config {config}\n",
        dir = dir.display(),
        config = at("namewarden.toml"),
        password = at("credentials/smtp-password"),
        readme = at("credentials/README.md"),
        inventory = at("inventory.toml"),
    )
}
