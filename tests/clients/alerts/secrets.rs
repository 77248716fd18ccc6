//! The daemon towards receivers that quote whatever they were sent: no secret is in its log, its store or its answers.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use namewarden::sim::{Loader, Options, Order, Sim};

const PASSWORD: &str = "gehe/im+pass=wort";
/// As base64 has them, alone and behind `\0nw\0`.
const CODED: [&str; 2] = ["Z2VoZS9pbStwYXNzPXdvcnQ", "AG53AGdlaGUvaW0rcGFzcz13b3J0"];
const TOKEN: &str = "xyzzy%2Dplugh%2Dtoken";
/// What must be found nowhere, in small letters.
const SECRETS: [&str; 6] = ["gehe/im", "gehe%2fim", "z2vozs9pbst", "ag53agdlaguv", "xyzzy%2dplugh", "xyzzy-plugh"];

/// Serves each connection with `talk`, until the test ends.
fn serve(talk: fn(TcpStream) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // Whoever leaves early has heard enough.
            let _ = talk(stream);
        }
    });
    port
}

/// A mail server that quotes the login in its refusal, in every form.
fn quoting_mail(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"220 sink\r\n")?;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        let reply = match line.get(..4) {
            Some("EHLO") => "250-sink\r\n250 AUTH PLAIN\r\n".to_owned(),
            Some("AUTH") => {
                let percent = "gehe%2Fim%2Bpass%3Dwort";
                format!("535-{line}\r\n535-{PASSWORD}\r\n535 {percent} {} {}\r\n", CODED[0], CODED[1])
            }
            _ => "250 ok\r\n".to_owned(),
        };
        stream.write_all(reply.as_bytes())?;
    }
    Ok(())
}

/// A page that quotes the path it was asked for, as it came and decoded.
fn quoting_page(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = vec![0; 64 << 10];
    let read = stream.read(&mut request)?;
    let head = String::from_utf8_lossy(&request[..read]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let page = format!("Cannot POST {path} ({})", path.replace("%2D", "-"));
    write!(stream, "HTTP/1.1 500 Oops\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}", page.len())
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

fn configure(dir: &Path, pypi: &str) {
    let (mail, hook) = (serve(quoting_mail), serve(quoting_page));
    write(dir, "password", PASSWORD);
    write(dir, "hook", &format!("http://127.0.0.1:{hook}/services/T0AAAAAA/{TOKEN}"));
    write(
        dir,
        "inventory.toml",
        "[owners.security]\nemail = [\"a@acme.example\"]\nslack = [\"s\"]\nnames = [\"acme-billing==1.0\"]\n",
    );
    write(
        dir,
        "namewarden.toml",
        &format!(
            "contact = \"sec@acme.example\"\nstate_dir = \"state\"\n[pypi]\nbase = \"{pypi}\"\n\
             [alert]\ndefault_owner = \"security\"\nundelivered_after = \"1s\"\n\
             [alert.email]\nhost = \"127.0.0.1\"\nport = {mail}\ntls = \"none\"\nfrom = \"nw@acme.example\"\n\
             username = \"nw\"\npassword_file = \"password\"\n\
             [alert.slack.s]\nurl_file = \"hook\"\n[control]\nsocket = \"c.sock\"\n"
        ),
    );
}

fn namewarden(dir: &Path, verb: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
    command.args(verb).arg("--config").arg(dir.join("namewarden.toml"));
    for variable in ["JOURNAL_STREAM", "NOTIFY_SOCKET", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"] {
        command.env_remove(variable);
    }
    command
}

fn said(dir: &Path, verb: &[&str]) -> String {
    let output = namewarden(dir, verb).output().expect("it runs");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn look_for_secrets(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let found: Vec<_> = SECRETS.iter().filter(|secret| text.contains(**secret)).collect();
    assert!(found.is_empty(), "{found:?} in {place}");
}

/// The index answers while a verb is waited for, so it has a thread of its own.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_found_in_the_log_the_store_or_an_answer() {
    let dir = tempfile::tempdir().expect("a directory");
    let sim = Sim::start(Loader::sample().world(Order::default()), Options::default()).await.expect("a free port");
    configure(dir.path(), sim.base_url());
    let log = dir.path().join("log");
    let out = fs::File::create(&log).expect("a file");
    let daemon = namewarden(dir.path(), &["run"]).stdout(Stdio::null()).stderr(out).spawn().expect("it starts");
    let daemon = Daemon(daemon);
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let text = fs::read_to_string(&log).expect("a log");
        if text.contains("535 ") && text.contains("Cannot POST") {
            break;
        }
        assert!(Instant::now() < deadline, "both channels were to be tried: {text}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for verb in [&["status"][..], &["status", "--format", "json"], &["doctor"], &["config", "check"]] {
        look_for_secrets(&verb.join(" "), said(dir.path(), verb).as_bytes());
    }
    assert!(said(dir.path(), &["doctor"]).contains("AUTH: 535"), "doctor says what the mail server said");
    drop(daemon);
    let mut files = vec![log];
    files.extend(fs::read_dir(dir.path().join("state")).expect("a store").flatten().map(|entry| entry.path()));
    assert!(files.iter().any(|path| path.ends_with("namewarden.db")));
    for path in files.iter().filter(|path| path.is_file()) {
        look_for_secrets(&path.display().to_string(), &fs::read(path).expect("readable"));
    }
}
