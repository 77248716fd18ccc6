//! Uploads: our client, twine and uv against the simulated PyPI, and our client against servers that misbehave.

mod commands;
mod nasty;
mod refusals;
mod settling;
mod trusted;

use std::time::Duration;

use chrono::DateTime;
use namewarden::clock::Clock;
use namewarden::config::Secret;
use namewarden::model::{ProjectName, Serial, Time};
use namewarden::registry::pypi::upload::{Answered, Distribution, Login, UploadReply, Uploader};
use namewarden::sim::world::files_of;
use namewarden::sim::{Options, Order, Sim, World};
use namewarden::upstream::{Egress, HttpClient};

/// The token of `acme-bot` for its entire account.
const TOKEN: &str = "pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4";

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

fn at(second: i64) -> Time {
    DateTime::from_timestamp(second, 0).expect("in range")
}

/// A day that the simulator's clock is held at.
fn day(number: i64) -> Time {
    at(1_787_331_457 + number * 86_400)
}

/// A PyPI with one project of a stranger, and our token.
async fn sim() -> Sim {
    let mut world = World::empty(Order::default(), Serial(41_000_000));
    world.upload("other", "1.0", "a stranger's", "mallory", day(0)).expect("free");
    world.accounts.give_token(TOKEN, "acme-bot");
    let sim = Sim::start(world, Options::default()).await.expect("a free port");
    sim.hold_clock(day(1));
    sim
}

fn unmoved(timeout: Duration) -> HttpClient {
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout };
    HttpClient::unmoved(&egress).expect("a client")
}

fn uploader(base: &str) -> Uploader {
    let address = format!("{base}/legacy/");
    Uploader::new(&address, unmoved(Duration::from_secs(5)), Clock::System).expect("a loopback address")
}

fn login(token: &str) -> Login {
    Login::token(Secret::new(token))
}

/// A real wheel, made in a world of its own.
fn wheel(display: &str, version: &str) -> Distribution {
    let mut world = World::default();
    world.upload(display, version, "Says whose the name is", "acme-bot", day(0)).expect("free");
    let release = world.release_of(&name(display), version).expect("there");
    let file = files_of(&name(display), &release).remove(0);
    let metadata = String::from_utf8(file.metadata.as_ref().expect("a wheel").to_vec()).expect("text");
    Distribution::new(&file.filename, file.bytes.to_vec(), &metadata).expect("a wheel")
}

fn metadata(display: &str, version: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {display}\nVersion: {version}\nSummary: Says whose the name is\n")
}

/// A real source distribution.
fn sdist(display: &str, version: &str) -> Distribution {
    let stem = format!("{}-{version}", name(display).as_str().replace('-', "_"));
    let text = metadata(display, version);
    let content = tarball(&[(&format!("{stem}/PKG-INFO"), &text), (&format!("{stem}/pyproject.toml"), "")]);
    Distribution::new(&format!("{stem}.tar.gz"), content, &text).expect("an sdist")
}

fn tarball(entries: &[(&str, &str)]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (path, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, content.as_bytes()).expect("in memory");
    }
    archive.into_inner().and_then(flate2::write::GzEncoder::finish).expect("in memory")
}

/// The file of this distribution with other content, and the digests of it.
fn with_content(file: &Distribution, content: impl Into<Vec<u8>>) -> Distribution {
    let version = file.version.to_string();
    let text = metadata(file.metadata.get("name").expect("a name"), &version);
    Distribution::new(&file.filename, content.into(), &text).expect("a file")
}

/// The same file with other metadata in its form.
fn saying(file: &Distribution, text: &str) -> Distribution {
    Distribution::new(&file.filename, file.content.clone(), text).expect("a file")
}

async fn upload(sim: &Sim, file: &Distribution) -> Answered {
    uploader(sim.base_url()).upload(&login(TOKEN), file).await
}

fn accepted() -> UploadReply {
    UploadReply::Accepted { warnings: Vec::new() }
}
