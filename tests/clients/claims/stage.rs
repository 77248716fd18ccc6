//! The stage of these tests: a simulated PyPI, a receiver of alerts, and a directory for the daemon and the uploader.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use namewarden::model::claim::{Claim, ClaimState, Party};
use namewarden::model::{Exposure, ProjectName, WatchId};
use namewarden::sim::sink::HttpSink;
use namewarden::sim::world::files_of;
use namewarden::sim::{Loader, Options, Order, Sim};
use namewarden::store::{ClaimLine, Store};
use sha2::{Digest as _, Sha256};

use crate::crash::program::Program;

/// The token of `acme-bot`, a word that stands nowhere else.
pub(super) const TOKEN: &str = "pypi-AgEIcHlwaS5vcmcCJGhhcnZlc3Rtb29uLTQyNDI";
/// The internal name that is claimed.
pub(super) const NAME: &str = "acme-billing";
pub(super) const PATIENCE: Duration = Duration::from_secs(40);

pub(super) struct Stage {
    pub(super) sim: Sim,
    pub(super) hook: HttpSink,
    dir: tempfile::TempDir,
}

/// What differs between one configuration and another.
#[derive(Clone, Debug, Default)]
pub(super) struct Differs<'a> {
    /// Lines of `[claim.upload]` instead of the token's.
    pub(super) upload: Option<&'a str>,
}

pub(super) fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

impl Stage {
    /// A PyPI that knows our token and where nobody has the name; its watch says `claim = "auto"`, with a window of a second.
    pub(super) async fn set() -> Self {
        Self::differing(&Differs::default()).await
    }

    pub(super) async fn differing(differs: &Differs<'_>) -> Self {
        let mut loader = Loader::sample();
        loader.leave_out([NAME]);
        let mut world = loader.world(Order::default());
        world.accounts.give_token(TOKEN, "acme-bot");
        let options = Options { xmlrpc_quota: 1_000_000, ..Options::default() };
        let sim = Sim::start(world, options).await.expect("a free port");
        let stage = Self {
            sim,
            hook: HttpSink::start(0).await.expect("a free port"),
            dir: tempfile::tempdir().expect("a directory"),
        };
        stage.configure(differs);
        stage
    }

