//! The settings of one channel, of whatever kind.

use super::email::EmailSettings;
use crate::model::every_channel;

macro_rules! define {
    ($($(#[$doc:meta])* $kind:ident($word:ident $(, $_about:ident)*),)*) => {
        /// What a channel is made of.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum ChannelSettings {
            Email(EmailSettings),
            $($(#[$doc])* $kind(super::$word::Settings),)*
            Console,
        }

        impl ChannelSettings {
            /// Every text that must not be seen anywhere: credentials, and the parts of secret addresses.
            pub fn secrets(&self) -> Vec<String> {
                match self {
                    Self::Email(email) => email.secrets(),
                    $(Self::$kind(settings) => settings.secrets(),)*
                    Self::Console => Vec::new(),
                }
            }

            /// What is said of it beside its name: `signed`, `through smtp.example:587, STARTTLS`; may be empty.
            pub fn summary(&self) -> String {
                match self {
                    Self::Email(email) => email.summary(),
                    $(Self::$kind(settings) => settings.summary(),)*
                    Self::Console => String::new(),
                }
            }
        }
    };
}

every_channel!(define);
