//! `namewarden demo`: December 2022 again, on loopback, and how it could have ended: the gate gives out no stranger's package, and
//! the name is claimed when it is free again. The real daemon, gate and uploader, a simulated PyPI, real mail and Slack transports,
//! and pip where it is there.

mod arrivals;
mod claim;
mod dashboard;
mod developer;
mod files;
mod install;
mod past;
mod screen;

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::call::Call;
use super::failure::Failure;
use super::signals::Signals;
use crate::access::random::random;
use crate::clock::Clock;
use crate::config::{self, Environment, Settings};
use crate::daemon::{self, Engine};
use crate::messages::hostile::shell;
use crate::sim::sink::{HttpSink, SmtpSink};
use crate::sim::{Happening, Loader, Options, Order, Replay, Scenario, Sim, free_port};
use claim::TARGET;
use files::write;
use past::Past;
use screen::Screen;

/// Replay December 2022 on this machine: torchtriton, the alert, what pip takes without the gate and with it, and the claim.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End with status 0 once the alert has arrived by mail and Slack, the gate gave out no stranger's package, and the name is ours.
    #[arg(long)]
    pub once: bool,
    /// A bigger PyPI: names one a line, or TSV with the name first; plain or gzipped. Default: 2,000 real names.
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,
}

const INVENTORY: &str = include_str!("demo/inventory.toml");
const CONFIGURATION: &str = include_str!("demo/namewarden.toml");
/// The alert, what is installed and the claim take seconds; after this the demo has failed.
const PATIENCE: Duration = Duration::from_mins(3);

/// Real registrations that come beside the story, one a second.
const OTHERS: usize = 40;

/// Told to end, the daemon gets this long for what is under way.
const MOMENT: Duration = Duration::from_secs(2);

/// The stage: PyPI, the company's own index, a mail server, Slack, and a directory for the daemon, gone when the demo ends.
struct Stage {
    sim: Sim,
    private: Sim,
    mail: SmtpSink,
    slack: HttpSink,
    dir: tempdir::Dir,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        run(&self, &call.environment).await.map(|()| ExitCode::SUCCESS)
    }
}

/// Plays until Ctrl-C, SIGTERM or the end of the terminal, or until the alert with `--once`.
async fn run(args: &Args, environment: &Environment) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let (screen, end) = (Screen::start(), CancellationToken::new());
    let outcome = {
        let mut playing = pin!(play(args, environment, &screen, &end));
        tokio::select! {
            outcome = &mut playing => outcome,
            () = signals.end() => {
                end.cancel();
                // What hangs is left behind.
                tokio::time::timeout(2 * MOMENT, playing).await.unwrap_or(Ok(()))
            }
        }
    };
    screen.close();
    outcome
}

async fn play(args: &Args, environment: &Environment, screen: &Screen, end: &CancellationToken) -> Result<(), Failure> {
    let began = Instant::now();
    let mut scenario = Scenario::december_2022();
    // Removed it is once somebody has installed it.
    scenario.steps.retain(|step| !matches!(step, Happening::Remove { .. }));
    // Few enough that the hours before can still be seen beside this one.
    scenario.replay = Replay::new(1.0, OTHERS).ok();
    let mut loader = match &args.names {
        Some(path) => Loader::read(path).map_err(|e| Failure::failed(&e))?,
        None => Loader::sample(),
    };
    let names = loader.rows().len();
    let replayed = scenario.prepare(&mut loader);
    let past = Past::prepare(&mut loader);
    let stage = set(loader, &scenario).await.map_err(|e| Failure::failed(&e))?;
    let settings = configure(&stage, environment)?;
    screen.say(&format!(
        "A simulated PyPI of {names} real names listens on {}.\nThe inventory watches {TARGET} and others, like this:\n\n{}",
        stage.sim.base_url(),
        INVENTORY.trim()
    ));
    past.play(&stage.sim, &settings, Clock::System.now()).await?;
    let engine = daemon::boot(settings, Clock::System).await?;
    let watching = Arc::clone(&engine);
    let content = async {
        watching.wait_for_baseline().await;
        screen
            .say("\nThe watch has run for five weeks. Strangers now register projects, one of them the name you use internally …\n");
        stage.sim.play(scenario, replayed).await;
        std::future::pending::<()>().await;
    };
    let mut running = pin!(daemon::run(Arc::clone(&engine)));
    let alerted = Notify::new();
    let outcome = tokio::select! {
        ended = &mut running => return Ok(ended?),
        () = content => Ok(()),
        () = open(&engine, screen, args.once) => Ok(()),
        () = arrivals::show(&stage.mail, &stage.slack, screen, began, &alerted) => Ok(()),
        told = story(&engine, &stage, screen, began, (&alerted, args.once)) => told,
        () = end.cancelled() => Ok(()),
    };
    engine.stopping.cancel();
    // What is under way after that goes nowhere: the servers end with the demo.
    let _ = tokio::time::timeout(MOMENT, running).await;
    outcome
}

