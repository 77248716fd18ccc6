//! Settings: what the operator wrote, checked, as the only type others see.
//!
//! Three stages: `file` is what the TOML can say, in one file or in several that `layers` lays over each other;
//! `load` resolves paths, reads credentials and checks every value; `Settings` is what the program uses. `routes` checks it
//! against the inventory. `channels` has what `[alert]` says, one file a channel.

pub mod access;
mod accounts;
mod alert;
mod ca_file;
mod calendar;
pub mod channels;
mod check;
mod claim;
mod claim_section;
mod credential;
mod difference;
mod drop_ins;
mod environment;
mod evidence;
mod explain;
mod fault;
mod file;
mod gate;
mod gate_logins;
mod gate_mode;
mod key;
mod layers;
mod listening;
mod load;
mod loader;
mod oidc;
mod period;
mod proxy_user;
mod redact;
mod report_section;
mod routes;
mod salvage;
#[cfg(any(test, feature = "testing"))]
pub mod sample;
mod secret;
mod sections;
mod settings;
mod shared;
mod slack_app;
pub mod source;
#[cfg(test)]
mod tests;
mod tls;
mod upload_section;
mod uploads;
mod web;

pub use ca_file::CaFile;
pub use calendar::Calendar;
pub use channels::email::{EmailSettings, MailTls};
pub use check::{contact, is_receiver};
pub use claim::ClaimSettings;
pub use difference::{ChangedChannels, Restart, adopt, changed_channels, changed_keys, changed_of_gate};
pub use environment::{DEFAULT_PATH, Environment, bare, quoted};
pub use evidence::{ConsensusSettings, MalwareSettings};
pub use gate::{GateSettings, PrivateIndex};
pub use gate_logins::{gate_logins, private_login, private_login_closed};
pub use gate_mode::{GateMode, GateModes};
pub use listening::listening_at;
pub use load::{ConfigError, Permitted, load, load_permitted, load_sealed};
pub use oidc::{AccountClaim, OidcSettings};
pub use period::{Period, PeriodError};
pub use proxy_user::ProxyUserSettings;
pub use redact::Redactor;
pub use report_section::ReportSettings;
pub use routes::{PlacedRouteError, RouteError, RouteProblem, check_routes};
pub use salvage::{load_what_stands, load_what_stands_sealed};
pub use secret::Secret;
pub use settings::{AlertSettings, ChangelogMode, ControlSettings, FeedSettings, HttpSettings, PypiSettings, Settings};
pub use shared::{SharedSource, is_organisation};
pub use slack_app::SlackAppSettings;
pub use tls::TlsSettings;
pub use uploads::{Endpoint, Proof, TokenPlace, UploadSettings, upload_token};
pub use web::WebSettings;
