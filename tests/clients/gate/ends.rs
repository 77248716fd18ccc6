//! Signals to a gate that runs.

use std::process::Command;
use std::time::{Duration, Instant};

use super::{INVENTORY, JSON, Stage};

/// Sooner than anything is read again by itself.
const AT_ONCE: Duration = Duration::from_secs(20);

impl Stage {
    fn signal(&self, which: &str) {
        let sent = Command::new("kill").args([which, &self.gate.id().to_string()]).status();
        assert!(sent.expect("runs").success(), "it is there");
    }
}

#[tokio::test]
async fn a_hangup_reads_the_inventory_again_and_ends_nothing() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200);
    let began = Instant::now();
    let inventory = INVENTORY.replace("\"acme-planned\"", "\"acme-planned\", \"widgets\"");
    std::fs::write(stage.dir.path().join("inventory.toml"), inventory).expect("written");
    stage.signal("-HUP");
    while stage.get("/simple/widgets/", &[JSON]).await.status != 451 {
        assert!(began.elapsed() < AT_ONCE, "it is ours now");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(stage.gate.try_wait().expect("a child").is_none(), "and it runs");
}
