//! Version 1 of what programs read and write: the output of `--format json`, and both sides of the control socket.
//!
//! These types are apart from the model, which changes as it has to. Within version 1 fields are only added: none is
//! removed, renamed, or given another type or meaning, and the closed sets stay as they are. What may grow is text, and
//! says so. `schema.rs` holds it, by the schemas in `docs/api/v1`; `docs/json.md` shows each.

mod account;
mod case;
mod claim;
mod claiming;
mod command;
mod coverage;
mod delivery;
mod filter;
mod finding;
mod glance;
mod health;
mod inventory;
mod judged;
mod overview;
mod package;
mod page;
mod preview;
mod problem;
mod proposed;
mod report;
mod report_gate;
pub(in crate::api) mod report_written;
mod reported;
mod reread;
pub mod resource;
mod review;
mod rule;
mod ruled;
mod sets;
mod setup;
mod sim;
mod status;
mod upkeep;
mod uploader;
mod watch;

#[cfg(test)]
mod schema;

pub use account::{Account, AccountChange, ApiToken, AuditEntry, Hidden, SignInLink};
pub use case::{Actor, CaseFile, Event, HeldProject, Seen, Telling};
pub use claim::{Astray, Claim, ClaimEvent, ClaimRef, ClaimedFile, Decided, Party, Setback};
pub use claiming::{ClaimAgreement, ClaimApplied, ClaimRequest, ClaimRuled, ClaimsApplied, PlannedName};
pub use command::Command;
pub use coverage::{Coverage, Hole, Stretch, UpTo};
pub use delivery::{Delivery, Notice, Probed};
pub use filter::{Filter, Order};
pub use finding::{Context, Facts, Finding, Match, More, Reaches, Release, Releases, Threat};
pub use glance::{Day, Glance, Hour};
pub use health::{Issue, UnreadName, Unwell};
pub use inventory::{Difference, Lint};
pub use judged::{Judged, Resemblance};
pub use overview::{Blind, Oldest, Open, Overview, Waiting};
pub use package::{Entry, Package, PackageFile, PackageText};
pub use page::{Next, Page};
pub use preview::{OfRule, OfTiers, OfWatch, Preview, Week};
pub use problem::{Problem, ProblemType};
pub use proposed::{Proposed, ProposedName, ProposedPast, WouldTell};
pub use report::{Accounted, Noise, Proof, Report, ReportFile, ReportForm, Unaccounted};
pub use report_gate::{GateTroubled, ReportedGate, ReportedReviews};
pub use reported::{Answers, ExposureChange, ReportedCase, ReportedClaim, ReportedWatch, TierCount, Waits};
pub use reread::{Configuration, Reread, Restart};
pub use review::{GateStanding, ReviewDossier};
pub use rule::{Example, Rule};
pub use ruled::{Ruled, RuledCase};
pub use sets::{
    AccountRole, ClaimDecision, ClaimState, Decision, Exposure, FindingState, Known, Level, Outcome, Publicity, Reach,
    SetbackKind, Severity, Standing, Tier, ToldOfName, UploadSite, WatchKind, WouldPipTake,
};
pub use setup::{ChannelSummary, ConfigCheck, Diagnosis, Initialized, Watched};
pub use sim::{Arrival, Simulator};
pub use status::{Changelog, Counted, Exposed, NoStatus, Outbox, Status, Untold};
pub use upkeep::{Backup, Cursor, Loss, Metrics, Pass, Passed, Project, Reload, Reloaded, StoreCheck};
pub use uploader::{Reported, Seal, SealedFile, Told, ToldSetback, Work};
pub use watch::{Watch, WatchRef};
