//! What a report says of reviews, read from their file, with what holds the open ones now.

use std::collections::HashMap;

use crate::gate::policy::Policy;
use crate::gate::present::Present;
use crate::gate::records::{PeriodReviews, RecordsError, ReviewBook};
use crate::gate::review::Review;
use crate::model::Time;
use crate::model::gate_report::{GateReport, OpenReview};

/// Reviews that are over, one by one: an owner's are counted among them.
const MOST_ENDED: usize = 2000;

/// Of what was after the first time and until the second.
pub(super) fn reviews(
    book: &mut ReviewBook,
    policy: &Policy,
    now: Present,
    period: (Time, Time),
) -> Result<GateReport, RecordsError> {
    let PeriodReviews { counts, median_seconds, open, clients, ended, more_ended, made_room } =
        book.of_period(period, MOST_ENDED)?;
    let of = |review: Review| waiting(&review.explained(policy, now), &clients);
    let open = open.into_iter().map(of).collect();
    Ok(GateReport { counts, median_seconds, open, ended, more_ended, made_room, ..GateReport::default() })
}

fn waiting(review: &Review, clients: &HashMap<i64, u64>) -> OpenReview {
    OpenReview {
        review: review.id,
        project: review.project.clone(),
        version: review.version.clone(),
        since: review.first_asked,
        asked: review.times_asked,
        clients: clients.get(&review.id).copied().unwrap_or_default(),
        more_clients: review.more_peers,
        until: review.until,
        given_out: review.given_out,
    }
}

#[cfg(test)]
mod tests;
