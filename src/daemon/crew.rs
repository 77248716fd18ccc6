//! The workers: those that always run, and those that run as the configuration says, which start and end by difference.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::error::WorkerError;
use super::heartbeat;
use super::heartbeat::Heartbeats;
use super::{feed, workers};
use crate::config::ChangelogMode;
use crate::delivery::channel;
use crate::model::Channel;

/// What a worker is there for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Post {
    /// For as long as the daemon runs.
    Always(&'static str),
    /// The changelog, while it is not off.
    Changelog,
    /// A channel, while it has the settings of this edition.
    Delivery(Channel, u32),
}

impl fmt::Display for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(name) => f.write_str(name),
            Self::Changelog => f.write_str("changelog"),
            Self::Delivery(channel, 0) => write!(f, "delivery {channel}"),
            // The one before may still be at its last message.
            Self::Delivery(channel, reload) => write!(f, "delivery {channel} of reload {reload}"),
        }
    }
}

/// A worker, as it ended.
pub(super) type Ended = Result<(Post, Result<(), WorkerError>), JoinError>;

/// Feeds stop at once; delivery workers finish what they have.
pub(super) struct Crew {
    pub(super) tasks: JoinSet<(Post, Result<(), WorkerError>)>,
    pub(super) soft: CancellationToken,
    pub(super) hard: CancellationToken,
    /// Those that run as the configuration says.
    following: BTreeSet<Post>,
    beats: Heartbeats,
}

impl Crew {
    pub(super) fn new(beats: Heartbeats) -> Self {
        let (soft, hard) = (CancellationToken::new(), CancellationToken::new());
        Self { tasks: JoinSet::new(), soft, hard, following: BTreeSet::new(), beats }
    }

    /// Starts a worker that is dropped at the first signal; all it does is durable or repeated. `longest` is the time
    /// limit of what it awaits in one piece, beside the store.
    pub(super) fn feed(
        &mut self,
        name: &'static str,
        longest: Duration,
        work: impl Future<Output = Result<(), WorkerError>> + Send + 'static,
    ) {
        self.start(Post::Always(name), longest, self.soft.clone(), work);
    }

    /// Starts a worker that has something to end: it does so once the daemon stops, and is dropped only at the second signal, or when
    /// that takes too long.
    pub(super) fn ending(
        &mut self,
        name: &'static str,
        longest: Duration,
        work: impl Future<Output = Result<(), WorkerError>> + Send + 'static,
    ) {
        self.start(Post::Always(name), longest, self.hard.clone(), work);
    }

    /// Starts what the configuration in force asks for and is not there. What it no longer asks for ends by itself.
    pub(super) fn follow(&mut self, engine: &Arc<Engine>) {
        for post in wanted(engine) {
            if self.following.insert(post.clone()) {
                self.appoint(post, Arc::clone(engine));
            }
        }
    }

    fn appoint(&mut self, post: Post, engine: Arc<Engine>) {
        let request = engine.settings().http.timeout;
        match &post {
            Post::Always(_) => {}
            Post::Changelog => self.start(post, request, self.soft.clone(), feed::while_it_is_on(engine)),
            // Dropped only at the second signal, or when the drain takes too long.
            Post::Delivery(channel, edition) => {
                let work = workers::worker(engine, channel.clone(), *edition);
                self.start(post, channel::LONGEST, self.hard.clone(), work);
            }
        }
    }

    /// A worker has ended: the configuration let it go, and perhaps asks for another.
    ///
    /// # Errors
    /// That it ended, which it never should, or why.
    pub(super) fn let_go(&mut self, ended: Option<Ended>, engine: &Arc<Engine>) -> Result<(), WorkerError> {
        match ended {
            Some(Ok((post, Ok(())))) if may_end(&post, engine) => {
                tracing::info!(worker = %post, "a worker ended, as the configuration says");
                self.following.remove(&post);
                self.follow(engine);
                Ok(())
            }
            ended => Err(premature(ended)),
        }
    }

