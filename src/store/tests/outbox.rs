//! What a channel has to deliver and has delivered is counted as it changes: whatever statement changes it, the numbers are those that
//! counting anew gives.

use proptest::prelude::*;
use rusqlite::Connection;

use super::super::sqlite::schema;
use super::super::{Outbox, Tx};

const NOW: i64 = 1_000;

/// A statement about the row of this number, with what it sets.
#[derive(Clone, Debug)]
enum Change {
    Telling { id: i64, channel: &'static str, due: Option<i64>, notice: Option<i64>, outcome: Option<&'static str> },
    TellingGone(i64),
    Notice { id: i64, channel: &'static str, state: &'static str },
    NoticeGone(i64),
}

fn change() -> impl Strategy<Value = Change> {
    let (id, channel) = (0..6_i64, prop::sample::select(vec!["email", "slack:a"]));
    let due = prop::option::of(prop::sample::select(vec![NOW - 1, NOW, NOW + 1]));
    let (notice, outcome) = (prop::option::of(Just(7_i64)), prop::option::of(Just("told")));
    let telling = (id.clone(), channel.clone(), due, notice, outcome)
        .prop_map(|(id, channel, due, notice, outcome)| Change::Telling { id, channel, due, notice, outcome });
    let states = prop::sample::select(vec!["due", "delivered", "given-up", "cancelled"]);
    let notice = (id.clone(), channel, states).prop_map(|(id, channel, state)| Change::Notice { id, channel, state });
    prop_oneof![
        4 => telling,
        1 => id.clone().prop_map(Change::TellingGone),
        4 => notice,
        1 => id.prop_map(Change::NoticeGone),
    ]
}

/// Adds the row, or changes the one that is there; a notice keeps its channel.
fn run(conn: &Connection, change: &Change) -> rusqlite::Result<usize> {
    match change {
        Change::Telling { id, channel, due, notice, outcome } => conn.execute(
            "INSERT INTO tellings (id, key, number, owner, channel, lane, tier, created_at, due_at, notice, outcome) \
             VALUES (?1, 'k', ?1, 'o', ?2, 'alert', 'alert', 0, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE \
             SET channel = excluded.channel, due_at = excluded.due_at, notice = excluded.notice, outcome = excluded.outcome",
            (id, channel, due, notice, outcome),
        ),
        Change::TellingGone(id) => conn.execute("DELETE FROM tellings WHERE id = ?1", [id]),
        Change::Notice { id, channel, state } => {
            // Each begins by being due.
            conn.execute(
                "INSERT INTO notices (id, key, owner, channel, event, tier, state, created_at, due_at, attempts, body, lane, slot) \
                 VALUES (?1, ?1, 'o', ?2, 'registered', 'alert', 'due', 0, 0, 0, '{}', 'alert', '') ON CONFLICT DO NOTHING",
                (id, channel),
            )?;
            conn.execute("UPDATE notices SET state = ?2 WHERE id = ?1", (id, state))
        }
        Change::NoticeGone(id) => conn.execute("DELETE FROM notices WHERE id = ?1", [id]),
    }
}

/// Of each channel what is due, since when the first of it waits for a notice, and what was delivered.
type Counted = Vec<(String, u64, Option<i64>, u64)>;

fn counted(conn: &Connection) -> Counted {
    let query = "SELECT channel, sum(due), min(since), sum(delivered) FROM ( \
                 SELECT channel, state = 'due' AS due, NULL AS since, state = 'delivered' AS delivered FROM notices \
                 WHERE state IN ('due', 'delivered') \
                 UNION ALL SELECT channel, 1, due_at, 0 FROM tellings WHERE notice IS NULL AND outcome IS NULL AND due_at <= ?1) \
                 GROUP BY channel ORDER BY channel";
    let mut statement = conn.prepare(query).expect("prepares");
    let rows = statement.query_map([NOW], |row| {
        let number = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
        Ok((row.get(0)?, number(1)?, row.get(2)?, number(3)?))
    });
    rows.expect("runs").map(|row| row.expect("a row")).collect()
}

fn kept(conn: &Connection) -> Counted {
    let time = |micros| chrono::DateTime::from_timestamp_micros(micros).expect("a time");
    let outboxes = Tx::over(conn).notices().outboxes(time(NOW), time(NOW)).expect("reads");
    let of = |Outbox { channel, due, oldest, delivered, .. }: Outbox| {
        (channel.to_string(), due, oldest.map(|at| at.timestamp_micros()), delivered)
    };
    outboxes.into_iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn what_is_counted_as_it_changes_is_what_counting_gives(changes in prop::collection::vec(change(), 1..40)) {
        let mut conn = Connection::open_in_memory().expect("memory");
        schema::build(&mut conn).expect("builds");
        for change in &changes {
            // One event is told once on a channel; what cannot be there changes nothing.
            drop(run(&conn, change));
            prop_assert_eq!(kept(&conn), counted(&conn), "after {:?}", change);
        }
    }
}
