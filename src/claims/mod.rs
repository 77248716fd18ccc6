//! Holding names of ours on a registry, inside its rules.

mod agreement;
mod apply;
mod astray;
mod auto;
mod bulk;
mod covers;
mod desk;
mod doubt;
mod ended;
mod file;
mod found;
mod look;
mod missed;
mod next;
/// What is published: a wheel and a source distribution that say whose name it is.
pub mod package;
/// What protects each watched name best.
pub mod plan;
mod publishers;
/// The mail to PyPI's administrators.
pub mod request;
mod rule;
mod setback;
mod trial;
mod trouble;
mod turns;
mod unfit;
/// The process that has the token.
pub mod uploader;
mod used;
mod withdraw;
mod work;

#[cfg(test)]
mod tests;

pub use apply::{Applied, ApplyLine, Applying, Lot};
pub use desk::{Desk, KeptGround, PlanPage};
pub use file::ClaimFile;
pub use found::Find;
pub use look::{expected, expected_of};
pub use next::{KeptOutlook, Outlook};
pub use rule::{ClaimRuling, RuledClaim};
pub use setback::setback;
pub use trial::{Unbuildable, trial};
pub use turns::Quota;
