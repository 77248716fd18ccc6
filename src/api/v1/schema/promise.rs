//! What version 1 promises, as a comparison of two schemas: fields are only added.

use serde_json::Value;

/// Who writes what the schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// We do, and programs read it: what is always there stays so, and no set grows.
    Read,
    /// Programs do, and we read it: what may be left out stays so, and sets may grow.
    Written,
}

/// Where the new schema breaks what the old one promised. Both are whole, with their definitions.
pub(super) fn broken(old: &Value, new: &Value, direction: Direction) -> Vec<String> {
    let mut comparison = Comparison { old, new, direction, seen: Vec::new(), breaks: Vec::new() };
    comparison.node("", old, new);
    comparison.breaks
}

struct Comparison<'s> {
    old: &'s Value,
    new: &'s Value,
    direction: Direction,
    /// References that are being followed: types may hold themselves.
    seen: Vec<(&'s Value, &'s Value)>,
    breaks: Vec<String>,
}

/// What a node says of a value, and may not say otherwise later.
const FIXED: [&str; 4] = ["type", "format", "const", "additionalProperties"];
/// Alternatives.
const EITHER: [&str; 3] = ["anyOf", "oneOf", "allOf"];

impl<'s> Comparison<'s> {
    fn node(&mut self, at: &str, old: &'s Value, new: &'s Value) {
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        if self.seen.iter().any(|(a, b)| std::ptr::eq(*a, old) && std::ptr::eq(*b, new)) {
            return;
        }
        self.seen.push((old, new));
        for word in FIXED.into_iter().filter(|word| old.get(word) != new.get(word)) {
            self.breaks.push(format!("{at}: {word} is another"));
        }
        self.fields(at, old, new);
        self.required(at, old, new);
        self.set(at, old, new);
        if let (Some(old), Some(new)) = (old.get("items"), new.get("items")) {
            self.node(&format!("{at}[]"), old, new);
        }
        EITHER.iter().for_each(|word| self.either(at, list(old, word), list(new, word)));
        self.seen.pop();
    }

    fn fields(&mut self, at: &str, old: &'s Value, new: &'s Value) {
        let Some(old) = old.get("properties").and_then(Value::as_object) else { return };
        let fields = new.get("properties");
        for (name, field) in old {
            match fields.and_then(|fields| fields.get(name)) {
                Some(new) => self.node(&format!("{at}.{name}"), field, new),
                None => self.breaks.push(format!("{at}.{name} is gone")),
            }
        }
    }

    fn required(&mut self, at: &str, old: &Value, new: &Value) {
        let (old, new) = (list(old, "required"), list(new, "required"));
        let (less, what) = match self.direction {
            Direction::Read => (old.iter().filter(|name| !new.contains(name)).collect::<Vec<_>>(), "may be left out"),
            Direction::Written => (new.iter().filter(|name| !old.contains(name)).collect(), "must be given"),
        };
        self.breaks.extend(less.into_iter().map(|name| format!("{at}.{} now {what}", text(name))));
    }

    fn set(&mut self, at: &str, old: &Value, new: &Value) {
        let (old, new) = (list(old, "enum"), list(new, "enum"));
        let gone = old.iter().filter(|word| !new.contains(word));
        self.breaks.extend(gone.map(|word| format!("{at}: {} is gone", text(word))));
        let more = new.iter().filter(|word| !old.contains(word));
        if self.direction == Direction::Read {
            self.breaks.extend(more.map(|word| format!("{at}: {} is no part of the closed set", text(word))));
        }
    }

    /// Each of the old has its like among the new; and programs that read are given no other.
    fn either(&mut self, at: &str, old: &'s [Value], new: &'s [Value]) {
        for (n, alternative) in old.iter().enumerate() {
            let like = new.iter().map(|new| self.apart(alternative, new)).min_by_key(Vec::len);
            let breaks = like.unwrap_or_else(|| vec![": is gone".to_owned()]);
            self.breaks.extend(breaks.into_iter().map(|why| format!("{at}|{n}{why}")));
        }
        if self.direction == Direction::Read && new.len() > old.len() {
            self.breaks.push(format!("{at}: has another alternative"));
        }
    }

