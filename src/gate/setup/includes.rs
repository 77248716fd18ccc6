//! Which other files a list of requirements names (pip's `requirements-file-format`): what stands there is installed, or holds, as if it
//! stood here. So it is in the part for pip of an environment of conda.

use super::options::options;
use super::past::bare;

/// Another file, as it is named: its path begins where the naming file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// Where the option begins.
    pub line: usize,
    pub path: String,
}

const NAMING: [&str; 2] = ["--requirement", "--constraint"];

/// Each of them, in the order of the text. What stands in a command (`pip install -r FILE`) is of whoever runs that, wherever they stand,
/// and what is an address is none of these.
pub fn includes(text: &str) -> Vec<Include> {
    let mut all = Vec::new();
    let mut before: Option<(usize, String)> = None;
    for (at, line) in text.lines().enumerate() {
        let (number, mut whole) = before.take().unwrap_or((at + 1, String::new()));
        let broken = line.trim_end().strip_suffix('\\').filter(|body| !body.trim_start().starts_with('#'));
        whole.push_str(broken.unwrap_or(line));
        match broken {
            Some(_) => before = Some((number, whole)),
            None => all.extend(named(&whole).into_iter().map(|path| Include { line: number, path })),
        }
    }
    // The last line may end as if another followed.
    if let Some((line, whole)) = before {
        all.extend(named(&whole).into_iter().map(|path| Include { line, path }));
    }
    all
}

/// Of several on a line pip reads one. Each is named: another installer may read it.
fn named(line: &str) -> Vec<String> {
    let text = bare(line).trim();
    let text = text.strip_prefix("- ").map_or(text, str::trim_start);
    if !text.starts_with('-') {
        return Vec::new();
    }
    let names = |(name, path): &(&str, String)| NAMING.contains(name) && !path.is_empty() && !path.contains("://");
    options(text).into_iter().filter(names).map(|(_, path)| path).collect()
}
