//! A program of the operator's: the facts in its environment, all of them as JSON on its standard input, and its exit
//! status says whether it took them.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, join3, select};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use super::parts::Parts;
use super::words::Words;
use super::{ChannelsError, Delivery, DeliveryError, Receipt};
use crate::config::channels::exec::Settings;
use crate::messages;
use crate::model::Channel;

/// All that is known of the world to a program that is given nothing of ours.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Kept of each output; the rest is read and forgotten, so that nobody waits for a reader.
const OUTPUT: usize = 2_048;
/// For the last words of a program that has ended: a child of its own may hold its outputs open for ever.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// `EX_UNAVAILABLE` and `EX_TEMPFAIL` of `sysexits.h`: what it passes things on to is out of service.
const OUT_OF_SERVICE: [i32; 2] = [69, 75];

pub(super) struct Exec {
    /// How errors call it: `exec:ticket`.
    channel: Channel,
    program: PathBuf,
    arguments: Vec<String>,
    limit: Duration,
    words: std::sync::Arc<Words>,
}

/// The beginning of what a program wrote, its errors before its output.
#[derive(Default)]
struct Said {
    out: Mutex<Vec<u8>>,
    err: Mutex<Vec<u8>>,
}

impl Exec {
    #[expect(clippy::unnecessary_wraps, reason = "as every channel is built")]
    pub(super) fn build(channel: Channel, settings: &Settings, parts: &Parts) -> Result<Self, ChannelsError> {
        let Settings { program, arguments, timeout } = settings.clone();
        Ok(Self { channel, program, arguments, limit: timeout, words: parts.words.clone() })
    }

    /// # Errors
    /// `Hold` when it cannot be started, or says (69, 75) that what it passes things on to is out of service. `Retry` for any
    /// other status, a signal, and when it took too long: that may be this message alone. Nothing is given up.
    pub(super) async fn deliver(&self, delivery: &Delivery<'_>) -> Result<Receipt, DeliveryError> {
        let facts = messages::exec(delivery.briefing, delivery.channel);
        let mut child =
            self.command().envs(facts.environment).spawn().map_err(|error| self.unusable(&error).reached_nobody())?;
        let (leash, said) = (Leash::of(&child), Said::default());
        let ended = timeout(self.limit, talk(&mut child, facts.input.as_bytes(), &said)).await;
        let Ok(ended) = ended else {
            drop(leash);
            let _ = child.wait().await;
            let took = format!("{} took more than {:?} and was killed", self.channel, self.limit);
            return Err(DeliveryError::retry(took));
        };
        leash.let_go();
        match ended {
            Ok(status) if status.success() => Ok(Receipt::taken()),
            Ok(status) => Err(self.refused(status, &said)),
            Err(error) => Err(DeliveryError::retry(format!("{}: {}", self.channel, self.words.chain(&error)))),
        }
    }

    /// Whether it could be started; it is not.
    ///
    /// # Errors
    /// `Hold`, as `deliver` would give it.
    pub(super) async fn probe(&self) -> Result<(), DeliveryError> {
        let program = self.program.clone();
        let looked = move || rustix::fs::access(&program, rustix::fs::Access::EXEC_OK);
        let looked = tokio::task::spawn_blocking(looked).await;
        match looked {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.unusable(&error.into())),
            Err(error) => Err(DeliveryError::hold(format!("{}: {error}", self.channel))),
        }
    }

    /// In a group of its own, so that whatever it starts ends with it, and with nothing of our environment.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir("/").env_clear().env("PATH", PATH).env("LANG", "C.UTF-8");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        command
    }

    fn unusable(&self, error: &std::io::Error) -> DeliveryError {
        DeliveryError::hold(format!("{}: the program cannot be started: {}", self.channel, self.words.chain(error)))
    }

    fn refused(&self, status: ExitStatus, said: &Said) -> DeliveryError {
        let words = said.words(&self.words);
        let words = if words.is_empty() { words } else { format!(" ({words:?})") };
        let reason = format!("{} ended with {status}{words}", self.channel);
        match status.code() {
            Some(code) if OUT_OF_SERVICE.contains(&code) => DeliveryError::hold(reason),
            _ => DeliveryError::retry(reason),
        }
    }
}

