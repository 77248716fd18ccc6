//! For how long a page may be kept.

use chrono::TimeDelta;

use super::world::{Answer, World, noon};
use crate::gate::review::ReviewAct;

fn kept(answer: &Answer) -> &str {
    answer.headers["cache-control"].to_str().expect("ASCII")
}

/// The third file is two days old at noon, and held until it is seven, as the project is of 100.
#[test]
fn a_page_is_kept_until_something_on_it_may_be_given_out_and_no_longer() {
    World::run(async |world| {
        let first = world.page(&[]).await;
        assert_eq!(kept(&first), "private, max-age=600, must-revalidate");
        world.clock.advance(TimeDelta::days(5) - TimeDelta::seconds(90));
        let near = world.page(&[]).await;
        assert_eq!(kept(&near), "private, max-age=90, must-revalidate");
        world.clock.advance(TimeDelta::seconds(60));
        let tag = near.etag().expect("a tag").to_owned();
        let same = world.page(&[("if-none-match", &tag)]).await;
        assert_eq!((same.status.as_u16(), kept(&same)), (304, "private, max-age=30, must-revalidate"));
        world.clock.advance(TimeDelta::seconds(30));
        let open = world.page(&[("if-none-match", &tag)]).await;
        assert_eq!((open.status.as_u16(), kept(&open)), (200, "private, max-age=600, must-revalidate"));
    });
}

#[test]
fn a_page_is_kept_no_longer_than_an_approval_of_what_is_on_it() {
    World::run(async |world| {
        assert_eq!(world.ask("GET", super::world::HELD, &[]).await.status.as_u16(), 451);
        world.decide_until(ReviewAct::Approve, Some(noon() + TimeDelta::seconds(100))).await;
        assert_eq!(kept(&world.page(&[]).await), "private, max-age=100, must-revalidate");
        world.clock.advance(TimeDelta::seconds(100));
        assert_eq!(kept(&world.page(&[]).await), "private, max-age=600, must-revalidate");
    });
}
