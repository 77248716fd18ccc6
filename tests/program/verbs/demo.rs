//! The demo: what it says when the alert is there, what a developer installs without the gate and with it, and that it ends when it is
//! told to, whoever reads it.

use std::io::{BufRead, BufReader, Read, Write};
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Far longer than the alert takes, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);
/// Told to end, it ends about at once.
const SOON: Duration = Duration::from_secs(30);

/// It ends with the test, also with one that fails.
struct Demo(Child);

impl Deref for Demo {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Demo {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // One that has ended cannot be ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn demo(stdout: impl Into<Stdio>) -> Demo {
    started(&mut Command::new(super::NAMEWARDEN), stdout)
}

fn started(demo: &mut Command, stdout: impl Into<Stdio>) -> Demo {
    Demo(demo.arg("demo").stdout(stdout).stderr(Stdio::piped()).spawn().expect("starts"))
}

fn signal(demo: &Demo, name: &str) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", demo.id())).status();
    assert!(sent.expect("runs").success());
}

/// Ends with status 0 within moments, and without a word of trouble.
fn ends(mut demo: Demo, why: &str) {
    let told = Instant::now();
    let status = loop {
        if let Some(status) = demo.try_wait().expect("is ours") {
            break status;
        }
        if told.elapsed() > SOON {
            let _ = demo.kill();
            panic!("{why}: it did not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut trouble = String::new();
    demo.stderr.take().expect("piped").read_to_string(&mut trouble).expect("text");
    assert_eq!((status.code(), trouble.as_str()), (Some(0), ""), "{why}");
}

/// What it says until a line holds this.
fn read_until(demo: &mut Demo, wanted: &str) -> String {
    let (mut said, began) = (String::new(), Instant::now());
    let mut lines = BufReader::new(demo.stdout.take().expect("piped")).lines();
    while !said.contains(wanted) {
        assert!(began.elapsed() < PATIENCE, "it never said {wanted}:\n{said}");
        said.push_str(&lines.next().expect("it goes on").expect("text"));
        said.push('\n');
    }
    // The rest is nobody's: what is written to it must harm nothing.
    said
}

fn has_pip() -> bool {
    let asked = Command::new("python3").args(["-m", "pip", "--version"]).output();
    asked.is_ok_and(|said| said.status.success())
}

/// The stranger's with two indexes, the team's own through the gate, and a review of what is new.
fn installs(said: &str) {
    let acts = [
        " --extra-index-url ",
        "took torchtriton 3.0.0: the stranger's",
        "The gate stands in front of both",
        "took torchtriton 2.0.0: your own",
        "took nothing: ",
        "   1  acme-billings==1.0.0  ",
        "by 127.0.0.1",
    ];
    let places: Vec<Option<usize>> = acts.iter().map(|act| said.find(act)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {said}");
}

#[test]
fn it_says_what_to_try_and_ends_at_each_signal() {
    for name in ["INT", "TERM", "HUP"] {
        let mut program = Command::new(super::NAMEWARDEN);
        if name == "INT" {
            // A machine without pip.
            program.env("PATH", "/nonexistent");
        }
        let mut demo = started(&mut program, Stdio::piped());
        let said = read_until(&mut demo, "Ctrl-C ends it");
        assert!(said.contains("The alert has arrived by mail and by Slack."), "{said}");
        installs(&said);
        assert_eq!(said.contains("This machine has no pip"), name == "INT" || !has_pip(), "{said}");
        assert!(said.contains("torchtriton on PyPI: removed"), "{said}");
        let steps = ["planned (the daemon)", "approved (the configuration)", "sent to PyPI (the uploader)"];
        let steps = steps.into_iter().chain(["torchtriton on PyPI: ours"]).map(|step| said.find(step));
        assert!(steps.clone().all(|at| at.is_some()) && steps.is_sorted(), "{said}");
        let dir = std::env::temp_dir().join(format!("namewarden-demo-{}", demo.id()));
        let config = dir.join("namewarden.toml");
        let command = said.lines().find(|line| line.ends_with(" status")).expect("a command to try");
        assert!(command.contains(config.to_str().expect("text")), "{command}");
        let status = Command::new("sh").arg("-c").arg(command).output().expect("runs");
        let answer = String::from_utf8_lossy(&status.stdout).into_owned();
        assert!(answer.starts_with("NAMEWARDEN "), "{answer}");
        signal(&demo, name);
        ends(demo, name);
        assert!(!dir.exists(), "{name}: {} is left", dir.display());
    }
}

/// What comes back for a request, as text.
fn asked(address: &str, request: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

/// The value of a field of a form, or of a header's cookie.
fn between<'a>(text: &'a str, before: &str, after: char) -> &'a str {
    text.split_once(before)
        .and_then(|(_, rest)| rest.split(after).next())
        .unwrap_or_else(|| panic!("{before} in {text}"))
}

/// Five weeks went before, and each page has something of them.
fn is_worth_a_look(get: impl Fn(&str) -> String) {
    let pages: [(&str, &[&str]); 9] = [
        ("/", &["<h1", "acme-billings", "3 alerts to answer", "claim to approve", "name that is taken"]),
        ("/findings", &["acme-billings", "acme-invoices", "acme-internal-auth"]),
        ("/findings?state=closed", &["acme-biling", "acme-tax", "acme-vault", "torchtritons"]),
        ("/findings/acme-invoices", &["quickgrab", "99.0.0", "index pinned everywhere", "acknowledged"]),
        ("/inventory?exposure=taken", &["acme-invoices"]),
        ("/inventory?exposure=removed", &["acme-tax"]),
        ("/inventory?exposure=shielded", &["acme-kernels"]),
        ("/claims", &["acme-ledger"]),
        ("/reports?show=yes&since=2000-01-01", &["acme-invoices", "payments", "every event"]),
    ];
    for (path, wanted) in pages {
        let page = get(path);
        assert!(page.starts_with("HTTP/1.1 200 "), "{path}: {page}");
        for wanted in wanted {
            assert!(page.contains(wanted), "{path} has no {wanted}: {page}");
        }
    }
}

#[test]
fn its_link_signs_in_to_the_dashboard_once() {
    let mut demo = demo(Stdio::piped());
    let said = read_until(&mut demo, "/login/once?code=");
    assert!(!said.contains("The alert has arrived"), "whoever waits for it may look meanwhile: {said}");
    let link = said.lines().rev().find(|line| line.contains("/login/once?code=")).expect("a link").trim();
    let (address, path) = link.trim_start_matches("http://").split_once('/').expect("a path");
    let head = format!("host: {address}\r\nconnection: close\r\n");
    let page = asked(address, &format!("GET /{path} HTTP/1.1\r\n{head}\r\n"));
    assert!(page.starts_with("HTTP/1.1 200 "), "to open it is to see a button: {page}");
    let cookie = between(&page, "set-cookie: ", ';').to_owned();
    let (form, code) = (between(&page, "name=\"form\" value=\"", '"'), path.split_once("code=").expect("a code").1);
    let body = format!("form={form}&code={code}");
    let press = || {
        let length = body.len();
        let kind = "content-type: application/x-www-form-urlencoded";
        asked(
            address,
            &format!(
                "POST /login/once HTTP/1.1\r\n{head}cookie: {cookie}\r\n{kind}\r\ncontent-length: {length}\r\n\r\n{body}"
            ),
        )
    };
    let welcome = press();
    assert!(welcome.starts_with("HTTP/1.1 303 "), "{welcome}");
    let session = between(&welcome, "set-cookie: ", ';').to_owned();
    is_worth_a_look(|path| asked(address, &format!("GET {path} HTTP/1.1\r\n{head}cookie: {session}\r\n\r\n")));
    assert!(!press().starts_with("HTTP/1.1 303 "), "it works once");
    signal(&demo, "TERM");
    ends(demo, "after a visit");
}

/// The pipe is full from the start, and nobody reads.
#[test]
fn nobody_who_reads_it_holds_it_up() {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all(&[b'x'; 65_536]).expect("as much as it holds");
    let demo = demo(writer);
    std::thread::sleep(Duration::from_secs(8));
    signal(&demo, "TERM");
    ends(demo, "a full pipe");
    drop(reader);
}
