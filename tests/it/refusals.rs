//! A state directory that must not be touched.

use namewarden::daemon::BootError;
use namewarden::store::{LockError, StoreError};

use crate::world::{Setup, World};

#[tokio::test]
async fn a_second_daemon_is_refused_and_told_the_pid_of_the_first() {
    let mut world = World::new().await;
    let refused = world.boot_second().await.expect_err("the directory is taken");
    assert!(matches!(refused, BootError::Store(StoreError::Lock(LockError::Held { .. }))), "{refused}");
    assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_and_not_changed() {
    let mut world = World::new().await;
    world.stop().await;
    let file = world.dir().join("state/namewarden.db");
    let conn = rusqlite::Connection::open(&file).expect("opens");
    conn.pragma_update(None, "user_version", 99).expect("sets");
    drop(conn);
    let before = std::fs::read(&file).expect("reads");
    let refused = world.boot().await.expect_err("it is newer than the program");
    assert!(matches!(refused, BootError::Store(StoreError::FromTheFuture { found: 99, .. })), "{refused}");
    assert_eq!(std::fs::read(&file).expect("reads"), before);
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let mut world = Setup::default().set().await;
    std::fs::create_dir(world.dir().join("state")).expect("made");
    std::fs::write(world.dir().join("state/namewarden.db"), vec![7_u8; 8192]).expect("written");
    let refused = world.boot().await.expect_err("it is no database");
    assert!(matches!(refused, BootError::Store(StoreError::Corrupt { .. })), "{refused}");
}
