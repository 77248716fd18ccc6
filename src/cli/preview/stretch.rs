//! A stretch of days, and every project that the daemon knows of it.

use chrono::{NaiveDate, NaiveTime};

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::pages::{ListPart, pages};
use crate::api::v1::{Command, Project};
use crate::replay::stream::Stream;

/// Days from the first on and before the second; open where none is given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stretch {
    since: Option<i64>,
    until: Option<i64>,
}

impl Stretch {
    /// # Errors
    /// When the days leave nothing between them.
    pub(super) fn new(since: Option<NaiveDate>, until: Option<NaiveDate>) -> Result<Self, Failure> {
        if let Some((since, until)) = since.zip(until).filter(|(since, until)| since >= until) {
            return Err(Failure::usage(format!(
                "--since {since} --until {until} leaves no day: --until is the first day that no longer counts; write \
                 a later one"
            )));
        }
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp();
        Ok(Self { since: since.map(midnight), until: until.map(midnight) })
    }

    /// What has no time is in no stretch but the open one.
    fn holds(self, second: Option<i64>) -> bool {
        let starts = self.since.is_none_or(|since| second.is_some_and(|second| second >= since));
        starts && self.until.is_none_or(|until| second.is_some_and(|second| second < until))
    }
}

/// Every project that the daemon or the store knows, as far as it was registered in the stretch.
pub(super) async fn known(client: &Client, stretch: Stretch) -> Result<Stream, Failure> {
    if !client.can_answer().await? {
        return Err(nobody(client));
    }
    let mut stream = Stream::of_known();
    let ask = |ListPart { limit, after }| Command::Known { after, limit };
    let shown = pages(client, ListPart { limit: None, after: None }, ask, |page: Vec<Project>| {
        let within = page.iter().filter(|project| stretch.holds(project.registered));
        within.for_each(|project| stream.add(&project.name, project.registered));
    })
    .await?;
    if shown.items == 0 {
        let text = "the store knows no project yet; let the daemon make its baseline";
        return Err(Failure::new(text.to_owned()));
    }
    Ok(stream)
}

fn nobody(client: &Client) -> Failure {
    Failure::new(format!(
        "no daemon listens on {} and there is no store in {}; let the daemon run first",
        client.settings.control.socket.display(),
        client.settings.state_dir.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().expect("a day"))
    }

    #[test]
    fn the_first_day_counts_and_the_last_does_not() {
        let stretch = Stretch::new(day("2026-11-01"), day("2026-11-02")).expect("a day");
        let second = |time: &str| Some(time.parse::<crate::model::Time>().expect("a time").timestamp());
        assert!(stretch.holds(second("2026-11-01T00:00:00Z")) && stretch.holds(second("2026-11-01T23:59:59Z")));
        assert!(!stretch.holds(second("2026-11-02T00:00:00Z")) && !stretch.holds(second("2026-10-31T23:59:59Z")));
        assert!(!stretch.holds(None) && Stretch::default().holds(None));
        let open = Stretch::new(None, day("2026-11-02")).expect("days");
        assert!(open.holds(second("2020-01-01T00:00:00Z")) && !open.holds(None));
    }

    #[test]
    fn days_in_the_wrong_order_are_wrong_usage() {
        let refused = Stretch::new(day("2026-11-02"), day("2026-11-02")).expect_err("no day");
        assert_eq!(refused.status, 2);
        insta::assert_snapshot!(refused, @"--since 2026-11-02 --until 2026-11-02 leaves no day: --until is the first day that no longer counts; write a later one");
    }
}