impl Said {
    fn words(&self, words: &Words) -> String {
        let quoted = |bytes: &Mutex<Vec<u8>>| {
            let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
            words.quoted(bytes.trim_ascii(), bytes.len() >= OUTPUT)
        };
        let err = quoted(&self.err);
        if err.is_empty() { quoted(&self.out) } else { err }
    }
}

/// Feeds the program and hears it until it ends: also one that reads nothing, writes without end, or leaves a child that
/// holds its outputs open.
async fn talk(child: &mut Child, input: &[u8], said: &Said) -> std::io::Result<ExitStatus> {
    let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let talk = Box::pin(join3(feed(stdin, input), hear(out, &said.out), hear(err, &said.err)));
    match select(Box::pin(child.wait()), talk).await {
        Either::Left((status, talk)) => {
            // Nobody waits longer for what it had to say.
            let _ = timeout(LAST_WORDS, talk).await;
            status
        }
        Either::Right((_, waiting)) => waiting.await,
    }
}

/// A program that does not want the facts may close its input: its status says what became of them.
async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(input).await;
    }
}

async fn hear(output: Option<impl AsyncRead + Unpin>, kept: &Mutex<Vec<u8>>) {
    let Some(mut output) = output else { return };
    let mut chunk = [0; 1_024];
    while let Ok(read @ 1..) = output.read(&mut chunk).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = OUTPUT.saturating_sub(kept.len());
        kept.extend_from_slice(&chunk[..read.min(room)]);
    }
}

/// Ends a program with whatever it has started: where it takes too long, and where whoever waits for it is dropped.
struct Leash(Option<Pid>);

impl Leash {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// It has ended by itself, and its number may be another's soon.
    fn let_go(mut self) {
        self.0 = None;
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended a moment ago.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::messages::samples::{registered, torchtriton};
    use crate::model::notice::Briefing;
    use crate::model::{Owner, Time};

    fn exec(script: &str) -> Exec {
        let settings = Settings {
            program: "/bin/sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            timeout: Duration::from_secs(20),
        };
        let parts = Parts { http: client(), words: std::sync::Arc::default() };
        Exec::build(Channel::Exec("ticket".to_owned()), &settings, &parts).expect("good settings")
    }

    #[expect(clippy::disallowed_methods, reason = "never used")]
    fn client() -> reqwest::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::new()
    }

    async fn tell(exec: &Exec, briefing: &Briefing) -> Result<Receipt, DeliveryError> {
        let (channel, owner) = (exec.channel.clone(), Owner::default());
        let now: Time = briefing.at;
        exec.deliver(&Delivery { channel: &channel, owner: &owner, briefing, settled: &[], now }).await
    }

    async fn told(script: &str) -> Result<Receipt, DeliveryError> {
        tell(&exec(script), &registered(vec![torchtriton()])).await
    }

    fn held(result: Result<Receipt, DeliveryError>) -> String {
        match result {
            Err(DeliveryError::Hold { reason, .. }) => reason,
            other => panic!("not held: {other:?}"),
        }
    }

    fn retried(result: Result<Receipt, DeliveryError>) -> String {
        match result {
            Err(DeliveryError::Retry { reason, .. }) => reason,
            other => panic!("not retried: {other:?}"),
        }
    }