    fn apart(&self, old: &'s Value, new: &'s Value) -> Vec<String> {
        let mut apart = Self { seen: self.seen.clone(), breaks: Vec::new(), ..*self };
        apart.node("", old, new);
        apart.breaks
    }
}

/// A node, or what it refers to.
fn resolved<'s>(root: &'s Value, node: &'s Value) -> &'s Value {
    let reference = node.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    reference.and_then(|path| root.pointer(path)).unwrap_or(node)
}

fn list<'s>(node: &'s Value, word: &str) -> &'s [Value] {
    node.get(word).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn old() -> Value {
        json!({
            "type": "object",
            "properties": {
                "key": { "type": "string" },
                "tier": { "$ref": "#/definitions/Tier" },
                "note": { "type": ["string", "null"] },
                "of": { "anyOf": [{ "$ref": "#/definitions/Of" }, { "type": "null" }] },
                "all": { "type": "array", "items": { "$ref": "#/definitions/Of" } },
            },
            "required": ["key", "tier"],
            "definitions": {
                "Tier": { "type": "string", "enum": ["digest", "page"] },
                "Of": { "type": "object", "properties": { "serial": { "type": "integer" } } },
            },
        })
    }

    fn changed(path: &str, value: Value) -> Value {
        let mut new = old();
        let (parent, last) = path.rsplit_once('/').expect("a pointer");
        new.pointer_mut(parent).expect("there").as_object_mut().expect("an object").insert(last.to_owned(), value);
        new
    }

    fn read(path: &str, value: Value) -> Vec<String> {
        broken(&old(), &changed(path, value), Direction::Read)
    }

    #[test]
    fn what_is_added_breaks_nothing() {
        let nothing: [&str; 0] = [];
        assert_eq!(broken(&old(), &old(), Direction::Read), nothing);
        assert_eq!(read("/properties/more", json!({ "type": "string" })), nothing);
        assert_eq!(read("/definitions/Of/properties/more", json!({ "type": "string" })), nothing);
        assert_eq!(read("/required", json!(["key", "tier", "note"])), nothing, "always there from now on");
        assert_eq!(read("/properties/key", json!({ "type": "string", "description": "words" })), nothing);
    }

    #[test]
    fn what_is_removed_renamed_or_retyped_breaks_it() {
        let mut gone = old();
        gone["properties"].as_object_mut().expect("fields").remove("note");
        assert_eq!(broken(&old(), &gone, Direction::Read), [".note is gone"]);
        assert_eq!(read("/properties/key", json!({ "type": "integer" })), [".key: type is another"]);
        assert_eq!(read("/properties/note", json!({ "type": "string" })), [".note: type is another"]);
        assert_eq!(read("/required", json!(["key"])), [".tier now may be left out"]);
        let retyped = read("/definitions/Of/properties/serial", json!({ "type": "string" }));
        assert_eq!(retyped, [".all[].serial: type is another", ".of|0.serial: type is another"]);
    }

    #[test]
    fn a_closed_set_stays_for_who_reads_and_may_grow_for_who_writes() {
        let grown = json!(["digest", "alert", "page"]);
        assert_eq!(read("/definitions/Tier/enum", grown.clone()), [".tier: alert is no part of the closed set"]);
        assert_eq!(read("/definitions/Tier/enum", json!(["page"])), [".tier: digest is gone"]);
        let written = |path: &str, value| broken(&old(), &changed(path, value), Direction::Written);
        let nothing: [&str; 0] = [];
        assert_eq!(written("/definitions/Tier/enum", grown), nothing);
        assert_eq!(written("/required", json!(["key"])), nothing);
        assert_eq!(written("/required", json!(["key", "tier", "note"])), [".note now must be given"]);
        let more = json!([{ "$ref": "#/definitions/Of" }, { "type": "null" }, { "type": "string" }]);
        assert_eq!(written("/properties/of/anyOf", more.clone()), nothing);
        assert_eq!(read("/properties/of/anyOf", more), [".of: has another alternative"]);
    }
}
