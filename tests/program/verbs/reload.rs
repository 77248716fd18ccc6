//! The directory of the configuration is moved away under the daemon, and comes back.

use std::process::Command;

use super::{Daemon, NAMEWARDEN, Scene, text};

/// Everything a deployment would move at once, in a directory of its own; state and socket are elsewhere.
fn apart(scene: &Scene) -> std::path::PathBuf {
    let etc = scene.path().join("etc");
    std::fs::create_dir(&etc).expect("made");
    let elsewhere = |name: &str| scene.path().join(name).display().to_string();
    let configuration = scene
        .configuration()
        .replace("state_dir = \"state\"", &format!("state_dir = \"{}\"", elsewhere("state")))
        .replace("\"control.sock\"", &format!("\"{}\"", elsewhere("control.sock")));
    std::fs::write(etc.join("namewarden.toml"), configuration).expect("written");
    std::fs::rename(scene.path().join("inventory.toml"), etc.join("inventory.toml")).expect("moved");
    std::fs::remove_file(scene.path().join("namewarden.toml")).expect("removed");
    etc
}

fn hang_up(daemon: &Daemon) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -HUP {}", daemon.0.id())).status();
    assert!(sent.expect("sh runs").success(), "the process stands to be signalled");
}

/// Runs a verb by the configuration in that directory.
async fn verb(etc: &std::path::Path, word: &str) -> (Option<i32>, String) {
    let mut command = Command::new(NAMEWARDEN);
    command.arg(word).arg("--config").arg(etc.join("namewarden.toml"));
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("starts");
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_whose_directory_is_gone_is_told_and_the_watch_goes_on() {
    let scene = Scene::new().await;
    let etc = apart(&scene);
    let daemon = scene.daemon_by(&etc.join("namewarden.toml")).await;
    scene.mailed("namewarden watches").await;
    let away = scene.path().join("away");
    std::fs::rename(&etc, &away).expect("moved");
    hang_up(&daemon);
    scene.mailed("configuration is broken").await;
    let (status, said) = verb(&etc, "reload").await;
    assert!(
        status == Some(78) && said.contains("namewarden.toml"),
        "nobody knows where the daemon is: {status:?} {said}"
    );
    scene.sim.world().upload("acme-billing", "3.0", "", "mallory", namewarden::sim::Sim::now()).expect("free");
    scene.mailed("acme-billing").await;
    std::fs::rename(&away, &etc).expect("moved");
    hang_up(&daemon);
    scene.mailed("well again: inventory-broken").await;
    let unchanged = "the configuration is unchanged\nthe inventory is unchanged\n";
    assert_eq!(verb(&etc, "reload").await, (Some(0), unchanged.to_owned()));
}
