//! What the gate costs: beside nginx with the same bytes, beside an index without a gate, and beside other gates where they run.
//!
//!     cargo bench --bench gate -- [PORT] [NAME=URL]...
//!     cargo bench --bench gate -- install              # the installation alone
//!
//! Needs wrk, nginx and uv. Peers are given by the address of their simple API, with `PORT` as the one of the index that they ask
//! (`benches/peers/gate.sh` starts them). Prints figures and judges nothing.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

mod load;
#[path = "../daemon/process.rs"]
mod process;
mod upstream;

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use load::{Load, load, median};
use namewarden::upstream::{Egress, HttpClient};
use process::{busy, forget_peak, megabytes};
use reqwest::Client;

type Failure = Box<dyn Error>;

/// Projects that are asked for: nearly all of 20 files, and ten of 2,000.
const PROJECTS: usize = 10_000;
const LARGE: usize = 10;
/// Packages of one installation.
const PACKAGES: usize = 60;
/// Each in turns with the others.
const TURNS: usize = 5;
const SECONDS: u32 = 3;
/// As pip asks.
const PIP: [&str; 2] = ["Accept: application/vnd.pypi.simple.v1+json", "Accept-Encoding: gzip, deflate"];
const PLAIN: [&str; 1] = ["Accept: application/vnd.pypi.simple.v1+json"];

/// A process that ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // nginx ends its workers where it is asked to; it may have ended already.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let port = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(0);
    let peers: Vec<(&str, &str)> = arguments.iter().filter_map(|argument| argument.split_once('=')).collect();
    let dir = tempfile::tempdir()?;
    let upstream = format!("http://{}", upstream::start(port, PACKAGES).await?);
    let (gate, base) = gate(dir.path(), &upstream).await?;
    let timeout = Duration::from_secs(60);
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout };
    let client = HttpClient::of_files(&egress)?.raw().clone();
    if arguments.iter().any(|argument| argument == "install") {
        return install(dir.path(), &upstream, &base, &gate);
    }
    println!("at its start: {:.0} MB resident", megabytes(gate.0.id(), "VmRSS"));
    cold(&client, &upstream, &base).await?;
    fill(&client, &base, &gate).await?;
    let nginx = nginx(dir.path(), &client, &base).await?;
    forget_peak(gate.0.id());
    beside(&base, &nginx.1, &peers);
    let megabytes = |line| megabytes(gate.0.id(), line);
    println!("under load: {:.0} MB at most, {:.0} MB after it", megabytes("VmHWM"), megabytes("VmRSS"));
    install(dir.path(), &upstream, &base, &gate)
}

#[expect(clippy::disallowed_methods, reason = "the bench stands for the daemon that owns the connections")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

async fn gate(dir: &Path, upstream: &str) -> Result<(Running, String), Failure> {
    let port = free_port()?;
    let config = format!(
        "contact = \"sec@acme.example\"\ninventory = \"inventory.toml\"\n[pypi]\nbase = \"{upstream}\"\n[alert]\n\
         default_owner = \"sec\"\n[alert.email]\nhost = \"127.0.0.1\"\nfrom = \"namewarden@acme.example\"\n[gate]\n\
         listen = \"127.0.0.1:{port}\"\ncache = \"{}\"\nstate = \"gate\"\ncontrol_socket = \"gate.sock\"\n",
        dir.join("cache").display()
    );
    let names: Vec<String> = (0..1000).map(|number| format!("\"acme-{number}\"")).collect();
    let inventory = format!("[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [{}]\n", names.join(", "));
    std::fs::write(dir.join("namewarden.toml"), config)?;
    std::fs::write(dir.join("inventory.toml"), inventory)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
    // As its unit has it.
    command.env("MALLOC_ARENA_MAX", "2");
    command.args(["gate", "--config"]).arg(dir.join("namewarden.toml")).stderr(Stdio::null());
    let running = Running(command.spawn()?);
    listens(port).await;
    Ok((running, format!("http://127.0.0.1:{port}")))
}

