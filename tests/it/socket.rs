//! The control socket among strangers: half a request, none at all, a thousand of them, a second daemon.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use namewarden::api::v1::Command;
use namewarden::api::v1::resource::{Shape, request};
use namewarden::upstream::local;
use serde_json::{Value, json};

use crate::world::World;

/// As a verb asks: the command as a request of the API.
pub(crate) async fn ask(world: &World, command: &Value) -> (u16, Value) {
    let asked: Command = serde_json::from_value(command.clone()).unwrap_or_else(|error| panic!("{command}: {error}"));
    let asked = request(&asked).unwrap_or_else(|| panic!("{command} has a place"));
    let socket = world.dir().join("control.sock");
    let told = local::ask(&socket, asked.method.as_str(), &asked.target, asked.body).await.expect("an answer");
    match (told.status, asked.shape) {
        (200, Shape::Text) => (200, json!({"text": String::from_utf8_lossy(&told.body)})),
        (status, _) => (status, serde_json::from_slice(&told.body).expect("JSON")),
    }
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("readable").count()
}

#[tokio::test]
async fn hundreds_who_connect_and_say_half_a_word_cost_few_descriptors_and_stop_nobody() {
    let mut world = World::new().await;
    let before = descriptors();
    let mut half_open = Vec::new();
    for n in 0..400 {
        let mut stream = UnixStream::connect(world.dir().join("control.sock")).expect("accepted");
        if n % 2 == 0 {
            stream.write_all(b"POST /api/v1/decisions HTTP/1.1\r\ncontent-length: 100\r\n\r\n{").expect("written");
        }
        half_open.push(stream);
        tokio::task::yield_now().await;
    }
    let (status, said) = ask(&world, &json!({"command": "status"})).await;
    assert_eq!((status, &said["running"]), (200, &json!(true)), "{said}");
    let taken = descriptors() - before - half_open.len();
    assert!(taken < 120, "{taken} descriptors of the daemon's");
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let mut first = &half_open[0];
    first.set_read_timeout(Some(Duration::from_secs(1))).expect("set");
    let said = first.read(&mut [0]);
    // Linux says a reset where the half word had not been read by then.
    let is_gone = said.as_ref().map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |read| *read == 0);
    assert!(is_gone, "the first to be silent had to go: {said:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_request_that_is_too_long_or_of_nothing_is_refused() {
    let (world, long) = (World::new().await, vec![b' '; 70_000]);
    let socket = world.dir().join("control.sock");
    for (path, body, refused) in [("/api/v1/make-coffee", Vec::new(), 404), ("/api/v1/decisions", long, 413)] {
        let (status, _) = local::post(&socket, path, body).await.expect("an answer");
        assert_eq!(status, refused, "{path}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_daemon_with_another_state_directory_cannot_take_the_socket() {
    let mut world = World::new().await;
    let text = std::fs::read_to_string(world.dir().join("namewarden.toml")).expect("readable");
    world.write("other.toml", &text.replace("state_dir = \"state\"", "state_dir = \"other\""));
    let environment = namewarden::config::Environment::default();
    let settings = namewarden::config::load(&world.dir().join("other.toml"), &environment).expect("valid");
    let second = namewarden::daemon::boot(settings, world.clock.clone()).await.expect("a directory of its own");
    let refused = namewarden::daemon::run(second).await.expect_err("the socket is taken");
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    let (status, _) = ask(&world, &json!({"command": "cursor"})).await;
    assert_eq!(status, 200, "the first daemon still answers");
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

/// What nobody can store is said to whoever asks, and the other answers still come.
#[tokio::test]
async fn a_store_that_is_locked_is_among_what_is_unwell() {
    let mut world = World::new().await;
    let theirs = rusqlite::Connection::open(world.dir().join("state/namewarden.db")).expect("opens");
    theirs.execute_batch("BEGIN IMMEDIATE").expect("locked");
    world.register("acme-billing", "mallory");
    world.until("it is noticed", async |w| w.engine().store.trouble().is_some()).await;
    let (status, said) = ask(&world, &json!({"command": "health"})).await;
    assert_eq!((status, &said["items"][0]["what"]), (200, &json!("store-unusable")), "{said}");
    assert!(said["items"][0]["detail"].as_str().is_some_and(|detail| detail.contains("locked")), "{said}");
    theirs.execute_batch("ROLLBACK").expect("free again");
    world.expect_mail("registered", "acme-billing").await;
    world.until("nobody waits any more", async |w| w.engine().store.trouble().is_none()).await;
    let (_, said) = ask(&world, &json!({"command": "health"})).await;
    assert_eq!(said, json!({"items": [], "next": null}));
    world.finish().await;
}
