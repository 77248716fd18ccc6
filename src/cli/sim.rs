//! `namewarden sim`: a PyPI on loopback, to try things against.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::call::Call;
use super::failure::Failure;
use super::format::Format;
use super::output::{show, unwritten};
use super::signals::Signals;
use crate::api::v1::{Arrival, Simulator};
use crate::model::count;
use crate::sim::sink::{HttpSink, SmtpSink};
use crate::sim::world::LoadError;
use crate::sim::{Loader, NameRow, Options, Order, Replay, Scenario, ScenarioError, Sim};

/// What `--scenario` reads, for `--help`; `docs/scenarios.md` has all of it.
const SCENARIO: &str = r#"A scenario is a TOML file of steps, each at a number of seconds since the start:

    [[step]]
    do = "upload"
    at = 5
    name = "acme-billing"
    version = "99.0"
    user = "stranger"

    [[step]]
    do = "start-fault"
    at = 10
    fault = "rss-down"

    [replay]              # names of the list, uploaded beside the steps
    per_second = 2.0
    count = 200

    [[token]]             # for uploads by twine, uv and others to …/legacy/
    token = "pypi-of-acme"
    user = "acme-bot"

do: create (name, user), create-for-organization (name, organization), upload (name, version, user, [summary]), release
(name, version, [summary]), yank (name, version, [reason]), remove-release (name, version), change-owner (name, user),
quarantine, clear, remove, prohibit, archive, unarchive (name), register-again (name, user), remove-file (name, filename),
attest (name, filename, provenance), add-role (name, user, role), pending-publisher (name, user, subject, [organization]), revoke-token (token),
reserve-namespace (namespace, organization), start-fault, stop-fault (fault).

docs/scenarios.md, installed in /usr/share/doc/namewarden, explains each of them and lists the faults."#;

/// Serve a simulated PyPI on loopback until Ctrl-C.
#[derive(Debug, clap::Args)]
#[command(after_long_help = SCENARIO)]
pub struct Args {
    /// Port on loopback; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Names that exist: one a line, or TSV with the name first; plain or gzipped. Default: 2,000 built in.
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// How the index is ordered.
    #[arg(long, value_enum, default_value_t)]
    order: Order,
    /// What happens, and when: a TOML file as explained below, or `december-2022`, which is built in.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Upload names of the list as new ones, so many a second; overrides the scenario's.
    #[arg(long, value_name = "PER_SECOND")]
    replay_rate: Option<f64>,
    /// How many names to upload.
    #[arg(long, value_name = "COUNT", default_value_t = 1000, requires = "replay_rate")]
    replay_count: usize,
    /// Events in one changelog page.
    #[arg(long, value_name = "EVENTS", default_value_t = 50_000)]
    page_cap: usize,
    /// Also run a mail server on this port that shows what arrives; 0 takes a free one.
    #[arg(long, value_name = "PORT")]
    smtp: Option<u16>,
    /// Also run an HTTP server on this port that shows what is posted; 0 takes a free one.
    #[arg(long, value_name = "PORT")]
    webhook: Option<u16>,
    /// How to print where it is, and what arrives. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(super) async fn run(self, _: &Call) -> Result<ExitCode, Failure> {
        let mut signals = Signals::listen()?;
        tokio::select! {
            ended = run(self) => ended.map(|()| ExitCode::SUCCESS).map_err(|e| Failure::failed(&e)),
            () = signals.end() => Ok(ExitCode::SUCCESS),
        }
    }
}

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Names(#[from] LoadError),
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error("cannot listen on port {port} of loopback; choose another, or 0")]
    Port { port: u16, source: io::Error },
}

/// Serves for as long as it is let, playing the scenario meanwhile.
///
/// # Errors
/// When the names or the scenario cannot be read, or a port is taken.
async fn run(args: Args) -> Result<(), Error> {
    let scenario = scenario(&args)?;
    let (loader, replayed) = names(&args, &scenario)?;
    let options = Options { port: args.port, page_cap: args.page_cap, ..Options::default() };
    let refused = |port| move |source| Error::Port { port, source };
    let mut world = loader.world(args.order);
    scenario.furnish(&mut world, Sim::now());
    let sim = Sim::start(world, options).await.map_err(refused(args.port))?;
    let smtp = match args.smtp {
        Some(port) => Some(SmtpSink::start(port).await.map_err(refused(port))?),
        None => None,
    };
    let webhook = match args.webhook {
        Some(port) => Some(HttpSink::start(port).await.map_err(refused(port))?),
        None => None,
    };
    show(args.format, &place(&sim, smtp.as_ref(), webhook.as_ref()), words);
    if unwritten().is_some() {
        // Nobody can learn where it is.
        return Ok(());
    }
    let (mails, posts) = (mails(smtp.as_ref(), args.format), posts(webhook.as_ref(), args.format));
    tokio::join!(sim.play(scenario, replayed), mails, posts);
    // When there is nothing left to play or to show, the simulator still serves.
    std::future::pending().await
}