async fn listens(port: u16) {
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asks as pip does.
async fn asked(client: &Client, url: &str) -> Result<Vec<u8>, Failure> {
    let request = client.get(url).header("accept", "application/vnd.pypi.simple.v1+json");
    Ok(request.header("accept-encoding", "gzip, deflate").send().await?.error_for_status()?.bytes().await?.to_vec())
}

/// Pages of 2,000 files that nobody asked for so far.
async fn cold(client: &Client, upstream: &str, base: &str) -> Result<(), Failure> {
    let mut over = Vec::new();
    for number in 0..11 {
        let path = format!("/simple/pages-2000-9{number}/");
        let began = Instant::now();
        asked(client, &format!("{upstream}{path}")).await?;
        let direct = began.elapsed();
        asked(client, &format!("{base}{path}")).await?;
        over.push((began.elapsed() - direct).as_secs_f64() * 1e3 - direct.as_secs_f64() * 1e3);
    }
    over.sort_by(f64::total_cmp);
    println!("a cold page of 2,000 files: {:.0} ms over the index, {:.0} at most", over[5], over[10]);
    Ok(())
}

/// Each page once; what stays resident is what keeping them costs.
async fn fill(client: &Client, base: &str, gate: &Running) -> Result<(), Failure> {
    let began = Instant::now();
    for number in 0..PROJECTS {
        let files = if number % (PROJECTS / LARGE) == 0 { 2000 } else { 1 + number % 39 };
        asked(client, &format!("{base}/simple/pages-{files}-{number}/")).await?;
    }
    let id = gate.0.id();
    let (took, processor) = (began.elapsed().as_secs_f64(), busy(id).as_secs_f64());
    println!(
        "{PROJECTS} pages, {LARGE} of 2,000 files: asked for in {took:.0} s ({processor:.1} s of processor time in all), {:.0} MB \
         resident, {:.0} MB at most",
        megabytes(id, "VmRSS"),
        megabytes(id, "VmHWM")
    );
    Ok(())
}

/// What is asked for, and how.
const ASKED: [(&str, &str, &[&str]); 3] = [
    ("page of 2,000 files, gzip", "/simple/pages-2000-0/", &PIP),
    ("page of 2,000 files, plain", "/simple/pages-2000-0/", &PLAIN),
    ("page of 20 files, gzip", "/simple/pages-20-19/", &PIP),
];

/// nginx with as many workers as the gate has, and the gate's own bytes.
async fn nginx(dir: &Path, client: &Client, base: &str) -> Result<(Running, String), Failure> {
    let (root, port) = (dir.join("root"), free_port()?);
    for (_, path, heads) in ASKED {
        let page = client.get(format!("{base}{path}")).header("accept", "application/vnd.pypi.simple.v1+json");
        let is_gzip = heads.len() > 1;
        let page = if is_gzip { page.header("accept-encoding", "gzip") } else { page };
        let file = root.join(path.trim_start_matches('/')).join(if is_gzip { "index.json.gz" } else { "index.json" });
        std::fs::create_dir_all(file.parent().ok_or("a directory")?)?;
        std::fs::write(file, page.send().await?.bytes().await?)?;
    }
    let plain = root.join("simple/pages-20-19/index.json");
    std::fs::write(plain, "{}")?;
    let workers = std::thread::available_parallelism()?;
    let config = format!(
        "worker_processes {workers}; daemon off; pid {0}/pid; error_log {0}/error.log; events {{ worker_connections 1024; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=1000;\n\
         types {{ application/vnd.pypi.simple.v1+json json; }}\n\
         server {{ listen 127.0.0.1:{port}; root {0}/root; index index.json; gzip_static on; }} }}\n",
        dir.display()
    );
    std::fs::write(dir.join("nginx.conf"), config)?;
    let running = Running(Command::new("nginx").arg("-c").arg(dir.join("nginx.conf")).spawn()?);
    listens(port).await;
    Ok((running, format!("http://127.0.0.1:{port}")))
}

fn beside(base: &str, nginx: &str, peers: &[(&str, &str)]) {
    println!("\nrequests/s, MB/s, in turns, median of {TURNS}");
    for (what, path, heads) in ASKED {
        let by = |(name, simple): &(&str, &str)| {
            (format!("{what}: {name}"), format!("{simple}{}", &path["/simple".len()..]))
        };
        let own =
            [(format!("{what}: gate"), format!("{base}{path}")), (format!("{what}: nginx"), format!("{nginx}{path}"))];
        turns(own.into_iter().chain(peers.iter().map(by)).collect(), heads);
    }
    let refused = ("a name of ours, refused".to_owned(), format!("{base}/simple/acme-7/"));
    let given = ("page of 2 files, given".to_owned(), format!("{base}/simple/pages-2-1/"));
    turns(vec![refused, given], &PIP);
}

/// Each in turn, and each as a part of the first.
fn turns(asked: Vec<(String, String)>, heads: &[&str]) {
    let mut loads = vec![Vec::new(); asked.len()];
    for _ in 0..TURNS {
        for ((_, url), loads) in asked.iter().zip(&mut loads) {
            loads.push(load(url, heads, SECONDS));
        }
    }
    let loads: Vec<Load> = loads.into_iter().map(median).collect();
    for ((what, _), of) in asked.iter().zip(&loads) {
        let mut line = format!("{what}: {:.0}/s, {:.0} MB/s", of.requests, of.bytes / 1e6);
        let _ = write!(
            line,
            "; the first is {:.2} of it, {:.2} in bytes",
            loads[0].requests / of.requests,
            loads[0].bytes / of.bytes
        );
        let _ = write!(
            line,
            "{}",
            if of.failed > 0.0 { format!(" ({} not of the 200s)", of.failed) } else { String::new() }
        );
        println!("{line}");
    }
}

/// uv installs all packages from the index, and through the gate, which has them all by then.
fn install(dir: &Path, upstream: &str, base: &str, gate: &Running) -> Result<(), Failure> {
    let (mut times, mut before) = ([Vec::new(), Vec::new()], Duration::ZERO);
    for turn in 0..=TURNS * 2 {
        for (root, times) in [upstream, base].into_iter().zip(&mut times) {
            let target = dir.join("target");
            let began = Instant::now();
            let uv = Command::new("uv")
                .args(["pip", "install", "--no-cache", "--no-config", "--quiet", "--link-mode=copy", "--index-url"])
                .arg(format!("{root}/simple/"))
                .arg("--target")
                .arg(&target)
                .arg("package-0")
                .status()?;
            let took = began.elapsed().as_secs_f64();
            std::fs::remove_dir_all(&target)?;
            if !uv.success() {
                return Err(format!("uv could not install from {root}").into());
            }
            // The first fills the gate.
            times.extend((turn > 0).then_some(took));
        }
        before = if turn == 0 { busy(gate.0.id()) } else { before };
    }
    let processor = (busy(gate.0.id()) - before).as_secs_f64() / (TURNS * 2) as f64;
    times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
    let [direct, gated] = times.map(|times| times[TURNS]);
    println!(
        "\nuv installs {PACKAGES} packages: {direct:.3} s from the index, {gated:.3} s through the gate: {:.2}; {:.0} ms of the \
         gate's processor time",
        gated / direct,
        processor * 1e3
    );
    Ok(())
}
