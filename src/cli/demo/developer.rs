//! A developer who downloads a package: with pip where that is there, else by plain requests and pip's choice.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::ACCEPT;
use serde_json::Value;
use tokio::process::Command;

use super::super::failure::Failure;
use crate::messages::hostile::line as harmless;
use crate::model::ProjectName;
use crate::model::resolve::version_in;
use crate::model::version::Pep440;
use crate::upstream::{FetchError, HttpClient, body};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
/// Of one page, or of one file: the demo's are of a few kilobytes.
const LIMIT: u64 = 10_000_000;
/// pip takes a second, and many where a machine is busy.
const PATIENCE: Duration = Duration::from_mins(2);
/// What would lead pip away from this machine, as it is and in capitals.
const PROXIES: [&str; 3] = ["http_proxy", "https_proxy", "all_proxy"];
/// Wheels alone, so that nothing of a package runs.
const DOWNLOAD: [&str; 8] = [
    "download",
    "--no-deps",
    "--no-cache-dir",
    "--only-binary=:all:",
    "--timeout=5",
    "--retries=0",
    "--quiet",
    "--dest",
];

/// Who asks the indexes.
pub(super) enum Developer {
    Pip,
    /// There is no pip on this machine.
    ByHand(HttpClient),
}

/// What a download came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Download {
    /// A file of this version.
    Took(String),
    /// Nothing, for this reason.
    Nothing(String),
}

/// The command that does the same by hand; the first index is the main one.
pub(super) fn command(name: &ProjectName, indexes: &[&str]) -> String {
    let more: String = indexes.iter().skip(1).map(|index| format!(" --extra-index-url {index}")).collect();
    format!("pip download --no-deps --index-url {}{more} {name}", indexes.first().unwrap_or(&""))
}

impl Developer {
    /// With pip, if `python3` has one. `dir` is empty, so that Python takes no module of anybody's from it.
    pub(super) async fn in_dir(dir: &Path, http: &HttpClient) -> Self {
        let asked = tokio::time::timeout(PATIENCE, pip(dir).arg("--version").output()).await;
        match asked {
            Ok(Ok(said)) if said.status.success() => Self::Pip,
            _ => Self::ByHand(http.clone()),
        }
    }

    /// Downloads what the indexes have of a name, into `dir`, which is made for it.
    pub(super) async fn download(&self, name: &ProjectName, indexes: &[&str], dir: &Path) -> Result<Download, Failure> {
        match self {
            Self::Pip => {
                std::fs::create_dir(dir).map_err(|e| Failure::failed(&e))?;
                by_pip(name, indexes, dir).await
            }
            Self::ByHand(http) => by_hand(http, name, indexes).await.map_err(|e| Failure::failed(&e)),
        }
    }
}