async fn set(loader: Loader, scenario: &Scenario) -> std::io::Result<Stage> {
    let mut world = loader.world(Order::default());
    scenario.furnish(&mut world, Sim::now());
    Ok(Stage {
        sim: Sim::start(world, Options::default()).await?,
        private: install::private_index().await?,
        mail: SmtpSink::start(0).await?,
        slack: HttpSink::start(0).await?,
        dir: tempdir::Dir::new()?,
    })
}

/// Writes a configuration as an operator would, and reads it as the daemon does.
fn configure(stage: &Stage, environment: &Environment) -> Result<Settings, Failure> {
    let dir = stage.dir.path();
    // Links in messages and installers name the ports, so they are chosen before anybody opens them.
    let port = || free_port().map(|port| port.to_string()).map_err(|e| Failure::failed(&e));
    let configuration = CONFIGURATION
        .replace("BASE", stage.sim.base_url())
        .replace("PRIVATE", stage.private.base_url())
        .replace("WEB_PORT", &port()?)
        .replace("GATE_PORT", &port()?)
        .replace("SMTP_PORT", &stage.mail.address().port().to_string());
    let link_key = random().map_err(|e| Failure::failed(&e))?;
    let slack = format!("{}/services/demo", stage.slack.base_url());
    write(dir, "inventory.toml", INVENTORY)
        .and_then(|()| write(dir, "slack-url", &slack))
        .and_then(|()| write(dir, "link-key", &link_key))
        .and_then(|()| write(dir, "namewarden.toml", &configuration))
        .map_err(|e| Failure::failed(&e))?;
    Ok(config::load(&dir.join("namewarden.toml"), environment)?)
}

/// Says where the dashboard is as soon as it is there; whoever waits for the end alone does not look.
async fn open(engine: &Engine, screen: &Screen, once: bool) {
    if !once {
        screen.say(&dashboard::dashboard(engine, PATIENCE).await);
    }
    std::future::pending::<()>().await;
}

/// The alert, what is installed, the claim, and then the end with `once`; else what to try, and on.
async fn story(
    engine: &Engine,
    stage: &Stage,
    screen: &Screen,
    began: Instant,
    (alerted, once): (&Notify, bool),
) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(|e| Failure::failed(&e))?;
    let told = async {
        alerted.notified().await;
        screen.say("\nThe alert has arrived by mail and by Slack.");
        install::show(engine, stage.dir.path(), (&stage.sim, &stage.private), screen).await?;
        stage.sim.world().remove(TARGET, Sim::now()).map_err(|e| Failure::failed(&e))?;
        claim::claim(engine, (stage.dir.path(), stage.sim.base_url(), &program), screen, began).await
    };
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(told) => {
            told?;
            screen.say(&format!("\n{TARGET} is ours: nobody else can register it."));
        }
        Err(_) if once => {
            let seconds = PATIENCE.as_secs();
            return Err(Failure::new(format!(
                "no alert about {TARGET}, nothing of it installed, or no claim of it, within {seconds} s"
            )));
        }
        Err(_) => screen.say("\nThis takes longer than it should: this machine is busy."),
    }
    if !once {
        screen.say(&what_to_try(stage.dir.path()));
        std::future::pending::<()>().await;
    }
    Ok(())
}

/// The daemon goes on, and answers every verb.
fn what_to_try(dir: &Path) -> String {
    let program = std::env::current_exe().ok().and_then(|path| path.to_str().map(shell));
    let program = program.unwrap_or_else(|| "namewarden".to_owned());
    let config = shell(&dir.join("namewarden.toml").to_string_lossy());
    let case = format!("findings show {TARGET}");
    let verbs = [
        "status",
        "status --watch",
        "findings list",
        &case,
        "report --since 35d",
        "claim status",
        "gate reviews",
        "gate who torchtriton",
        "test-alert",
    ];
    let lines: Vec<String> = verbs.iter().map(|verb| format!("    {program} --config {config} {verb}")).collect();
    format!(
        "\nThe daemon watches on. The link in a mail answers its case in a browser, as long as that is open. In another terminal, try:\n\n{}\n\nCtrl-C ends it, and removes {}.",
        lines.join("\n"),
        dir.display()
    )
}

/// A directory of our own under the system's temporary one, removed at the end.
mod tempdir {
    use std::os::unix::fs::DirBuilderExt;
    use std::path::{Path, PathBuf};

    pub(super) struct Dir(PathBuf);

    impl Dir {
        pub(super) fn new() -> std::io::Result<Self> {
            let path = std::env::temp_dir().join(format!("namewarden-demo-{}", std::process::id()));
            std::fs::DirBuilder::new().mode(0o700).create(&path)?;
            Ok(Self(path))
        }

        pub(super) fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            // A leftover in the temporary directory harms nobody.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
