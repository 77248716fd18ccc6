//! `namewarden init`: a configuration to fill in. Overwrites nothing.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf, absolute};
use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;
use super::format::Format;
use super::instance::Instance;
use super::output::show;
use crate::api::v1::Initialized;
use crate::config::{self, DEFAULT_PATH, quoted};
use crate::registry::pypi::addresses::PYPI;

const SAMPLE: &str = include_str!("../../config/namewarden.toml");
const CREDENTIALS: &str = include_str!("../../config/credentials.md");

/// Write a configuration, an inventory and an empty credential, and say what to fill in.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory to write to; it is made if need be. Elsewhere than in /etc/namewarden the store and the socket go there too.
    #[arg(long, value_name = "DIR", default_value = "/etc/namewarden")]
    pub dir: PathBuf,
    /// E-mail address at which PyPI's administrators, and alerts, reach you.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_contact)]
    pub contact: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let dir = directory_of(&self.dir, call.config.as_deref()).map_err(Failure::usage)?;
        let this = Self { dir, ..self };
        let written = run(&this, PYPI).map_err(|e| Failure::failed(&e))?;
        show(this.format, &written, |_| next_steps(&this.dir, this.contact.as_deref()));
        Ok(ExitCode::SUCCESS)
    }
}

/// Where to write. `--config` names a file in that directory, for who does not name the directory itself.
fn directory_of(dir: &Path, config: Option<&Path>) -> Result<PathBuf, String> {
    let is_default = Path::new(DEFAULT_PATH).parent() == Some(dir);
    let Some(config) = config.filter(|_| is_default) else { return Ok(dir.to_owned()) };
    match config.parent().filter(|_| config.file_name() == Path::new(DEFAULT_PATH).file_name()) {
        Some(parent) if parent == Path::new("") => Ok(PathBuf::from(".")),
        Some(parent) => Ok(parent.to_owned()),
        None => Err(format!(
            "init writes namewarden.toml and what belongs to it into a directory, not {}; name that with --dir DIR",
            config.display()
        )),
    }
}

/// As `config check` judges what is written.
fn parse_contact(text: &str) -> Result<String, String> {
    config::contact(text).map_err(|fault| format!("{}; {}", fault.what, fault.instead))
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
struct Template {
    path: PathBuf,
    text: String,
    mode: u32,
}

/// Writes the files. `base` is the public address of the index.
///
/// # Errors
/// When one of them exists (then nothing is written), or the directory cannot be written.
pub fn run(args: &Args, base: &str) -> Result<Initialized, Error> {
    let templates = templates(args, base);
    if let Some(template) = templates.iter().find(|template| template.path.symlink_metadata().is_ok()) {
        return Err(Error::Exists(template.path.clone()));
    }
    directory(&args.dir, 0o750)?;
    directory(&args.dir.join("credentials"), 0o700)?;
    directory(&args.dir.join("namewarden.d"), 0o750)?;
    for template in &templates {
        write(template).map_err(|source| Error::Write { path: template.path.clone(), source })?;
    }
    let directory = absolute(&args.dir).unwrap_or_else(|_| args.dir.clone());
    let files = templates.iter().filter_map(|template| template.path.strip_prefix(&args.dir).ok());
    let files = files.map(|file| file.display().to_string()).collect();
    Ok(Initialized { directory: directory.display().to_string(), files })
}

fn directory(path: &Path, mode: u32) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(path);
    made.map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// `create_new`: a file that appeared meanwhile is not overwritten either.
fn write(template: &Template) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(template.mode).open(&template.path)?;
    file.write_all(template.text.as_bytes())?;
    file.sync_all()
}

fn templates(args: &Args, base: &str) -> Vec<Template> {
    let template = |name: &str, text: String, mode| Template { path: args.dir.join(name), text, mode };
    let contact = args.contact.as_deref().unwrap_or_default();
    let instance = instance(&args.dir);
    vec![
        template("namewarden.toml", configuration(&args.dir, contact, base), 0o640),
        template("inventory.toml", inventory(&instance, contact), 0o640),
        template("credentials/README.md", credentials(&args.dir, &instance), 0o600),
        template("credentials/smtp-password", String::new(), 0o600),
    ]
}

