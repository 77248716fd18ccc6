//! Which files the two archives hold, in the order in which they stand there.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::archive::Entry;
use super::metadata::Metadata;
use super::names::Names;
use super::render::Texts;
use super::templates::Text;

/// Without a version of ours: another one of namewarden makes the same bytes.
const WHEEL: &str = "Wheel-Version: 1.0\nGenerator: namewarden 1\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

/// Of the wheel (packaging.python.org, binary-distribution-format): the metadata stand last, and the list of all closes it.
pub(super) fn wheel(metadata: &Metadata, names: &Names, texts: &Texts) -> Vec<Entry> {
    let info = format!("{}.dist-info", names.sdist(&metadata.version));
    let entry_points = format!("[console_scripts]\n{} = {}:main\n", names.command, names.command_module);
    let mut entries = modules("", names, texts);
    entries.extend([
        Entry::new(format!("{info}/licenses/LICENSE"), &texts[&Text::License]),
        Entry::new(format!("{info}/METADATA"), metadata.file()),
        Entry::new(format!("{info}/WHEEL"), WHEEL),
        Entry::new(format!("{info}/entry_points.txt"), entry_points),
    ]);
    let record = record(&entries, &format!("{info}/RECORD"));
    entries.push(record);
    entries
}

/// Of the source distribution (packaging.python.org, source-distribution-format): one directory.
pub(super) fn sdist(metadata: &Metadata, names: &Names, texts: &Texts) -> Vec<Entry> {
    let top = format!("{}/", names.sdist(&metadata.version));
    let mut entries = vec![
        Entry::new(format!("{top}LICENSE"), &texts[&Text::License]),
        Entry::new(format!("{top}PKG-INFO"), metadata.file()),
        Entry::new(format!("{top}README.md"), &texts[&Text::Readme]),
        Entry::new(format!("{top}pyproject.toml"), metadata.pyproject(names)),
    ];
    entries.extend(modules(&top, names, texts));
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

fn modules(top: &str, names: &Names, texts: &Texts) -> Vec<Entry> {
    vec![
        Entry::new(format!("{top}{}.py", names.command_module), &texts[&Text::Command]),
        Entry::new(format!("{top}{}.py", names.module), &texts[&Text::Module]),
    ]
}

/// Every file with its digest and its size, and itself without (PEP 376, 427). No path of ours has a comma or a quote.
fn record(entries: &[Entry], own: &str) -> Entry {
    let line = |entry: &Entry| {
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&entry.text));
        format!("{},sha256={digest},{}\n", entry.path, entry.text.len())
    };
    Entry::new(own, entries.iter().map(line).collect::<String>() + own + ",,\n")
}
