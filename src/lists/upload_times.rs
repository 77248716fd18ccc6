//! When files were uploaded, as a lock has it beside their digests: locks of uv, and those of PEP 751.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::digests::digest;
use crate::config::source::Source;

/// By the SHA-256 of a file in lower case, each time that is said of it, in the words of the lock. What says none is not among them.
pub type UploadTimes = BTreeMap<String, BTreeSet<String>>;

/// Beside the digest: `upload-time = "2026-11-27T12:00:00.123Z"` (uv), or a time of TOML (PEP 751).
const UPLOADED: &str = "upload-time";
/// How the reader of TOML hands on a time that is none of its texts.
const DATETIME: &str = "$__toml_private_datetime";

/// Of every file of a lock; other formats say nothing of it.
pub fn upload_times(source: &Source) -> UploadTimes {
    let mut times = UploadTimes::new();
    if let Ok(whole) = toml::from_str::<Value>(source.text()) {
        gather(&whole, None, &mut times);
    }
    times
}

/// A time belongs to the digests of its table, and of the tables in that.
fn gather(of: &Value, uploaded: Option<&str>, into: &mut UploadTimes) {
    match of {
        Value::String(text) => note(text, uploaded, into),
        Value::Array(values) => values.iter().for_each(|value| gather(value, uploaded, into)),
        Value::Object(keys) => {
            let uploaded = keys.get(UPLOADED).map(as_text).or(uploaded);
            keys.iter().filter(|(key, _)| *key != UPLOADED).for_each(|(_, value)| gather(value, uploaded, into));
            if let Some(bare) = keys.get("sha256").and_then(Value::as_str) {
                note(&format!("sha256:{bare}"), uploaded, into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn note(text: &str, uploaded: Option<&str>, into: &mut UploadTimes) {
    if let Some((digest, uploaded)) = digest(text).zip(uploaded) {
        into.entry(digest).or_default().insert(uploaded.to_owned());
    }
}

/// A text, or a time of TOML. Something else is a time that nobody can read, and not silence.
fn as_text(of: &Value) -> &str {
    of.as_str().or_else(|| of.get(DATETIME)?.as_str()).unwrap_or("what is no time")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `DIGIT@TIME`, by the digit that a digest is made of. Those in the text are short.
    fn said(text: &str) -> String {
        let text = text.replace("<a>", &"a".repeat(64)).replace("<b>", &"B".repeat(64)).replace("<c>", &"c".repeat(64));
        let times = upload_times(&Source::new(Path::new("lock"), text));
        let of = |(digest, times): (String, BTreeSet<String>)| {
            format!("{}@{}", &digest[..1], times.into_iter().collect::<Vec<_>>().join(","))
        };
        times.into_iter().map(of).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_lock_of_uv_has_a_time_with_each_file() {
        let text = "version = 1\n[[package]]\nname = \"Widgets\"\nversion = \"1.0\"\n\
                    sdist = { url = \"u\", hash = \"sha256:<a>\", size = 1, upload-time = \"2026-11-01T12:00:00.123Z\" }\n\
                    wheels = [\n  { url = \"v\", hash = \"sha256:<b>\", upload-time = \"2026-11-02T12:00:00Z\" },\n  { hash = \"sha256:<c>\" },\n]\n";
        assert_eq!(said(text), "a@2026-11-01T12:00:00.123Z b@2026-11-02T12:00:00Z");
    }

    #[test]
    fn a_pylock_has_times_of_toml_and_what_is_none_is_not_silence() {
        let text = "lock-version = \"1.0\"\n[[packages]]\nname = \"widgets\"\nversion = \"1.0\"\n\
                    [packages.sdist]\nname = \"w.tar.gz\"\nupload-time = 2026-11-01T12:00:00.123456Z\nhashes = { sha256 = \"<a>\" }\n\
                    [[packages.wheels]]\nname = \"w.whl\"\nupload-time = 7\nhashes = { sha256 = \"<b>\", md5 = \"x\" }\n\
                    [[packages.wheels]]\nname = \"x.whl\"\nhashes = { sha256 = \"<c>\" }\n";
        assert_eq!(said(text), "a@2026-11-01T12:00:00.123456Z b@what is no time");
    }

    #[test]
    fn what_two_say_of_a_file_is_kept_and_other_locks_say_nothing() {
        let file =
            |time: &str| format!("[[package]]\nfiles = [{{ hash = \"sha256:<a>\", upload-time = \"{time}\" }}]\n");
        assert_eq!(said(&[file("x"), file("y")].concat()), "a@x,y");
        for none in
            ["widgets==1.0 --hash=sha256:<a>\n", "{\"default\": {}}", "[[package]]\nhash = \"sha256:<a>\"\n", ""]
        {
            assert_eq!(said(none), "", "{none}");
        }
    }
}