    fn start(
        &mut self,
        post: Post,
        longest: Duration,
        stop: CancellationToken,
        work: impl Future<Output = Result<(), WorkerError>> + Send + 'static,
    ) {
        let beats = self.beats.clone();
        self.tasks.spawn(async move {
            let name = post.to_string();
            let watched = beats.watch(&name, heartbeat::STILL + longest, work);
            let ended = stop.run_until_cancelled(watched).await.unwrap_or(Ok(()));
            (post, ended)
        });
    }
}

/// The posts that depend on the configuration, as it is now.
fn wanted(engine: &Engine) -> Vec<Post> {
    let changelog = (engine.settings().feeds.changelog != ChangelogMode::Off).then_some(Post::Changelog);
    let in_force = engine.in_force.borrow();
    let delivery = in_force.editions().map(|(channel, edition)| Post::Delivery(channel.clone(), edition));
    changelog.into_iter().chain(delivery).collect()
}

/// Only the configuration ends a worker without an error. The changelog may be on again by now.
fn may_end(post: &Post, engine: &Engine) -> bool {
    match post {
        Post::Always(_) => false,
        Post::Changelog => true,
        Post::Delivery(channel, edition) => engine.in_force.borrow().edition(channel) != Some(*edition),
    }
}

fn premature(ended: Option<Ended>) -> WorkerError {
    match ended {
        Some(Ok((post, Err(error)))) => WorkerError::Failed { worker: post.to_string(), source: Box::new(error) },
        Some(Ok((post, Ok(())))) => WorkerError::Ended { worker: post.to_string() },
        Some(Err(error)) => WorkerError::Panicked(error),
        None => WorkerError::Ended { worker: "every worker".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    /// The last line of a log, and for systemd a failure: it has to say which worker, and what it died of.
    #[tokio::test]
    async fn a_worker_that_ends_by_itself_is_named_with_what_it_ended_by() {
        let mail = || Post::Delivery(Channel::Email, 0);
        let mut tasks = JoinSet::new();
        tasks.spawn(async { panic!("at the disco") });
        let panicked = tasks.join_next().await.expect("one ends").map(|()| (mail(), Ok(())));
        let failed = Err(WorkerError::Store(StoreError::Closed));
        let rows = [
            (Some(Ok((mail(), Ok(())))), "the worker delivery email ended, which it never should".to_owned()),
            (
                Some(Ok((Post::Delivery(Channel::Slack("a".to_owned()), 3), failed))),
                format!("the worker delivery slack:a of reload 3 failed: {}", StoreError::Closed),
            ),
            (Some(Ok((Post::Changelog, Ok(())))), "the worker changelog ended, which it never should".to_owned()),
            (Some(Ok((Post::Always("rss"), Ok(())))), "the worker rss ended, which it never should".to_owned()),
            (None, "the worker every worker ended, which it never should".to_owned()),
        ];
        for (ended, said) in rows {
            assert_eq!(premature(ended).to_string(), said);
        }
        let said = premature(Some(panicked)).to_string();
        assert!(said.starts_with("a worker panicked: ") && said.contains("at the disco"), "{said}");
    }

    /// One of before may still be at its last message, and is another worker.
    #[tokio::test]
    async fn a_worker_is_told_from_that_of_the_settings_before() {
        let posts = [
            Post::Delivery(Channel::Email, 0),
            Post::Delivery(Channel::Email, 1),
            Post::Changelog,
            Post::Always("rss"),
        ];
        let names: BTreeSet<String> = posts.iter().map(ToString::to_string).collect();
        assert_eq!((names.len(), posts.iter().collect::<BTreeSet<_>>().len()), (4, 4), "{names:?}");
        let mut crew = Crew::new(Heartbeats::default());
        crew.feed("rss", Duration::from_secs(1), std::future::pending());
        crew.ending("look-ups", Duration::from_secs(1), std::future::pending());
        crew.soft.cancel();
        let ended = crew.tasks.join_next().await.expect("one ends").expect("it did not panic");
        assert!(matches!(ended, (Post::Always("rss"), Ok(()))), "a feed is dropped at the first signal: {ended:?}");
        assert!(crew.tasks.try_join_next().is_none(), "what has something to end goes on");
        crew.hard.cancel();
        let ended = crew.tasks.join_next().await.expect("it ends").expect("it did not panic");
        assert!(matches!(ended, (Post::Always("look-ups"), Ok(()))), "{ended:?}");
    }
}
