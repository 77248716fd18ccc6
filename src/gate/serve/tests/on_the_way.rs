//! A file that is another by the time that it has come.

use chrono::TimeDelta;
use reqwest::StatusCode;

use super::world::World;
use crate::gate::review::ReviewAct;

const PATH: &str = "/files/widgets/widgets-2-py3-none-any.whl";
/// Of its version, and there is no other.
const REVIEW: i64 = 1;

/// A person let the others through, and nobody the first.
#[test]
fn what_became_another_on_its_way_is_not_given_out_by_a_decision_of_the_other() {
    World::run(async |world| {
        let stalled = world.stalled().await;
        let meanwhile = async {
            world.until(|index| !index.files_asked.is_empty()).await;
            world.index().files.iter_mut().filter(|file| file.version() == 2).for_each(|file| file.replaced = true);
            world.clock.advance(TimeDelta::seconds(61));
            let refused = world.ask("GET", PATH, &[]).await;
            assert!(String::from_utf8_lossy(&refused.body).contains("other bytes under this name"), "{refused:?}");
            world.decide_of(REVIEW, ReviewAct::Approve).await;
            drop(stalled);
        };
        let (came, ()) = tokio::join!(world.ask("GET", PATH, &[]), meanwhile);
        let said = String::from_utf8_lossy(&came.body);
        assert!(came.status == StatusCode::SERVICE_UNAVAILABLE && said.contains("became another"), "{came:?}");
    });
}
