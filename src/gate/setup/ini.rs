//! `pip.conf`, as pip reads it: Python's configparser, with options by their long names, and `-` for `_`.

use super::refused::SetupRefusal;
use super::wish::SetupWish;

/// The file with the gate as its only index.
///
/// # Errors
/// What names another one.
pub(super) fn merged(before: &str, wish: &SetupWish) -> Result<String, SetupRefusal> {
    let options = options(before);
    let mut is_said = false;
    for option in &options {
        let place = format!("line {}, {} of [{}],", option.line, option.key, option.section);
        match option.key.as_str() {
            "index-url" if wish.is_index(&option.value) => is_said |= option.section == "global",
            "index-url" | "extra-index-url" | "find-links" if !option.value.is_empty() => {
                return Err(SetupRefusal::other_index(&place, &option.value));
            }
            "no-index" if !["", "0", "false", "no", "off"].contains(&&*option.value.to_ascii_lowercase()) => {
                return Err(SetupRefusal::other_value(place, &option.value, "left out"));
            }
            _ => {}
        }
    }
    Ok(if is_said { before.to_owned() } else { with_index(before, &wish.index()) })
}

/// Below the head of its section, or in a section of its own.
fn with_index(before: &str, index: &str) -> String {
    let line = format!("index-url = {index}\n");
    let mut lines: Vec<&str> = before.split_inclusive('\n').collect();
    if let Some(at) = lines.iter().position(|line| section(line) == Some("global")) {
        let head = lines[at];
        let ended = if head.ends_with('\n') { head.to_owned() } else { format!("{head}\n") };
        lines[at] = &ended;
        lines.insert(at + 1, &line);
        return lines.concat();
    }
    let between = match before {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{before}{between}[global]\n{line}")
}

/// One option, with where it stands.
struct Set {
    section: String,
    key: String,
    value: String,
    line: usize,
}

/// What begins with a blank goes on with the value above.
fn options(text: &str) -> Vec<Set> {
    let (mut at, mut all) = (String::new(), Vec::<Set>::new());
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = section(line) {
            name.clone_into(&mut at);
        } else if line.starts_with([' ', '\t']) && !all.is_empty() {
            if let Some(last) = all.last_mut() {
                last.value = format!("{} {bare}", last.value).trim().to_owned();
            }
        } else {
            let (key, value) = bare.split_once(['=', ':']).unwrap_or((bare, ""));
            let key = key.trim().to_ascii_lowercase().replace('_', "-").trim_start_matches('-').to_owned();
            all.push(Set { section: at.clone(), key, value: value.trim().to_owned(), line: number + 1 });
        }
    }
    all
}

fn section(line: &str) -> Option<&str> {
    let inner = line.trim_end().strip_prefix('[')?;
    inner.find(']').map(|end| &inner[..end])
}
