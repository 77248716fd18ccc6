//! Who decides at the gate's socket: the user whom the kernel names, or a person for whom the daemon speaks.
//!
//! The kernel knows the daemon's user and not who signed in at it. So the gate believes one user of the machine, by the configuration, who
//! asks for whom; and of what it says it believes the number alone, which is held against this machine's own list, as that of
//! anybody at the socket. Nobody else says for whom they ask.

use serde::{Deserialize, Serialize};

use super::desk::DeskError;
use super::serve::Gate;
use super::verdict::ReviewRefusal;
use crate::model::{Actor, Through};
use crate::socket::{peer, users};

/// An account of the dashboard, or a user at the daemon's own socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenFor {
    /// What it is called there.
    pub name: String,
    /// The user of this machine whose it is, as that user has confirmed; `None`: nobody's.
    pub uid: Option<u32>,
    /// How they came to whoever speaks.
    #[serde(default)]
    pub way: SpokenWay,
}

/// By which way somebody came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpokenWay {
    #[default]
    Dashboard,
    /// By a button of a message in Slack.
    Slack,
}

/// The user of the daemon's unit, where the configuration names no other.
const DAEMON: &str = "namewarden";
/// No name of an account is longer.
const LONGEST: usize = 100;

impl Gate {
    /// Which findings are open is the daemon's to say: its user's, whom the configuration names, or ours, since `run` may have started us.
    pub(super) async fn only_the_daemon(&self, by: &Actor) -> Result<(), DeskError> {
        let named = self.voice.as_deref().unwrap_or(DAEMON);
        let is_it = by.uid.is_some() && (by.uid == peer::own_uid() || by.uid == users::uid_of(named).await);
        if is_it { Ok(()) } else { Err(ReviewRefusal::NoDaemon.into()) }
    }

    /// Who asks.
    pub(super) async fn speaker(&self, by: &Actor, on_behalf: Option<SpokenFor>) -> Result<Actor, DeskError> {
        let Some(SpokenFor { name, uid, way }) = on_behalf else { return Ok(by.clone()) };
        let Some(voice) = &self.voice else { return Err(ReviewRefusal::NobodySpeaks.into()) };
        let voice = users::uid_of(voice).await;
        if voice.is_none() || voice != by.uid {
            return Err(ReviewRefusal::NotTheVoice.into());
        }
        // A number that this machine has no name for is nobody's, whatever the account is called.
        let is_known = match uid {
            Some(uid) => users::named(uid).await.is_some(),
            None => true,
        };
        let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let way = match way {
            SpokenWay::Dashboard => "the dashboard",
            SpokenWay::Slack => "Slack",
        };
        let user = is_known.then(|| format!("{name}, by {way}"));
        Ok(Actor { uid, user, through: Through::Session, token: None })
    }
}