    fn configure(&self, differs: &Differs<'_>) {
        let (pypi, hook) = (self.sim.base_url(), self.hook.base_url());
        let uid = fs::metadata(self.dir.path()).expect("is there").uid();
        let upload = differs.upload.unwrap_or("token_file = \"pypi-token\"");
        self.write("webhook-url", &format!("{hook}/hook"));
        self.write("webhook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        self.write("pypi-token", TOKEN);
        self.watched("claim = \"auto\"");
        self.write(
            "namewarden.toml",
            &format!(
                "contact = \"claims@example.org\"\nstate_dir = \"state\"\n[pypi]\nbase = \"{pypi}\"\n\
                 [feeds]\nchangelog_every = \"300ms\"\nrss_every = \"300ms\"\n\
                 [alert]\ndefault_owner = \"security\"\ncanary = false\nescalate_after = \"never\"\n\
                 [alert.webhook.soc]\nurl_file = \"webhook-url\"\nsecret_file = \"webhook-secret\"\n\
                 [control]\nsocket = \"control.sock\"\n\
                 [claim]\nenabled = true\ncompany = \"Acme Corp\"\nwindow = \"1s\"\n\
                 [claim.upload]\naddress = \"{pypi}/legacy/\"\nuser = \"{uid}\"\n{upload}\n"
            ),
        );
    }

    /// The inventory, with this line about the claim of its name.
    pub(super) fn watched(&self, claim: &str) {
        self.write(
            "inventory.toml",
            &format!(
                "[owners.security]\nname = \"Security\"\nwebhook = [\"soc\"]\n[registrants]\nusers = [\"acme-bot\"]\n\
                 [[name]]\nname = \"{NAME}\"\nowner = \"security\"\nlatest_version = \"4.12.0\"\n\
                 first_use = 2020-01-01\n{claim}\n"
            ),
        );
    }

    /// A file only we may read, as credentials have to be.
    pub(super) fn write(&self, file: &str, text: &str) {
        let path = self.dir.path().join(file);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn config(&self) -> PathBuf {
        self.dir.path().join("namewarden.toml")
    }

    pub(super) fn daemon(&self, crash_at: Option<&str>) -> Program {
        Program::start(&self.config(), crash_at)
    }

    pub(super) fn uploader(&self, crash_at: Option<&str>) -> Program {
        Program::start_verb(&["claim", "upload", "-v"], &self.config(), crash_at)
    }

    /// An uploader that ends when there is nothing to do: its status, and what it said to whoever reads its errors.
    pub(super) async fn once(&self) -> (Option<i32>, String) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_namewarden"));
        command.args(["claim", "upload", "--once", "--config"]).arg(self.config());
        let output = command.output().await.expect("runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The store, read beside whoever has it open.
    pub(super) async fn claim(&self, of: &str) -> Option<Claim> {
        let (copy, name) = (self.copy()?, name(of));
        copy.store.read(move |tx| tx.claims().last_of(&name)).await.ok().flatten()
    }

    pub(super) async fn trail(&self, of: &str) -> Vec<ClaimLine> {
        let claim = self.claim(of).await.expect("a claim");
        let copy = self.copy().expect("a store");
        copy.store.read(move |tx| tx.claims().trail(&claim.key)).await.expect("reads")
    }

    /// How many of the day's new projects count as used.
    pub(super) async fn slots(&self) -> usize {
        let copy = self.copy().expect("a store");
        copy.store.read(|tx| tx.claims().slots_since(chrono::DateTime::UNIX_EPOCH)).await.expect("reads").len()
    }

    pub(super) async fn exposure(&self, of: &str) -> Option<Exposure> {
        let (copy, id) = (self.copy()?, WatchId::name(&name(of)));
        copy.store.read(move |tx| tx.watches().exposure(&id)).await.ok().flatten()
    }

    /// Waits until the daemon listens.
    pub(super) async fn has_socket(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.dir.path().join("control.sock").exists() {
            assert!(Instant::now() < deadline, "nobody listens");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A quarter of an hour passes, after which PyPI's pages are believed also where they lack something; no daemon runs.
    pub(super) async fn believe(&self) {
        let store = Store::open(self.dir.path().join("state").as_path()).expect("opens");
        let aged = store.write(|tx| {
            let claim = tx.claims().last_of(&name(NAME))?.expect("a claim");
            let sent_at = claim.sent_at.map(|sent| sent - chrono::TimeDelta::minutes(20));
            let (at, by) = (claim.changed_at, Party::Daemon);
            let (event, state) = ("time passes".to_owned(), claim.state.as_str().to_owned());
            tx.claims().put(&Claim { sent_at, ..claim }, &ClaimLine { at, by, event, state, detail: String::new() })
        });
        aged.await.expect("writes");
    }

    /// What PyPI has of it: SHA-256 in hex, by file.
    pub(super) fn stored(&self) -> BTreeMap<String, String> {
        let release = self.sim.world().release_of(&name(NAME), "0.0.1").expect("a release");
        let files = files_of(&name(NAME), &release);
        files.into_iter().map(|file| (file.filename.clone(), sha256(&file.bytes))).collect()
    }

    fn copy(&self) -> Option<Copy> {
        let dir = tempfile::tempdir().expect("a directory");
        for file in ["namewarden.db", "namewarden.db-wal"] {
            let from = self.dir.path().join("state").join(file);
            if from.exists() {
                fs::copy(from, dir.path().join(file)).ok()?;
            }
        }
        Some(Copy { store: Store::open_to_read(dir.path()).ok()?, _dir: dir })
    }

    /// Waits until the claim is so.
    pub(super) async fn until(&self, state: ClaimState) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let claim = self.claim(NAME).await;
            if claim.as_ref().is_some_and(|claim| claim.state == state) {
                return;
            }
            assert!(Instant::now() < deadline, "it never was {state:?}: {claim:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the watched name stands so.
    pub(super) async fn until_exposure(&self, wanted: &Exposure) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let stands = self.exposure(NAME).await;
            if stands.as_ref() == Some(wanted) {
                return;
            }
            assert!(Instant::now() < deadline, "it stands as {stands:?} and never was {wanted:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// How many uploads reached PyPI.
    pub(super) fn uploads(&self) -> usize {
        self.sim.log().requests().iter().filter(|request| request.uri.path() == "/legacy/").count()
    }

    /// The bodies of what the owner was told.
    pub(super) fn told(&self) -> Vec<String> {
        self.hook.posts().iter().map(|post| String::from_utf8_lossy(&post.body).into_owned()).collect()
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A copy of the store, gone when it is dropped.
struct Copy {
    store: Store,
    _dir: tempfile::TempDir,
}