/// pip without what its user, this machine or the environment has set.
fn pip(dir: &Path) -> Command {
    let mut command = Command::new("python3");
    for proxy in PROXIES {
        command.env_remove(proxy).env_remove(proxy.to_ascii_uppercase());
    }
    command.env("PIP_CONFIG_FILE", "/dev/null").env("NETRC", "/dev/null").current_dir(dir);
    command.args(["-m", "pip", "--isolated", "--disable-pip-version-check", "--no-input"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn by_pip(name: &ProjectName, indexes: &[&str], dir: &Path) -> Result<Download, Failure> {
    let mut command = pip(dir);
    command.args(DOWNLOAD).arg(dir);
    for (at, index) in indexes.iter().enumerate() {
        command.args([if at == 0 { "--index-url" } else { "--extra-index-url" }, index]);
    }
    let ran = tokio::time::timeout(PATIENCE, command.arg(name.as_str()).output()).await;
    let slow = |_| Failure::new(format!("pip took more than {} s to download {name}", PATIENCE.as_secs()));
    let said = ran.map_err(slow)?.map_err(|e| Failure::failed(&e))?;
    let files = std::fs::read_dir(dir).map_err(|e| Failure::failed(&e))?;
    let taken = files.filter_map(|entry| version_in(name, entry.ok()?.file_name().to_str()?)).next();
    Ok(taken.map_or_else(|| Download::Nothing(reason(&String::from_utf8_lossy(&said.stderr))), Download::Took))
}

/// The line in which pip says why: that of a status, or the last.
fn reason(said: &str) -> String {
    let mut lines = said.lines().filter(|line| !line.trim().is_empty());
    let of_status = said.lines().find(|line| line.contains("Client Error") || line.contains("Server Error"));
    harmless(of_status.or_else(|| lines.next_back()).unwrap_or("pip says nothing").trim())
}

/// Each index is asked for its page, and of all versions the highest is fetched: indexes have no order for pip.
async fn by_hand(http: &HttpClient, name: &ProjectName, indexes: &[&str]) -> Result<Download, FetchError> {
    let mut offers = Vec::new();
    for index in indexes {
        let page = format!("{index}{name}/");
        let (status, content) = fetched(http, &page).await?;
        if status == 200 {
            offers.extend(offered(name, &page, &content));
        }
    }
    let Some((_, version, file)) = offers.into_iter().max_by(|one, other| one.0.cmp(&other.0)) else {
        return Ok(Download::Nothing(format!("no index has a version of {name} to take")));
    };
    Ok(match fetched(http, file.as_str()).await? {
        (200, _) => Download::Took(version),
        (status, problem) => Download::Nothing(format!("{status}, {}", told(&problem))),
    })
}

async fn fetched(http: &HttpClient, url: &str) -> Result<(u16, Vec<u8>), FetchError> {
    let response = http.get(url).header(ACCEPT, JSON).send().await.map_err(FetchError::sending)?;
    Ok((response.status().as_u16(), body::whole(response, LIMIT).await?))
}

/// In the order of pip: final releases before others, then by version.
type PipRank = (bool, Pep440);

/// The files that pip would choose from on this page; what is yanked is none.
fn offered(name: &ProjectName, page: &str, content: &[u8]) -> Vec<(PipRank, String, Url)> {
    let page_url = Url::parse(page).ok();
    let content: Value = serde_json::from_slice(content).unwrap_or_default();
    let files = content["files"].as_array().cloned().unwrap_or_default();
    let offer = |file: &Value| {
        let version = version_in(name, file["filename"].as_str()?)?;
        let read = Pep440::read(&version)?;
        let url = page_url.as_ref()?.join(file["url"].as_str()?).ok()?;
        let yanked = file["yanked"].as_str().is_some() || file["yanked"] == true;
        (!yanked).then(|| ((read.is_final(), read), version, url))
    };
    files.iter().filter_map(offer).collect()
}

/// What a problem (RFC 9457) says.
fn told(problem: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(problem).unwrap_or_default();
    let text = problem["detail"].as_str().or_else(|| problem["title"].as_str());
    harmless(text.unwrap_or("without a word"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name() -> ProjectName {
        ProjectName::parse("acme-billing").expect("valid")
    }

    #[test]
    fn a_final_release_comes_before_a_higher_one_that_is_none_and_yanked_is_nothing() {
        let file = |version: &str, yanked: Value| json!({"filename": format!("acme_billing-{version}-py3-none-any.whl"), "url": format!("../../f/{version}"), "yanked": yanked});
        let files = [
            file("9.0", json!(false)),
            file("10.0", json!(false)),
            file("11.0rc1", json!(false)),
            file("12.0", json!(true)),
            file("13.0", json!("bad")),
        ];
        let page = json!({"files": files}).to_string();
        let offers = offered(&name(), "http://127.0.0.1:1/simple/acme-billing/", page.as_bytes());
        let best = offers.into_iter().max_by(|one, other| one.0.cmp(&other.0)).expect("one");
        assert_eq!((best.1.as_str(), best.2.as_str()), ("10.0", "http://127.0.0.1:1/f/10.0"));
        assert_eq!(offered(&name(), "http://127.0.0.1:1/", b"<html>"), []);
    }

    #[test]
    fn what_pip_says_is_the_line_of_the_status_or_the_last() {
        let refused = "WARNING: x\nERROR: HTTP error 451 while getting y\n\
                       ERROR: 451 Client Error: held until tomorrow for url: z\nERROR: the end\n\n";
        assert_eq!(reason(refused), "ERROR: 451 Client Error: held until tomorrow for url: z");
        assert_eq!(reason("ERROR: No matching distribution\n"), "ERROR: No matching distribution");
        assert_eq!(reason(""), "pip says nothing");
    }

    #[test]
    fn the_command_is_one_that_a_shell_takes() {
        let both = command(&name(), &["http://a/simple/", "http://b/simple/"]);
        insta::assert_snapshot!(both, @"pip download --no-deps --index-url http://a/simple/ --extra-index-url http://b/simple/ acme-billing");
    }
}
