//! `gate recalls`: what was received through the gate and turned out to be bad, and who has it.

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, say_json};
use super::super::tone::hint;
use super::ask::ask;
use crate::gate::{GateQuestion, GateRecalls};
use crate::messages::hostile::line as harmless;
use crate::model::recall::{FileReceiver, Recall, RecallCause, RecallMark, RecalledFile};

#[derive(Debug, clap::Args)]
pub struct RecallsArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) async fn run(call: &Call, args: RecallsArgs) -> Result<(), Failure> {
    let after = RecallMark::default();
    let GateRecalls { recalls: found, .. } = ask(call, &GateQuestion::Recalls { after }).await?;
    match args.format {
        Format::Json => found.recalls.iter().for_each(say_json),
        Format::Human if found.recalls.is_empty() => say("nothing that was received is known to be bad"),
        Format::Human => found.recalls.iter().for_each(|recall| say(&told(recall))),
    }
    if found.omitted > 0 {
        hint(&format!("namewarden: there are {} more projects; `namewarden gate who NAME` lists one", found.omitted));
    }
    Ok(())
}

fn told(recall: &Recall) -> String {
    let mut lines = vec![format!("{}: {}", harmless(&recall.project), why(&recall.cause))];
    for file in &recall.files {
        lines.push(format!("  {}  sha256 {}", harmless(&file.filename), file.sha256));
        lines.extend(file.receivers.iter().map(receiver));
        lines.extend(more(file));
    }
    if recall.more_files > 0 {
        lines.push(format!("  and {} more files", recall.more_files));
    }
    lines.join("\n")
}

fn why(cause: &RecallCause) -> String {
    match cause {
        RecallCause::Removed => "the index lists it no more".to_owned(),
        RecallCause::Finding { finding } => format!("it may imitate a name of yours, see finding {finding}"),
        RecallCause::Rejected { review, reason, by } => {
            let by = by.as_ref().map(|by| format!(" by {}", harmless(by))).unwrap_or_default();
            format!("rejected{by} in review {review}: {}", harmless(reason))
        }
        RecallCause::Quarantined => "the index has it in quarantine".to_owned(),
        RecallCause::Malware { record } => format!("malware by {}", harmless(record)),
    }
}

fn receiver(of: &FileReceiver) -> String {
    let who = harmless(&of.who.to_string());
    format!("    {who:<25}  first {}, last {}", of.first.format("%F %T"), of.last.format("%F %T"))
}

fn more(file: &RecalledFile) -> Option<String> {
    (file.more_receivers > 0).then(|| format!("    and {} more; `namewarden gate who` lists all", file.more_receivers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_rejected_a_version_is_said_where_that_is_known() {
        let said = |by: Option<&str>| {
            let (review, reason) = (17, "it calls\nhome".to_owned());
            why(&RecallCause::Rejected { review, reason, by: by.map(str::to_owned) })
        };
        assert!(said(Some("ada\u{202e}")).starts_with("rejected by ada"), "{}", said(Some("ada\u{202e}")));
        assert!(!said(Some("ada\u{202e}")).contains(['\u{202e}', '\n']));
        assert!(said(None).starts_with("rejected in review 17: it calls"), "{}", said(None));
    }
}
