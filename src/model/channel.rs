//! Channels: the ways by which somebody is told.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The list, which `$with` gets: of each kind of channel that has sections of its own, `[alert.WORD.NAME]`, its variant and
/// its word. The word is the key of its sections and of owners in TOML, the beginning of its text in tables, and the name of
/// its files in `src/config/channels` and `src/delivery/channel`. The third says what a receiver keeps (`Keeps`), the fourth
/// who reads it first (`Reader`). The order is that in which channels are shown.
#[doc(hidden)]
#[macro_export]
macro_rules! every_channel {
    ($with:ident) => {
        $with! {
            /// A channel of a Slack workspace.
            Slack(slack, Messages, People),
            /// A program of somebody's behind HTTP, which gets every fact, signed.
            Webhook(webhook, Messages, Programs),
            /// A service of PagerDuty.
            PagerDuty(pagerduty, Cases, Programs),
            /// A program on this machine, started for each message.
            Exec(exec, Messages, Programs),
        }
    };
}
pub use every_channel;

/// What a receiver keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// What it was told, to be read.
    Messages,
    /// A case of its own for each of ours, open until it hears that ours is not: it is told what people decide, too.
    Cases,
}

/// Who reads a message as it comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Somebody of the owner's: they get reports, and links to answer by.
    People,
    /// A log, a program, a queue of somebody else's, which keep what they are given.
    Programs,
}

macro_rules! define {
    ($($(#[$doc:meta])* $kind:ident($word:ident, $keeps:ident, $reader:ident),)*) => {
        /// Where a notice goes. Text form in tables: `email`, `console`, and `KIND:NAME` of those with sections: `slack:ops`.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum Channel {
            Email,
            $($(#[$doc])* $kind(String),)*
            Console,
        }

        /// The kinds of channels of which there may be several, each with a section and a name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ChannelKind {
            $($(#[$doc])* $kind,)*
        }

        impl ChannelKind {
            pub const ALL: [Self; [$(stringify!($word)),*].len()] = [$(Self::$kind),*];

            /// Its word, in TOML and in tables.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($word),)*
                }
            }

            fn keeps(self) -> Keeps {
                match self {
                    $(Self::$kind => Keeps::$keeps,)*
                }
            }

            fn reader(self) -> Reader {
                match self {
                    $(Self::$kind => Reader::$reader,)*
                }
            }

            /// The channel of this kind with a name.
            pub fn named(self, name: impl Into<String>) -> Channel {
                match self {
                    $(Self::$kind => Channel::$kind(name.into()),)*
                }
            }
        }

        impl Channel {
            /// Its kind and its name, where it has a section of its own.
            pub fn section(&self) -> Option<(ChannelKind, &str)> {
                match self {
                    Self::Email | Self::Console => None,
                    $(Self::$kind(name) => Some((ChannelKind::$kind, name)),)*
                }
            }
        }
    };
}

every_channel!(define);

impl Channel {
    /// Does its receiver keep cases of its own, which have to go the way of ours?
    pub fn keeps_cases(&self) -> bool {
        self.section().is_some_and(|(kind, _)| kind.keeps() == Keeps::Cases)
    }
}

impl Channel {
    /// Is it read at leisure, so that reports belong there?
    pub fn takes_reports(&self) -> bool {
        self.is_read_by_people()
    }

    /// May its messages hold a link by which whoever reads them answers?
    pub fn carries_links(&self) -> bool {
        self.is_read_by_people()
    }

    fn is_read_by_people(&self) -> bool {
        *self == Self::Email || self.section().is_some_and(|(kind, _)| kind.reader() == Reader::People)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.section()) {
            (_, Some((kind, name))) => write!(f, "{}:{name}", kind.as_str()),
            (Self::Console, None) => f.write_str("console"),
            (_, None) => f.write_str("email"),
        }
    }
}

/// A text that is no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no channel: write email, console or {kinds}", kinds = kinds())]
pub struct ChannelError(String);

/// `slack:NAME or webhook:NAME`.
fn kinds() -> String {
    ChannelKind::ALL.map(|kind| format!("{}:NAME", kind.as_str())).join(" or ")
}

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        let Some((word, name)) = text.split_once(':').filter(|(_, name)| !name.is_empty()) else {
            let whole = [Self::Email, Self::Console].into_iter().find(|channel| channel.to_string() == text);
            return whole.ok_or_else(|| ChannelError(text.to_owned()));
        };
        let kind = ChannelKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        kind.map(|kind| kind.named(name)).ok_or_else(|| ChannelError(text.to_owned()))
    }
}

impl From<Channel> for String {
    fn from(channel: Channel) -> Self {
        channel.to_string()
    }
}

impl TryFrom<String> for Channel {
    type Error = ChannelError;

    fn try_from(text: String) -> Result<Self, ChannelError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_every_channel_is_read_back() {
        let named = ChannelKind::ALL.map(|kind| kind.named("a"));
        for channel in [Channel::Email, Channel::Console].into_iter().chain(named) {
            assert_eq!(channel.to_string().parse(), Ok(channel));
        }
        for none in ["", "mail", "slack", "slack:", ":ops", "email:x", "pigeon:x"] {
            assert_eq!(none.parse::<Channel>(), Err(ChannelError(none.to_owned())));
        }
    }
}
