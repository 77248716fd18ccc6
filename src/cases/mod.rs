//! The life of cases: the only code that creates findings and notices.
//!
//! Everything here but `facts::look_up` runs inside `store.write`, so it may run again and touches nothing but its
//! transaction. What it decides it decides from values: the watchlist (inventory, matcher, routes), the batch, the time.

mod acknowledged;
mod canary;
mod claim;
pub mod coverage;
mod exposure;
pub mod facts;
mod gate_heard;
mod health;
mod ingest;
mod links;
mod notify;
mod overview;
mod own;
mod reassess;
mod recalls;
mod renumbered;
mod reviews;
mod settling;
mod transition;
mod whereabouts;

pub use acknowledged::{Acknowledged, Looked, acknowledge};
pub use canary::{canary, test_alert};
pub use claim::{announce_claim, is_claim_announced};
pub use exposure::note as expose;
pub use facts::again::look_again;
pub use facts::apply::apply_facts;
pub use facts::learned::Learned;
pub use gate_heard::{GATE_REMEMBERED, gate_heard, was_gate_heard};
pub use health::{absorb as absorb_health, clear as clear_health, raise as raise_health};
pub use ingest::unreadable::unreadable;
pub use ingest::{Batch, Ingested, apply};
pub use links::{
    ANSWER_PATH, Addressee, AnsweredCase, Grant, LinkAct, LinkAnswer, LinkKey, LinkedCase, Links, Spent,
    answer_by_link, look_by_link, opened, sealed,
};
pub use notify::carried::by_case;
pub use notify::handover::hand_over;
pub use notify::outbox::{
    FailedAttempt, Room, channel_failed, gave_way, next as next_notice, postponed, settled, take as take_notices,
};
pub use notify::phrase::{OneChange, phrase};
pub use notify::rerouted::rerouted;
pub use notify::stand_in::stand_in;
pub use notify::tell::{digest, escalate, refused};
pub use notify::throttle::{self, notice_key};
pub use overview::{answer_within, blind_since, outboxes, overview, overview_beside};
pub use own::{is_told_less, last_registered, was_a_strangers};
pub use reassess::admit::{Survey, admit, survey};
pub use reassess::baseline::{Baseline, Head, INVENTORY, baseline};
pub use reassess::dated::{AT_ONCE, DatedProject, dated_projects};
pub use recalls::{RecallNews, recalls_told, tell_recalls, threatened_by};
pub use renumbered::renumbered;
pub use reviews::{ReviewNews, reviews_told, tell_reviews};
pub use settling::claim_moved;
pub use transition::ruling::{Ruled, RuledCase, Ruling, find, judge_each};
pub use transition::snooze::{LONGEST_SNOOZE, Snooze, snooze_each};
pub use whereabouts::{is_quarantined, located};

#[cfg(test)]
mod tests;