/// The sample with the address of the index, and with blanks where only the operator knows: `config check` names each.
fn configuration(dir: &Path, contact: &str, base: &str) -> String {
    let check = instance(dir).verb("config check");
    let text = SAMPLE.replace("config/credentials.md", "credentials/README.md");
    let mut text = text.replacen("namewarden config check", &check, 1);
    let is_system = Path::new(DEFAULT_PATH).parent() == Some(dir);
    let (state, backups, socket, cache, gate, verbs) = match is_system {
        true => (
            "/var/lib/namewarden",
            "/var/lib/namewarden/backups",
            "/run/namewarden/control.sock",
            "/var/cache/namewarden",
            "/var/lib/namewarden-gate",
            "/run/namewarden-gate/control.sock",
        ),
        false => ("state", "state/backups", "state/control.sock", "cache", "gate", "gate/control.sock"),
    };
    for (key, value) in [
        ("contact", contact),
        ("state_dir", state),
        ("backups", backups),
        ("base", base),
        ("host", ""),
        ("from", ""),
        ("username", ""),
        ("socket", socket),
        ("cache", cache),
        ("state", gate),
        ("control_socket", verbs),
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

fn instance(dir: &Path) -> Instance {
    Instance::of(&dir.join("namewarden.toml"))
}

/// The template with the commands of this watch.
fn credentials(dir: &Path, instance: &Instance) -> String {
    if instance.is_of_unit() {
        return CREDENTIALS.to_owned();
    }
    let text = instance.fitted(CREDENTIALS).replace("systemctl restart namewarden", &instance.start());
    let here = |line: &str| match line.trim_start().starts_with("install ") {
        true => line.replace("/etc/namewarden", &quoted(dir)),
        false => line.to_owned(),
    };
    text.lines().map(|line| here(line) + "\n").collect()
}

fn inventory(instance: &Instance, contact: &str) -> String {
    let email = match contact.contains('@') {
        true => toml::Value::from(vec![contact]).to_string(),
        false => "[]".to_owned(),
    };
    format!(
        "# Which names are yours, and who answers for each. From a list or a table:\n\
         # {import}\n\n\
         [owners.security]\nname = \"Security team\"\nemail = {email}\n\
         # Names as pip installs them; `==` and the highest internal version, where you know it.\n\
         names = [\n  # \"acme-billing==4.12.0\",\n]\n\n\
         # A beginning that nobody else has any business with: every new name under it is a page.\n\
         #[[prefix]]\n#text = \"acme-*\"\n#owner = \"security\"\n#exclusive = true\n\n\
         # Accounts and organizations on PyPI that are yours.\n\
         [registrants]\nusers = []\norganizations = []\n",
        import = instance.verb("inventory import FILE")
    )
}

/// What is left to do; without a `contact` that is the first of it. Each command works as it is printed, wherever it is run.
pub fn next_steps(dir: &Path, contact: Option<&str>) -> String {
    let root = absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let at = |name: &str| root.join(name).display().to_string();
    let instance = instance(dir);
    let (first, second) = match instance.is_of_unit() {
        true => ("systemctl enable --now namewarden".to_owned(), instance.verb("test-alert")),
        false => (instance.verb("test-alert"), instance.verb("run")),
    };
    format!(
        "wrote {dir}\n\
         next:\n\
         1. {missing}name your mail server in {config}, or Slack or a webhook in its place\n\
         2. write the password into {password} ({readme} says who may read it)\n\
         3. list your names in {inventory}\n\
         4. {check}\n\
         5. {first}\n\
         6. {second}\n",
        dir = root.display(),
        missing = if contact.is_none() { "write your contact, and " } else { "" },
        config = at("namewarden.toml"),
        password = at("credentials/smtp-password"),
        readme = at("credentials/README.md"),
        inventory = at("inventory.toml"),
        check = instance.verb("config check"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_that_is_named_says_where_to_write() {
        let system = Path::new("/etc/namewarden");
        let of = |dir: &str, config: &str| directory_of(Path::new(dir), Some(Path::new(config)));
        assert_eq!(directory_of(system, None), Ok(system.to_owned()));
        assert_eq!(of("/etc/namewarden", "/srv/nw/namewarden.toml"), Ok(PathBuf::from("/srv/nw")));
        assert_eq!(of("/etc/namewarden", "namewarden.toml"), Ok(PathBuf::from(".")));
        assert_eq!(of("/srv/nw", "/srv/nw/namewarden.toml"), Ok(PathBuf::from("/srv/nw")));
        assert_eq!(
            of("/srv/other", "/srv/nw/namewarden.toml"),
            Ok(PathBuf::from("/srv/other")),
            "the directory was named"
        );
        assert!(of("/etc/namewarden", "/srv/nw/mine.toml").is_err_and(|why| why.contains("--dir DIR")));
    }
}
