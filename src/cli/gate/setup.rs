//! `gate setup`: an installer's own file with the gate as its only index, and files that lead past it.

mod past;

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use reqwest::Url;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::output::say;
use super::super::tone::{confirm, hint};
use crate::config;
use crate::gate::{SetupTool, SetupWish, merged, sketch};
use crate::model::ProjectName;

/// Somebody has to look.
const LOOK: u8 = 3;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which installer.
    #[arg(value_name = "TOOL", value_parser = tool(), required_unless_present = "check")]
    tool: Option<SetupTool>,
    /// How clients reach the gate. Default: as the configuration says.
    #[arg(long, value_name = "URL")]
    gate: Option<String>,
    /// Keep this package to the gate by name, should another index be added later; may be repeated.
    #[arg(long, value_name = "NAME")]
    pin: Vec<ProjectName>,
    /// Merge it into the installer's file, which keeps all that stands there; else it is printed.
    #[arg(long)]
    write: bool,
    /// Which file. Default: pyproject.toml or Pipfile here; of pip, and of uv without a project, the user's own.
    #[arg(long, value_name = "FILE", requires = "write")]
    file: Option<PathBuf>,
    /// Name what in these files leads past the gate: a lock, requirements, a configuration or a script with addresses of PyPI, of another
    /// index or of a file itself, or with an option that lets those in; and in whatever files their -r and -c name.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["tool", "write", "pin"])]
    check: Vec<PathBuf>,
}

fn tool() -> impl TypedValueParser<Value = SetupTool> {
    PossibleValuesParser::new(SetupTool::ALL.map(SetupTool::as_str))
        .try_map(|word| SetupTool::of_word(&word).ok_or("it is no installer that is known"))
}

pub(super) fn run(call: &Call, args: Args) -> Result<ExitCode, Failure> {
    let Args { tool, gate, pin, write, file, check } = args;
    let wish = SetupWish { gate: reached(call, gate.as_deref())?, pins: pin };
    let Some(tool) = tool else {
        let is_well = past::checked(&check, &wish)?;
        return Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(LOOK) });
    };
    if !wish.pins.is_empty() && !tool.pins() {
        hint(&format!(
            "namewarden: {} knows no index of one package: it has one index, and requirements with hashes hold the bytes",
            tool.as_str()
        ));
    }
    match write {
        true => put(tool, &file.map_or_else(|| usual(call, tool), Ok)?, &wish),
        false => {
            printed(tool, &wish);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// How clients reach the gate; no account is repeated.
fn reached(call: &Call, named: Option<&str>) -> Result<Url, Failure> {
    let Some(text) = named else {
        let gate = config::load_sealed(&call.path(), &call.environment)?.gate;
        if gate.public_url.is_none() && gate.listen.ip().is_unspecified() {
            return Err(Failure::configured(
                "[gate] has no public_url, so nobody can tell how clients reach it".to_owned(),
            ));
        }
        return Url::parse(&gate.address()).map_err(|error| Failure::failed(&error));
    };
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| Failure::usage("--gate: write its address, https://gate.your.example".to_owned()))?;
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if !bare {
        let remedy = "a login stands in ~/.netrc, which all of these installers read";
        return Err(Failure::usage(format!("--gate: write the address alone, https://gate.your.example; {remedy}")));
    }
    Ok(without_simple(url))
}

/// People name the index where they mean the gate.
fn without_simple(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(path.strip_suffix("/simple").unwrap_or(&path));
    url
}

fn printed(tool: SetupTool, wish: &SetupWish) {
    let file = tool.usual_file();
    say(&format!("# {file}\n{}", sketch(tool, file, wish)));
}

/// In a project, where the tool has one; else the user's own.
fn usual(call: &Call, tool: SetupTool) -> Result<PathBuf, Failure> {
    let of_user = match tool {
        SetupTool::Pip => "pip/pip.conf",
        SetupTool::Uv if !Path::new("pyproject.toml").exists() => "uv/uv.toml",
        _ => return Ok(PathBuf::from(tool.usual_file())),
    };
    let settings = call.environment.user_settings.as_ref();
    settings
        .map(|dir| dir.join(of_user))
        .ok_or_else(|| Failure::usage("there is no HOME: name the file with --file".to_owned()))
}

fn put(tool: SetupTool, file: &Path, wish: &SetupWish) -> Result<ExitCode, Failure> {
    // A link stays one.
    let path = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let shown = path.display();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let before = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && name != "pyproject.toml" => String::new(),
        Err(error) => {
            let remedy = "go to the directory of the project, or name another with --file FILE";
            return Err(Failure::new(format!("{shown} cannot be read ({error}); {remedy}")));
        }
    };
    let after = merged(tool, &name, &before, wish).map_err(|refusal| Failure {
        status: LOOK,
        ..Failure::new(format!("{shown}: {refusal}; nothing was written"))
    })?;
    if after == before {
        confirm(&format!("{shown} has the gate as its only index already"));
        return Ok(ExitCode::SUCCESS);
    }
    replaced(&path, &after).map_err(|error| {
        Failure::new(format!("{shown} cannot be written ({error}); make it yours, or name another with --file FILE"))
    })?;
    let relock = tool.relock().map(|verb| format!("; `{verb}` makes its lock anew")).unwrap_or_default();
    confirm(&format!("{shown} has the gate as its only index{relock}"));
    Ok(ExitCode::SUCCESS)
}

/// Whole or not at all, for those who could read it before.
fn replaced(path: &Path, text: &str) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = dir.join(format!(".{name}.gate-setup"));
    // One of a run that was killed, and never where a link leads.
    let _ = fs::remove_file(&beside);
    OpenOptions::new().write(true).create_new(true).open(&beside)?.write_all(text.as_bytes())?;
    let allowed = fs::metadata(path).map(|of| fs::set_permissions(&beside, of.permissions()));
    let done = allowed.unwrap_or(Ok(())).and_then(|()| fs::rename(&beside, path));
    done.inspect_err(|_| drop(fs::remove_file(&beside)))
}
