//! The gate: an index in front of PyPI and of the private one, that installers use as their only index.
//!
//! A resolver picks a version, not an index. So what may be picked is decided before it looks, and once more for every byte.

mod binding;
pub mod consensus;
mod control;
mod delivered;
mod desk;
mod downloads;
mod errands;
mod exemption;
mod files;
mod form;
mod html;
mod index;
mod learn;
mod learned;
mod ledger;
mod listen;
mod listing;
mod logins;
pub mod malware;
mod memory;
mod news;
mod observed;
pub mod page;
mod pages;
pub mod policy;
mod preview;
pub mod prior;
mod recall;
mod recalled;
mod records;
mod refusal;
mod review;
mod ruling;
mod serve;
mod setup;
mod sources;
mod stamp;
mod suspects;
mod troubles;
mod verdict;
mod witness;
mod workers;

pub use control::{GATE_PATH, GateQuestion, GateReceipts, GateReviews, LearnedProjects, ReceivedFiles, control};
pub use delivered::{GateReceipt, ReceivedFile};
pub use desk::{DeskRules, OpenedReviews, ReviewDesk};
pub use downloads::{Downloads, DownloadsError, DownloadsList};
pub use files::{FileCache, FileError};
pub use index::GateIndex;
pub use learned::{ForgottenUse, LearnedProject, LearnedRelease, Learning, UsedRelease};
pub use ledger::{Ledger, LedgerRules, OpenedUses};
pub use listen::{Clients, listen};
pub use logins::{Logins, LoginsError, is_login};
pub use memory::{Memory, MemoryError};
pub use news::GateNews;
pub use pages::{PageShelf, Pages};
pub use preview::{Foreseen, ForeseenRelease, PreviewedRelease, ProposedAges};
pub use recalled::GateRecalls;
pub use records::RecordsError;
pub use review::{Review, ReviewAct, ReviewDecision, ReviewFile, ReviewState, ReviewStep};
pub use serve::{Gate, router};
pub use setup::{Bypass, SetupRefusal, SetupTool, SetupWish, bypasses, merged, sketch};
pub use sources::Sources;
pub use suspects::Suspects;
pub use troubles::{GateTrouble, GateTroubles};

#[cfg(test)]
mod tests;
