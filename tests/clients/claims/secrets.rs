//! The token is nowhere but in its file and, for a moment, in the process that sends it.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use namewarden::model::claim::ClaimState;

use super::stage::{NAME, Stage, TOKEN};
use crate::crash::program::Program;

/// The token as it may stand somewhere: as it is, and as HTTP sends it.
fn forms() -> [Vec<u8>; 2] {
    let sent = STANDARD.encode(format!("__token__:{TOKEN}"));
    [TOKEN.as_bytes().to_vec(), sent.trim_end_matches('=').as_bytes().to_vec()]
}

fn holds(bytes: &[u8]) -> bool {
    forms().iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    // The control socket is none.
    entries.flat_map(below).filter(|path| path.is_file()).collect()
}

/// Everything that a process has in its memory, as far as its own user may read it.
fn memory(pid: u32) -> Vec<u8> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("it runs");
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).expect("its own user may");
    let mut all = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_whitespace().next().and_then(|range| range.split_once('-')).expect("a range");
        let at = |hex: &str| u64::from_str_radix(hex, 16).expect("hex");
        let mut part = vec![0; usize::try_from(at(to) - at(from)).expect("fits")];
        // Some ranges are the kernel's.
        if memory.seek(SeekFrom::Start(at(from))).is_ok() && memory.read_exact(&mut part).is_ok() {
            all.extend(part);
        }
    }
    all
}

/// What `/proc` shows of a process to whoever may look.
fn shown(pid: u32) -> Vec<u8> {
    let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    ["cmdline", "environ", "status", "comm", "limits", "mountinfo"].map(read).concat()
}

fn said(program: &Program) -> String {
    program.lines().into_iter().map(|line| line.text + "\n").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_in_no_log_store_backup_message_or_process_but_the_uploaders() {
    let stage = Stage::set().await;
    let (daemon, uploader) = (stage.daemon(None), stage.uploader(None));
    stage.until(ClaimState::Ours).await;
    // An answer that speaks of the token, too: it is revoked, and the next package is refused.
    stage.write("pypi-token", &format!("{TOKEN}x"));
    let backup = Command::new(env!("CARGO_BIN_EXE_namewarden"))
        .args(["store", "backup", "copy.db", "--config"])
        .arg(stage.config())
        .output()
        .expect("runs");
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    stage.write("pypi-token", TOKEN);
    let memory = memory(daemon.pid());
    assert!(memory.len() > 1 << 20, "the memory of the daemon was not read");
    assert!(!holds(&memory), "the daemon has the token");
    for program in [&daemon, &uploader] {
        assert!(!holds(&shown(program.pid())), "/proc shows the token");
        assert!(!holds(said(program).as_bytes()), "the log has the token:\n{}", said(program));
    }
    assert!(said(&uploader).contains("is sent"), "{}", said(&uploader));
    uploader.stop().await;
    daemon.stop().await;
    let looked = files(stage.dir());
    assert!(looked.iter().any(|path| path.ends_with("copy.db")), "{looked:?}");
    for path in looked.iter().filter(|path| !path.ends_with("pypi-token")) {
        assert!(!holds(&fs::read(path).expect("reads")), "{} has the token", path.display());
    }
    assert!(stage.told().iter().all(|body| !holds(body.as_bytes())), "an owner was sent the token");
    assert!(holds(&fs::read(stage.dir().join("pypi-token")).expect("reads")), "the search finds what is there");
    let trail = format!("{:?}", stage.trail(NAME).await);
    assert!(!holds(trail.as_bytes()));
}

/// What is said of a token that PyPI does not take, or that cannot be read, never quotes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_or_missing_is_not_quoted_and_everything_stops() {
    let stage = Stage::set().await;
    let wrong = format!("{TOKEN}revoked");
    stage.write("pypi-token", &wrong);
    let (daemon, uploader) = (stage.daemon(None), stage.uploader(None));
    let halted = crate::crash::wait_for("the page", super::stage::PATIENCE, || {
        stage.told().into_iter().find(|body| body.contains("claims-stopped"))
    });
    let halted = halted.await;
    assert!(!halted.contains(&wrong) && !said(&uploader).contains(&wrong) && !said(&daemon).contains(&wrong));
    assert_eq!(stage.uploads(), 1, "nothing more is tried with it");
    uploader.stop().await;
    daemon.stop().await;
    fs::remove_file(stage.dir().join("pypi-token")).expect("removed");
    let (status, said) = stage.once().await;
    assert_eq!(status, Some(78), "a restart cannot help: {said}");
    assert!(said.contains("pypi-token") && said.contains("write the secret"), "{said}");
}

/// Aborted with the token in its memory, and with leave to write a core of any size.
#[tokio::test(flavor = "multi_thread")]
async fn no_core_of_the_uploader_is_written() {
    let stage = Stage::set().await;
    let daemon = stage.daemon(None);
    stage.has_socket().await;
    let aborts = |verb: &str, step: &str| {
        let command = format!(
            "ulimit -c unlimited; exec {} {verb} --crash-at {step} --config {}",
            env!("CARGO_BIN_EXE_namewarden"),
            stage.config().display()
        );
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command).current_dir(stage.dir()).stderr(Stdio::null());
        shell.status().expect("runs")
    };
    let uploader = aborts("claim upload", "claim-answered");
    assert_eq!((uploader.signal(), uploader.core_dumped()), (Some(6), false));
    for path in files(stage.dir()).iter().filter(|path| !path.ends_with("pypi-token")) {
        assert!(!holds(&fs::read(path).expect("reads")), "{} has the token", path.display());
    }
    daemon.stop().await;
}
