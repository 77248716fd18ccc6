//! What was received and turned out to be bad.

use super::v1::{RecallV1, RecalledFileV1, ReceiverV1, WhoV1};
use super::words::{LIST, maybe, text, time};
use crate::messages::marks::bare;
use crate::messages::recall::why;
use crate::model::Requester;
use crate::model::recall::{FileReceiver, Recall, RecalledFile};

impl From<&Recall> for RecallV1 {
    fn from(recall: &Recall) -> Self {
        Self {
            project: text(&recall.project),
            cause: recall.cause.as_str(),
            explanation: bare(&why(&recall.cause)),
            over: recall.is_over,
            files: recall.files.iter().take(LIST).map(RecalledFileV1::from).collect(),
            more_files: recall.more_files,
        }
    }
}

impl From<&RecalledFile> for RecalledFileV1 {
    fn from(file: &RecalledFile) -> Self {
        let receiver =
            |of: &FileReceiver| ReceiverV1 { who: WhoV1::from(&of.who), first: time(of.first), last: time(of.last) };
        Self {
            filename: text(&file.filename),
            version: maybe(file.version.as_ref()),
            sha256: text(&file.sha256),
            receivers: file.receivers.iter().take(LIST).map(receiver).collect(),
            more_receivers: file.more_receivers,
        }
    }
}

impl From<&Requester> for WhoV1 {
    fn from(of: &Requester) -> Self {
        let host = of.host.map(|host| host.to_string());
        Self { peer: text(&of.word()), user: of.user.as_deref().map(text), host }
    }
}