fn place(sim: &Sim, smtp: Option<&SmtpSink>, webhook: Option<&HttpSink>) -> Simulator {
    Simulator {
        index: sim.base_url().to_string(),
        projects: sim.world().len(),
        mail_server: smtp.map(|sink| format!("smtp://{}", sink.address())),
        webhooks: webhook.map(|sink| sink.base_url().to_string()),
    }
}

fn words(of: &Simulator) -> String {
    let pypi = format!("PyPI with {}: {}", count(of.projects, "project", "projects"), of.index);
    let mail = of.mail_server.iter().map(|address| format!("\nmail server: {address}"));
    let webhooks = of.webhooks.iter().map(|address| format!("\nwebhooks: {address}"));
    pypi + &mail.chain(webhooks).collect::<String>()
}

fn scenario(args: &Args) -> Result<Scenario, Error> {
    let mut scenario = match &args.scenario {
        Some(path) if path.as_os_str() == "december-2022" => Scenario::december_2022(),
        Some(path) => Scenario::read(path)?,
        None => Scenario::default(),
    };
    if let Some(per_second) = args.replay_rate {
        scenario.replay = Some(Replay::new(per_second, args.replay_count)?);
    }
    Ok(scenario)
}

/// The names of the world, and those to be uploaded later.
fn names(args: &Args, scenario: &Scenario) -> Result<(Loader, Vec<NameRow>), Error> {
    let mut loader = args.names.as_deref().map_or_else(|| Ok(Loader::sample()), Loader::read)?;
    let replayed = scenario.prepare(&mut loader);
    Ok((loader, replayed))
}

async fn mails(sink: Option<&SmtpSink>, format: Format) {
    let Some(sink) = sink else { return };
    loop {
        if let Some(mail) = sink.next(FOR_EVER).await {
            let (from, to) = (Some(mail.from), mail.to);
            show(format, &Arrival { kind: "mail".to_owned(), from, to, path: None, body: mail.data }, arrived);
        }
    }
}

async fn posts(sink: Option<&HttpSink>, format: Format) {
    let Some(sink) = sink else { return };
    loop {
        if let Some(post) = sink.next(FOR_EVER).await {
            let (path, body) = (Some(post.path), String::from_utf8_lossy(&post.body).into_owned());
            show(format, &Arrival { kind: "post".to_owned(), from: None, to: Vec::new(), path, body }, arrived);
        }
    }
}

fn arrived(of: &Arrival) -> String {
    let first = match &of.path {
        Some(path) => format!("POST {}", harmless(path)),
        None => format!("mail from {} to {}", of.from.as_deref().unwrap_or_default(), of.to.join(", ")),
    };
    format!("{first}\n{}", harmless(&of.body))
}

/// Sinks are asked again after it.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// Text from outside, without what a terminal would obey.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &[&str]) -> Args {
        Line::try_parse_from([&["sim"], line].concat()).expect("a line").args
    }

    #[test]
    fn a_scenario_keeps_its_names_out_of_the_world() {
        let args = args(&["--scenario", "december-2022", "--replay-rate", "2", "--replay-count", "7"]);
        let scenario = scenario(&args).expect("built in");
        let (loader, replayed) = names(&args, &scenario).expect("built in");
        assert_eq!(replayed.len(), 7);
        assert!(loader.rows().iter().all(|row| row.name.as_str() != "torchtriton"));
    }

    #[test]
    fn the_example_of_the_help_is_a_scenario_with_every_kind_of_step() {
        let lines = SCENARIO.lines().filter_map(|line| line.strip_prefix("    "));
        let example = Scenario::parse(&lines.collect::<Vec<_>>().join("\n")).expect("as it is read");
        assert_eq!((example.steps.len(), example.replay.is_some()), (2, true));
        let error = Scenario::parse("[[step]]\ndo = \"nothing\"\nat = 1\n").expect_err("nobody does that");
        let said = std::error::Error::source(&error).expect("why").to_string();
        let (_, known) = said.split_once("expected one of ").expect("a closed set");
        let kinds: Vec<&str> = known.lines().next().unwrap_or_default().split('`').skip(1).step_by(2).collect();
        assert!(kinds.len() > 5, "{said}");
        for kind in kinds {
            let named = SCENARIO.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == kind);
            assert!(named, "{kind}");
        }
    }

    #[test]
    fn a_rate_must_be_above_zero() {
        let refused = scenario(&args(&["--replay-rate", "0"])).expect_err("zero");
        assert_eq!(refused.to_string(), "replay.per_second is 0; give a number above zero");
    }

    #[test]
    fn a_terminal_is_told_nothing_to_obey() {
        assert_eq!(harmless("a\r\n\u{1b}[31mb"), "a\n[31mb");
    }
}
