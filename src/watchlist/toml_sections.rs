//! What the TOML form of an inventory can say, before anything is believed: unknown keys are refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::model::{Channel, ChannelKind, every_channel};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) owners: BTreeMap<Spanned<String>, OwnerSection>,
    #[serde(default)]
    pub(super) name: Vec<NameEntry>,
    #[serde(default)]
    pub(super) prefix: Vec<PrefixEntry>,
    #[serde(default)]
    pub(super) brand: Vec<BrandEntry>,
    #[serde(default)]
    pub(super) registrants: RegistrantSection,
    #[serde(default)]
    pub(super) suppress: Vec<Suppress>,
    #[serde(default)]
    pub(super) listed: Vec<Listed>,
    /// Watches of the default owner, in short form.
    #[serde(default)]
    pub(super) names: Vec<Spanned<String>>,
}

macro_rules! owner_section {
    ($($(#[$doc:meta])* $kind:ident($word:ident $(, $_about:ident)*),)*) => {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a table, [owners.ID]")]
        pub(super) struct OwnerSection {
            /// For people. Default: the id.
            pub(super) name: Option<String>,
            #[serde(default)]
            pub(super) email: Vec<Spanned<String>>,
            // Names of the sections of each kind of channel.
            $(#[serde(default)] pub(super) $word: Vec<String>,)*
            /// Watches in short form: `name`, `name==version` or `prefix-*`.
            #[serde(default)]
            pub(super) names: Vec<Spanned<String>>,
            /// The private index their names are resolved from.
            pub(super) index: Option<String>,
        }

        impl OwnerSection {
            /// Those with a section of their own.
            pub(super) fn channels(&self) -> Vec<Channel> {
                let mut channels = Vec::new();
                $(channels.extend(self.$word.iter().map(|name| ChannelKind::$kind.named(name)));)*
                channels
            }
        }
    };
}

every_channel!(owner_section);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [[name]], with name")]
pub(super) struct NameEntry {
    pub(super) name: Spanned<String>,
    pub(super) owner: Option<String>,
    pub(super) latest_version: Option<String>,
    pub(super) first_use: Option<Spanned<Datetime>>,
    pub(super) index: Option<String>,
    #[serde(default)]
    pub(super) guard: bool,
    pub(super) claim: Option<Spanned<String>>,
    pub(super) confidential: Option<bool>,
    pub(super) public_ok: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [[prefix]], with text")]
pub(super) struct PrefixEntry {
    pub(super) text: Spanned<String>,
    pub(super) owner: Option<String>,
    #[serde(default)]
    pub(super) exclusive: bool,
    pub(super) first_use: Option<Spanned<Datetime>>,
    pub(super) index: Option<String>,
    #[serde(default)]
    pub(super) guard: bool,
    pub(super) confidential: Option<bool>,
    pub(super) public_ok: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [[brand]], with word")]
pub(super) struct BrandEntry {
    pub(super) word: Spanned<String>,
    pub(super) owner: Option<String>,
    pub(super) first_use: Option<Spanned<Datetime>>,
    pub(super) index: Option<String>,
    #[serde(default)]
    pub(super) guard: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [registrants], with users and organizations")]
pub(super) struct RegistrantSection {
    #[serde(default)]
    pub(super) users: Vec<String>,
    #[serde(default)]
    pub(super) organizations: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [[suppress]], with project and reason")]
pub(super) struct Suppress {
    pub(super) project: Spanned<String>,
    pub(super) watch: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [[listed]], with watch and names")]
pub(super) struct Listed {
    pub(super) watch: Spanned<String>,
    pub(super) names: Vec<Spanned<String>>,
}