    #[tokio::test]
    async fn it_gets_the_facts_and_nothing_of_ours() {
        let dir = tempfile::tempdir().expect("a directory");
        let script = format!("cd {} && cat > stdin && env | sort > env && pwd -P > pwd", dir.path().display());
        assert_eq!(told(&script).await, Ok(Receipt::taken()));
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).expect("written");
        let facts: serde_json::Value = serde_json::from_str(&read("stdin")).expect("JSON");
        assert_eq!(facts["type"], "finding.registered");
        assert_eq!(facts["data"]["cases"][0]["project"]["name"], "torchtriton");
        let env = read("env");
        // What a shell adds by itself is no part of it.
        let names: Vec<&str> = env.lines().filter_map(|line| line.split('=').next()).collect();
        let ours = |name: &&&str| name.starts_with("NAMEWARDEN_") || ["LANG", "PATH"].contains(name);
        let others: Vec<_> =
            names.iter().filter(|name| !ours(name) && !["PWD", "OLDPWD", "SHLVL", "_"].contains(name)).collect();
        assert!(others.is_empty(), "{others:?}");
        for line in ["NAMEWARDEN_TIER=page", "NAMEWARDEN_EVENT=registered", "NAMEWARDEN_PROJECT=torchtriton"] {
            assert!(env.lines().any(|given| given == line), "{line} in {env}");
        }
    }

    #[tokio::test]
    async fn its_status_says_whether_it_was_delivered() {
        assert_eq!(told("exit 0").await, Ok(Receipt::taken()));
        let reason = retried(told("echo nothing there >&2; echo out; exit 3").await);
        assert_eq!(reason, "exec:ticket ended with exit status: 3 (\"nothing there\")");
        assert_eq!(retried(told("echo out; exit 1").await), "exec:ticket ended with exit status: 1 (\"out\")");
        assert_eq!(held(told("exit 75").await), "exec:ticket ended with exit status: 75");
        assert!(retried(told("kill -9 $$").await).contains("signal: 9"));
    }

    #[tokio::test]
    async fn what_it_says_is_harmless_and_short() {
        let reason = retried(told("printf '\\033[2Jsee https://evil.example \\342\\200\\256x' >&2; exit 1").await);
        assert!(!reason.contains('\u{1b}') && !reason.contains("https://") && !reason.contains('\u{202e}'), "{reason}");
        let reason = retried(told("yes stubborn | head -c 3000000; exit 1").await);
        assert!(reason.len() < 400, "{reason}");
    }

    #[tokio::test]
    async fn one_that_hangs_is_killed_with_what_it_started() {
        let dir = tempfile::tempdir().expect("a directory");
        let mark = dir.path().join("survived");
        let script = format!("(sleep 3; touch {}) & sleep 600", mark.display());
        let hanging = Exec { limit: Duration::from_millis(300), ..exec(&script) };
        let began = Instant::now();
        let reason = retried(tell(&hanging, &registered(vec![torchtriton()])).await);
        assert!(reason.contains("was killed") && began.elapsed() < Duration::from_secs(3), "{reason}");
        tokio::time::sleep(Duration::from_millis(3_200).saturating_sub(began.elapsed())).await;
        assert!(!mark.exists(), "what it had started lived on");
    }

    /// A second signal, or a channel that is dropped with its runtime: what was begun goes on nowhere.
    #[tokio::test]
    async fn one_that_nobody_waits_for_any_more_is_killed_with_what_it_started() {
        let dir = tempfile::tempdir().expect("a directory");
        let (begun, mark) = (dir.path().join("begun"), dir.path().join("survived"));
        let script = format!("(touch {}; sleep 0.6; touch {}) & sleep 600", begun.display(), mark.display());
        let (program, briefing) = (exec(&script), registered(vec![torchtriton()]));
        let has_begun = async {
            for _ in 0..400 {
                if begun.exists() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            told = tell(&program, &briefing) => panic!("it hangs: {told:?}"),
            () = has_begun => {}
        }
        assert!(begun.exists(), "it runs");
        tokio::time::sleep(Duration::from_millis(800)).await;
        assert!(!mark.exists(), "what it had started lived on");
    }

    #[tokio::test]
    async fn nobody_waits_for_a_child_that_holds_the_outputs_open() {
        let began = Instant::now();
        assert_eq!(told("sleep 5 & exit 0").await, Ok(Receipt::taken()));
        assert!(began.elapsed() < Duration::from_secs(4));
    }

    #[tokio::test]
    async fn one_that_reads_nothing_and_one_that_is_not_there() {
        let many = registered((0..250).map(|_| torchtriton()).collect());
        assert_eq!(tell(&exec("exec 0<&-; exit 0"), &many).await, Ok(Receipt::taken()), "more than a pipe holds");
        let missing = Exec { program: "/nowhere/tell".into(), ..exec("") };
        assert!(held(tell(&missing, &many).await).contains("cannot be started"));
        assert!(missing.probe().await.is_err() && exec("").probe().await.is_ok());
    }
}
