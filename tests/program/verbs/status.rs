//! `status` as Nagios asks it: the first line, the figures, and what each exit status means.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use namewarden::sim::Sim;
use namewarden::sim::sink::SmtpMood;
use serde_json::Value;

use super::{Scene, text};

/// The first line, when it ended with this status.
async fn first_line(scene: &Scene, status: i32) -> String {
    let said = scene.said(&["status"], status).await;
    said.lines().next().unwrap_or_default().to_owned()
}

/// The same, as soon as it says this and ends so. One that says it of a daemon which starts may be asked once more and find that at its start.
async fn as_soon_as(scene: &Scene, wanted: &str, status: i32) -> String {
    let began = Instant::now();
    loop {
        let output = scene.verb(&["status"]).await;
        let said = text(&output.stdout);
        if said.contains(wanted) && !said.contains("no daemon") && output.status.code() == Some(status) {
            return said.lines().next().unwrap_or_default().to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "never {wanted:?} with {status}, but {said}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_line_comes_first_with_figures_for_graphs() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    let line = as_soon_as(&scene, "OK - well; every event to serial ", 0).await;
    let (said, figures) = line.split_once(" | ").expect("figures");
    assert!(said.starts_with("NAMEWARDEN OK - well; every event to serial "), "{line}");
    for figure in figures.split(' ') {
        let (label, rest) = figure.split_once('=').expect("label=value");
        let value: String = rest.chars().take_while(char::is_ascii_digit).collect();
        assert!(!label.is_empty() && !value.is_empty(), "{figure}");
    }
    assert!(figures.contains("pages_open=0;") && figures.contains("age="), "{figures}");
    let json: Value = serde_json::from_str(&scene.said(&["status", "--format", "json"], 0).await).expect("JSON");
    assert_eq!((json["version"].as_u64(), json["level"].as_str()), (Some(1), Some("ok")));
    assert_eq!(json["worries"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_is_not_well_and_one_past_its_time_is_critical() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    as_soon_as(&scene, "OK - well", 0).await;
    scene.sim.world().upload("acme-billing", "3.0", "mine now", "mallory", Sim::now()).expect("free");
    let open = as_soon_as(&scene, "1 page open, 1 unacknowledged", 0).await;
    assert!(open.starts_with("NAMEWARDEN OK - 1 page open") && !open.contains("well"), "{open}");
    drop(daemon);
    scene.write("namewarden.toml", &scene.configuration().replace("[alert]\n", "[alert]\nescalate_after = \"1s\"\n"));
    let _daemon = scene.daemon().await;
    let late = as_soon_as(&scene, "nobody acknowledged", 2).await;
    assert!(late.starts_with("NAMEWARDEN CRITICAL - 1 page is overdue"), "{late}");
    scene.said(&["findings", "ack", "acme-billing"], 0).await;
    let acknowledged = as_soon_as(&scene, "1 page open, 0 unacknowledged", 0).await;
    assert!(!acknowledged.contains("well"), "{acknowledged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undelivered_is_a_warning() {
    let scene = Scene::new().await;
    scene.write(
        "namewarden.toml",
        &scene.configuration().replace("[alert]\n", "[alert]\nundelivered_after = \"1s\"\ncanary = false\n"),
    );
    scene.mail.set_mood(SmtpMood::Down);
    let _daemon = scene.daemon().await;
    let line = as_soon_as(&scene, "undelivered:email", 1).await;
    assert!(line.starts_with("NAMEWARDEN WARNING - undelivered:email since "), "{line}");
}

/// A daemon that hangs is as bad as none.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_answers_is_critical() {
    let scene = Scene::new().await;
    let line = first_line(&scene, 2).await;
    assert!(line.starts_with("NAMEWARDEN CRITICAL - no daemon is running; there is no store"), "{line}");
    let daemon = scene.daemon().await;
    as_soon_as(&scene, "OK - well", 0).await;
    signal(&daemon, "STOP");
    let line = first_line(&scene, 2).await;
    let (socket, pid) = (scene.path().join("control.sock"), daemon.0.id());
    let said = format!(
        "NAMEWARDEN CRITICAL - the daemon at {} (process {pid}) does not answer within 10 s: ",
        socket.display()
    );
    assert!(line.starts_with(&said), "{line}");
    assert!(line.contains(&format!("it is stopped, and `kill -CONT {pid}` lets it go on")), "{line}");
    let json: Value = serde_json::from_str(&scene.said(&["status", "--format", "json"], 2).await).expect("JSON");
    assert_eq!(json["level"].as_str(), Some("critical"));
    signal(&daemon, "CONT");
    drop(daemon);
    let line = first_line(&scene, 2).await;
    assert!(line.starts_with("NAMEWARDEN CRITICAL - no daemon is running on this store"), "{line}");
}

fn signal(daemon: &super::Daemon, name: &str) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", daemon.0.id())).status();
    assert!(sent.expect("runs").success());
    std::thread::sleep(Duration::from_millis(100));
}

fn run(words: &[&str]) -> Output {
    Command::new(super::NAMEWARDEN).args(words).output().expect("runs")
}

/// Whoever cannot tell says so in the first line, and no other verb's usage changes.
#[test]
fn what_cannot_be_told_is_unknown() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = dir.path().join("namewarden.toml");
    let path = config.to_str().expect("text");
    let cannot_tell = |words: &[&str], wanted: &str| {
        let output = run(words);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{words:?}: {said}{}", text(&output.stderr));
        let first = said.lines().next().unwrap_or_default();
        assert!(first.starts_with("NAMEWARDEN UNKNOWN - ") && first.contains(wanted), "{words:?}: {first}");
    };
    cannot_tell(&["status", "--config", path], "namewarden.toml");
    std::fs::write(&config, "contact = 7\n").expect("written");
    cannot_tell(&["--config", path, "status"], "contact");
    std::fs::write(&config, [0xff, 0xfe, 0x00]).expect("written");
    cannot_tell(&["status", "--config", path], "namewarden.toml");
    for words in
        [&["status", "--bogus"][..], &["status", "more"], &["status", "--format", "xml"], &["status", "--config"]]
    {
        cannot_tell(words, "wrong usage");
    }
    assert_eq!(run(&["doctor", "--bogus"]).status.code(), Some(2));
    assert_eq!(run(&["stat"]).status.code(), Some(2));
    assert_eq!(run(&["status", "--help"]).status.code(), Some(0));
}

/// The live view on a terminal of its own (script(1)), which types what is written to it.
fn watching(scene: &Scene) -> Child {
    let config = scene.path().join("namewarden.toml");
    let line = format!(
        "stty cols 110 rows 30; exec {} status --watch --every 1 --config {}",
        super::NAMEWARDEN,
        config.display()
    );
    // Whoever waits for words that never come is not to wait for ever.
    let mut terminal = Command::new("timeout");
    terminal.args(["120", "script", "--quiet", "--flush", "--return", "--command", &line, "/dev/null"]);
    terminal.env("TERM", "xterm").env_remove("NO_COLOR");
    terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script is there")
}

/// All that it draws until it says this; none of it is drawn twice.
fn until(terminal: &mut Child, wanted: &str) -> String {
    let (out, mut drawn, mut some) = (terminal.stdout.as_mut().expect("piped"), Vec::new(), [0; 4096]);
    while !text(&drawn).contains(wanted) {
        let read = out.read(&mut some).expect("reads");
        assert!(read > 0, "it ended before it said {wanted:?}:\n{}", text(&drawn));
        drawn.extend_from_slice(&some[..read]);
    }
    text(&drawn)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_view_shows_what_happens_and_leaves_the_terminal_as_it_was() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    as_soon_as(&scene, "OK - well", 0).await;
    let mut terminal = watching(&scene);
    let looked = tokio::task::spawn_blocking(move || (until(&mut terminal, "no case needs anybody"), terminal));
    let (first, mut terminal) = looked.await.expect("it is drawn");
    assert!(first.contains("\u{1b}[?1049h") && first.contains("NAMEWARDEN OK"), "{first}");
    scene.sim.world().upload("acme-billing", "3.0", "mine now", "mallory", Sim::now()).expect("free");
    let looked = tokio::task::spawn_blocking(move || (until(&mut terminal, "takes it"), terminal));
    let (_, mut terminal) = looked.await.expect("the case is drawn");
    drop(daemon);
    let looked = tokio::task::spawn_blocking(move || (until(&mut terminal, "nobody says how it stands"), terminal));
    let (_, mut terminal) = looked.await.expect("nobody answers");
    terminal.stdin.as_mut().expect("piped").write_all(b"q").expect("typed");
    let ended = tokio::task::spawn_blocking(move || terminal.wait_with_output()).await.expect("runs").expect("ends");
    assert_eq!(ended.status.code(), Some(0));
    assert!(text(&ended.stdout).contains("\u{1b}[?1049l"), "the screen from before is back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_view_needs_a_terminal() {
    let scene = Scene::new().await;
    let output = scene.verb(&["status", "--watch"]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("--watch needs a terminal"), "{}", text(&output.stderr));
}
