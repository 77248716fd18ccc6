//! The course of things: minutes that pass, the daemon that ends and starts, clocks that are set, and the end of an hour.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::model::Time;
use namewarden::sim::Sim;
use tokio::time::Instant;

use super::oracle::{Excuse, Oracle};
use super::strangers::{INVENTORY, Standing};
use super::trouble::HEADLINES;
use crate::chance::Chance;
use crate::world::{PATIENCE, Setup, World};

/// How long a simulated minute really takes: about what a poll of the changelog does.
const MINUTE: Duration = Duration::from_millis(150);
/// Minutes of an hour in which troubles come and go.
const MINUTES: u64 = 30;
/// Minutes for which the trouble of the hour goes on after `status` has named it.
const AFTER: u64 = 12;
/// Five minutes, the longest hold of a channel, a poll, and a look-up.
const PROMISED: Duration = Duration::from_secs(8 * 60);
/// The daemon looks at its clock every two seconds, and a store that works again is tried within three. Both are real
/// time, and minutes here: they pass while the simulated time stands.
const A_LOOK: Duration = Duration::from_millis(2_500);
const A_TRY: Duration = Duration::from_millis(3_500);

pub(super) struct Trial {
    pub(super) world: World,
    pub(super) chance: Chance,
    pub(super) oracle: Oracle,
    pub(super) standing: BTreeMap<&'static str, Standing>,
    pub(super) on: Vec<super::trouble::On>,
    pub(super) counter: u32,
    pub(super) look_alikes: usize,
    pub(super) excuse: Excuse,
    /// The daemon's monotonic time and PyPI's, when it began.
    pub(super) began: (Duration, Time),
    /// Since when PyPI and the store work, the daemon runs, and no clock was set.
    pub(super) clear: Instant,
    pub(super) booted: Instant,
    pub(super) stepped: Instant,
}

impl Trial {
    pub(super) async fn begin(seed: u64) -> Self {
        let setup = Setup {
            inventory: INVENTORY.to_owned(),
            changelog_every: "300ms",
            rss_every: "700ms",
            index_every: "2s",
            undelivered_after: "10m",
            slack: true,
            webhook: true,
            ..Setup::default()
        };
        let world = setup.start().await;
        let (began, now) = ((world.clock.mono(), Sim::now()), Instant::now());
        Self {
            world,
            chance: Chance(seed),
            oracle: Oracle::default(),
            standing: BTreeMap::new(),
            on: Vec::new(),
            counter: 0,
            look_alikes: 0,
            excuse: Excuse { mail_died: false, killed: Vec::new() },
            began,
            clear: now,
            booted: now,
            stepped: now,
        }
    }

    pub(super) async fn hour(&mut self, hour: u64) {
        self.minutes(MINUTES, true).await;
        self.end_troubles().await;
        let headline = HEADLINES[(hour % HEADLINES.len() as u64) as usize];
        self.bring(headline, u64::MAX).await;
        self.prefixed(1);
        self.linger(headline).await;
        self.minutes(AFTER, false).await;
        self.end_troubles().await;
        self.settle().await;
    }

    /// Strangers act, somebody ends the daemon once, and somebody sets the clock once.
    async fn minutes(&mut self, count: u64, troubles: bool) {
        let (restart, step) = (self.chance.below(count), self.chance.below(count));
        for minute in 0..count {
            self.strangers();
            if troubles {
                self.troubles().await;
            }
            if minute == restart {
                self.restart().await;
            }
            if minute == step {
                self.set_the_clock().await;
            }
            self.pass(60).await;
        }
    }

    /// Seconds go by, and everybody looks.
    pub(super) async fn pass(&mut self, seconds: i64) {
        self.world.pass(TimeDelta::seconds(seconds));
        self.world.engine().ring();
        self.world.real_time(MINUTE).await;
        self.world.assert_alive().await;
        self.hear();
        self.look().await;
    }

    pub(super) fn hear(&mut self) {
        let last = self.world.sim.world().last_serial();
        self.oracle.reached(last);
        for told in self.world.take() {
            self.oracle.arrive(&told, &self.excuse);
        }
    }

    /// Somebody ends the daemon, while its store works, and starts it again.
    async fn restart(&mut self) {
        if self.on.iter().any(|on| on.trouble.is_of_the_store()) {
            return;
        }
        self.world.real_time(A_TRY.saturating_sub(self.clear.elapsed())).await;
        let kill = self.chance.one_in(2);
        if kill {
            self.excuse.killed.push(Instant::now());
            self.world.kill().await;
        } else {
            self.world.stop().await;
        }
        self.world.boot().await.unwrap_or_else(|error| panic!("{error}"));
        self.booted = Instant::now();
        println!("{} {} and started", self.stamp(), if kill { "killed" } else { "stopped" });
    }

    /// Somebody sets the clock: by minutes, hours or a day, ahead or back.
    async fn set_the_clock(&mut self) {
        let by = self.chance.of(&[-86_400, -14_400, -3_600, -300, 300, 3_600, 14_400, 86_400]);
        self.world.clock.step(TimeDelta::seconds(by));
        (self.stepped, self.clear) = (Instant::now(), Instant::now());
        println!("{} the clock was set by {by} s", self.stamp());
        self.world.real_time(A_LOOK).await;
    }

    async fn end_troubles(&mut self) {
        while !self.on.is_empty() {
            self.lift(0).await;
        }
    }

    /// Everything works: within the promised time everything is told, and `status` is well.
    async fn settle(&mut self) {
        let (began, deadline) = (self.world.clock.mono(), Instant::now() + PATIENCE);
        loop {
            // Time to hear what is late, and none to be late in.
            let seconds = if self.world.clock.mono() - began < PROMISED { 30 } else { 0 };
            self.pass(seconds).await;
            self.world.watchdog_round().await;
            let worries = self.worries().await;
            if self.oracle.due.is_empty() && worries.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "never told: {:#?}\nstatus: {worries:?}", self.oracle.due);
        }
        println!("{} all is told: {} messages, {} repeats", self.stamp(), self.oracle.arrived, self.oracle.repeats);
    }

    /// That the clock was set is a worry for an hour, and that it is off as long as it is, and both are true.
    async fn worries(&self) -> Vec<String> {
        let worries = self.world.status().await.worries;
        worries
            .into_iter()
            .filter(|worry| !worry.starts_with("clock-") && !worry.contains("nobody acknowledged"))
            .collect()
    }

    pub(super) async fn end(mut self) {
        let hours = (self.world.clock.mono() - self.began.0).as_secs_f64() / 3600.0;
        println!("{hours:.1} simulated hours, {} messages, {} repeats", self.oracle.arrived, self.oracle.repeats);
        self.world.stop().await;
        self.hear();
    }

    /// Simulated minutes since it began.
    pub(super) fn stamp(&self) -> String {
        format!("{:>4} min", (self.world.clock.mono() - self.began.0).as_secs() / 60)
    }
}
