//! What a page says of a project, in little: a hash a field, so that a look can tell which of them says something else. Pure.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What people and installers read of a release (`warehouse` `legacy/api/json.py`); not its version, counts and addresses.
const FIELDS: [&str; 19] = [
    "author",
    "author_email",
    "classifiers",
    "description",
    "description_content_type",
    "download_url",
    "home_page",
    "keywords",
    "license",
    "license_expression",
    "license_files",
    "maintainer",
    "maintainer_email",
    "platform",
    "project_urls",
    "provides_extra",
    "requires_dist",
    "requires_python",
    "summary",
];

/// Those that say something. PyPI writes empty ones as null, as "" or as "None", and keeps no order in lists.
pub(super) fn described<'v>(info: impl Iterator<Item = (&'v String, &'v Value)>) -> BTreeMap<String, String> {
    let known = info.filter(|(field, value)| FIELDS.contains(&field.as_str()) && !is_empty(value));
    known.map(|(field, value)| (field.clone(), hash(&plain(value)))).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "None" | "UNKNOWN"),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The same text for the same content.
fn plain(value: &Value) -> String {
    let mut parts: Vec<String> = match value {
        Value::Array(list) => list.iter().map(Value::to_string).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| format!("{key}: {value}")).collect(),
        other => return other.to_string(),
    };
    parts.sort_unstable();
    parts.join("\n")
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(info: &Value) -> BTreeMap<String, String> {
        let info: BTreeMap<String, Value> = serde_json::from_value(info.clone()).expect("an object");
        described(info.iter())
    }

    #[test]
    fn only_what_says_something_else_is_another() {
        let page = serde_json::json!({"description": "# x", "classifiers": ["a", "b"], "license": null, "keywords": "",
            "project_urls": {"Home": "https://a.example", "Docs": "https://b.example"}, "version": "0.0.1", "yanked": false});
        let same = serde_json::json!({"description": "# x", "classifiers": ["b", "a"], "license": "None", "requires_dist": [],
            "project_urls": {"Docs": "https://b.example", "Home": "https://a.example"}, "version": "0.0.2", "yanked": true});
        assert_eq!(of(&page), of(&same));
        assert_eq!(of(&page).into_keys().collect::<Vec<_>>(), ["classifiers", "description", "project_urls"]);
        for (field, other) in [("description", "# y"), ("summary", "new"), ("requires_dist", "evil")] {
            let mut changed = page.clone();
            changed[field] = other.into();
            assert_ne!(of(&changed), of(&page), "{field}");
        }
    }
}
