//! `namewarden demo`: December 2022 again, on loopback. The real daemon, a simulated PyPI, real mail and Slack transports.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Failure;
use crate::clock::Clock;
use crate::config::{self, Environment, Settings};
use crate::daemon;
use crate::sim::sink::{HttpSink, Mail, Post, SmtpSink};
use crate::sim::{Loader, Options, Order, Scenario, Sim};

/// Replay December 2022 on this machine: torchtriton, the alert, the mail.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End with status 0 once the alert has arrived by mail and Slack.
    #[arg(long)]
    pub once: bool,
    /// A bigger PyPI: names one a line, or TSV with the name first; plain or gzipped. Default: 2,000 real names.
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,
}

const INVENTORY: &str = include_str!("demo/inventory.toml");
const CONFIGURATION: &str = include_str!("demo/namewarden.toml");
/// The name the story is about.
const TARGET: &str = "torchtriton";
/// The alert takes seconds; after this the demo has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The stage: PyPI, a mail server, Slack, and a directory for the daemon, gone when the demo ends.
struct Stage {
    sim: Sim,
    mail: SmtpSink,
    slack: HttpSink,
    dir: tempdir::Dir,
}

/// Plays until Ctrl-C, or until the alert with `--once`.
pub async fn run(args: &Args, environment: &Environment) -> Result<(), Failure> {
    let began = Instant::now();
    let scenario = Scenario::december_2022();
    let mut loader = match &args.names {
        Some(path) => Loader::read(path).map_err(|e| Failure::failed(&e))?,
        None => Loader::sample(),
    };
    let replayed = scenario.prepare(&mut loader);
    let stage = set(loader).await.map_err(|e| Failure::failed(&e))?;
    let settings = configure(&stage, environment)?;
    say(&format!(
        "A simulated PyPI with {} real names listens on {}.\nThe inventory watches {TARGET} and others, like this:\n\n{}",
        stage.sim.world().len(),
        stage.sim.base_url(),
        INVENTORY.trim()
    ));
    let engine = daemon::boot(settings, Clock::System).await?;
    let watching = Arc::clone(&engine);
    let story = async {
        watching.wait_for_baseline().await;
        say("\nThe baseline stands. Strangers now register projects, one of them the name you use internally …\n");
        stage.sim.play(scenario, replayed).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = daemon::run(Arc::clone(&engine)) => Ok(ended?),
        () = story => Ok(()),
        shown = show(&stage, began, args.once) => shown,
    }
}

async fn set(loader: Loader) -> std::io::Result<Stage> {
    Ok(Stage {
        sim: Sim::start(loader.world(Order::default()), Options::default()).await?,
        mail: SmtpSink::start(0).await?,
        slack: HttpSink::start(0).await?,
        dir: tempdir::Dir::new()?,
    })
}

/// Writes a configuration as an operator would, and reads it as the daemon does.
fn configure(stage: &Stage, environment: &Environment) -> Result<Settings, Failure> {
    let dir = stage.dir.path();
    let configuration = CONFIGURATION
        .replace("BASE", stage.sim.base_url())
        .replace("SMTP_PORT", &stage.mail.address().port().to_string());
    let slack = format!("{}/services/demo", stage.slack.base_url());
    write(dir, "inventory.toml", INVENTORY)
        .and_then(|()| write(dir, "slack-url", &slack))
        .and_then(|()| write(dir, "namewarden.toml", &configuration))
        .map_err(|e| Failure::failed(&e))?;
    Ok(config::load(&dir.join("namewarden.toml"), environment)?)
}

/// Files only we may read, as credentials have to be.
fn write(dir: &Path, name: &str, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(dir.join(name))?;
    file.write_all(text.as_bytes())
}

/// Prints what arrives; with `once` ends when the target's alert came both ways.
async fn show(stage: &Stage, began: Instant, once: bool) -> Result<(), Failure> {
    let (mut mailed, mut posted) = (false, false);
    while !(once && mailed && posted) {
        if once && began.elapsed() > PATIENCE {
            return Err(Failure::new(format!("no alert about {TARGET} within {} s", PATIENCE.as_secs())));
        }
        let tick = Duration::from_millis(500);
        tokio::select! {
            Some(mail) = stage.mail.next(tick) => mailed |= show_mail(&mail, began),
            Some(post) = stage.slack.next(tick) => posted |= show_post(&post, began),
            else => {}
        }
    }
    say("The alert has arrived by mail and by Slack.");
    Ok(())
}

/// The alert in full, the start-up greeting and others by their subject. Is it the alert?
fn show_mail(mail: &Mail, began: Instant) -> bool {
    let subject = mail.header("Subject").unwrap_or_default();
    let alert = subject.starts_with("[page]") && subject.contains(TARGET);
    let body = if alert { format!("\n\n{}", visible(&mail.text())) } else { String::new() };
    say(&format!(
        "{:>5.1} s  mail to {}: {}{body}",
        began.elapsed().as_secs_f32(),
        mail.to.join(", "),
        harmless(&subject)
    ));
    alert
}

fn show_post(post: &Post, began: Instant) -> bool {
    let message: serde_json::Value = serde_json::from_slice(&post.body).unwrap_or_default();
    let text = message["text"].as_str().unwrap_or_default();
    say(&format!("{:>5.1} s  Slack: {}", began.elapsed().as_secs_f32(), visible(text)));
    text.contains(TARGET) && text.contains("[page]")
}

/// Text from outside, without what a terminal would obey.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

use super::say;

/// The same for text of several lines.
fn visible(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
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
