//! What went out through a gate, as its verbs ask for it.

use super::super::call::Call;
use super::super::failure::Failure;
use super::ask::ask;
use crate::gate::{GateQuestion, ReceivedFile, ReceivedFiles};
use crate::model::Time;

/// Each file that went out since then, once.
pub(super) async fn received(call: &Call, since: Time) -> Result<Vec<ReceivedFile>, Failure> {
    let (mut files, mut after) = (Vec::new(), 0);
    loop {
        let page: ReceivedFiles = ask(call, &GateQuestion::Received { since, after }).await?;
        after = page.files.iter().map(|file| file.id).fold(after, i64::max);
        files.extend(page.files);
        if !page.more {
            return Ok(files);
        }
    }
}
