//! Reviewers hear from the daemon what the gate holds: a real gate, a real daemon, and what arrives.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use namewarden::sim::Sim;
use namewarden::sim::sink::{HttpSink, SmtpSink};
use serde_json::Value;

use super::Stage;
use super::agree::listed;
use crate::crash::letter::{Letter, Ring};
use crate::crash::program::Program;
use crate::crash::wait_for;

const PATIENCE: Duration = Duration::from_secs(60);

/// Where the daemon tells, and what it reads.
pub(super) struct Channels {
    pub(super) mail: SmtpSink,
    hook: HttpSink,
    pub(super) config: PathBuf,
}

impl Channels {
    /// Of a daemon beside this gate.
    pub(super) async fn new(stage: &Stage) -> Self {
        let (mail, hook) = (SmtpSink::start(0).await.expect("a port"), HttpSink::start(0).await.expect("a port"));
        let dir = stage.dir.path();
        let write = |name: &str, text: &str| {
            fs::write(dir.join(name), text).expect("written");
            fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600)).expect("a mode");
        };
        write("webhook-url", &format!("{}/hook", hook.base_url()));
        write("webhook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        write(
            "watched.toml",
            "[owners.sec]\nemail = [\"sec@acme.example\"]\nwebhook = [\"soc\"]\nnames = [\"acme-billing\", \"acme-planned\"]\n",
        );
        write(
            "daemon.toml",
            &format!(
                "contact = \"sec@acme.example\"\ninventory = \"watched.toml\"\nstate_dir = \"state\"\n[pypi]\nbase = \"{}\"\n\
                 [alert]\ndefault_owner = \"sec\"\ncanary = false\n\
                 [alert.email]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"namewarden@acme.example\"\n\
                 [alert.webhook.soc]\nurl_file = \"webhook-url\"\nsecret_file = \"webhook-secret\"\n\
                 [control]\nsocket = \"control.sock\"\n[gate]\ncontrol_socket = \"gate.sock\"\n",
                stage.pypi.base_url(),
                mail.address().port()
            ),
        );
        let config = dir.join("daemon.toml");
        Self { mail, hook, config }
    }

    fn mails(&self) -> Vec<Letter> {
        self.mail.mails().iter().map(Letter::of).filter(|letter| letter.event == "review").collect()
    }

    /// The messages by their ids: what was sent, and not yet noted when the daemon was killed, is sent again as it was.
    fn ids(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let rings = self.hook.posts().into_iter().map(|post| Ring::of(&post)).filter(|ring| ring.kind == "review.held");
        (self.mails().into_iter().map(|letter| letter.message_id).collect(), rings.map(|ring| ring.id).collect())
    }

    fn posts(&self) -> Vec<Value> {
        let bodies =
            self.hook.posts().into_iter().map(|post| serde_json::from_slice::<Value>(&post.body).expect("JSON"));
        bodies.filter(|body| body["type"] == "review.held").collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reviewers_hear_who_asked_for_what_and_how_to_decide_once_and_over_a_kill() {
    let mut stage = Stage::new().await;
    let channels = Channels::new(&stage).await;
    let path = listed(&stage, "widgets").await.pop().expect("a file").0;
    stage.get(&path, &[]).await;
    let daemon = Program::start(&channels.config, None);
    let letter = wait_for("the mail", PATIENCE, || channels.mails().pop()).await;
    let text = letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "widgets==1.1",
        "held until",
        "127.0.0.1",
        "namewarden gate show 1",
        "namewarden gate approve 1 --files ",
        "namewarden gate reject 1",
        "decides nothing",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let post = wait_for("the webhook", PATIENCE, || channels.posts().pop()).await;
    let held = &post["data"]["reviews"][0];
    assert_eq!(
        (held["review"].as_i64(), held["project"].as_str(), held["peers"][0].as_str()),
        (Some(1), Some("widgets"), Some("127.0.0.1"))
    );
    // Asked for again, over a kill of both, it is no news.
    let told = channels.ids();
    drop(daemon);
    stage.restart().await;
    stage.get(&path, &[]).await;
    let other = listed(&stage, "brandnew").await.pop().expect("a file").0;
    stage.get(&other, &[]).await;
    let _daemon = Program::start(&channels.config, None);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(channels.ids(), told, "the next gathers for a quarter of an hour");
    assert!(!stage.verb(None, &["show", "1"]).1.contains("approve until"), "and nobody has decided anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_hear_that_the_records_of_malware_are_old() {
    let mut stage = Stage::new().await;
    stage.recorded("MAL-2026-1", "evil-tool", "1.0");
    stage.restart_with("malware.records = \"osv\"").await;
    let channels = Channels::new(&stage).await;
    let told = |word: &str| {
        let letters = channels.mail.mails().iter().map(Letter::of).collect::<Vec<_>>();
        letters.into_iter().filter(|letter| letter.event != "startup" && letter.text.contains(word)).collect::<Vec<_>>()
    };
    let _daemon = Program::start(&channels.config, None);
    let text = wait_for("the mail", PATIENCE, || told("What the gate decides by").pop()).await.text;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("the newest of OSV's was changed 2026-11-01") && text.contains("to where the gate reads records"),
        "{text}"
    );
}

/// Not for its age, which passed in a second, and for as long as something is to be done about it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_an_open_finding_is_held_over_a_restart_and_until_nothing_is_to_be_done() {
    let mut stage = Stage::with("file_age = \"1s\"\nproject_age = \"0s\"\n", true).await;
    let channels = Channels::new(&stage).await;
    let in_its_place = stage.dir.path().join("gate/suspects.json.new");
    fs::create_dir(&in_its_place).expect("made");
    let daemon = Program::start(&channels.config, None);
    let told = |is_it: fn(&Letter) -> bool| channels.mail.mails().iter().map(Letter::of).any(|letter| is_it(&letter));
    wait_for("the watch", PATIENCE, || told(|letter| letter.event == "startup").then_some(())).await;
    stage.pypi.world().upload("acme-biling", "1.0", "of use", "mallory", Sim::now()).expect("free");
    let alert = |letter: &Letter| letter.event != "startup" && letter.text.contains("acme-biling");
    wait_for("the alert", PATIENCE, || told(alert).then_some(())).await;
    let untaken = |letter: &Letter| {
        let text = letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
        text.contains("does not take which projects are open findings")
    };
    wait_for("that the gate cannot keep it", PATIENCE, || told(untaken).then_some(())).await;
    fs::remove_dir(&in_its_place).expect("there is room again");
    // Held it is before, and kept when the daemon has told it again.
    let copy = stage.dir.path().join("gate/suspects.copy.json");
    wait_for("that it is kept", PATIENCE, || copy.exists().then_some(())).await;
    let path = listed(&stage, "acme-biling").await.pop().expect("a file").0;
    answers(&stage, &path, 451).await;
    let said = stage.get(&path, &[]).await.reason().to_owned();
    assert!(said.contains("it may imitate a name of ours, see finding nw-"), "{said}");
    drop(daemon);
    stage.restart().await;
    assert_eq!(stage.get(&path, &[]).await.status, 451, "a daemon that is down changes nothing");
    let _daemon = Program::start(&channels.config, None);
    wait_for("the socket", PATIENCE, || resolved(&channels.config).then_some(())).await;
    answers(&stage, &path, 200).await;
}

fn resolved(config: &Path) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
    command.args(["findings", "resolve", "acme-biling", "--note", "of a colleague", "--config"]).arg(config);
    command.output().expect("starts").status.success()
}

async fn answers(stage: &Stage, path: &str, wanted: u16) {
    let began = Instant::now();
    while stage.get(path, &[]).await.status != wanted {
        assert!(began.elapsed() < PATIENCE, "it never answered {wanted}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
