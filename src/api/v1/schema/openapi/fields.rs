//! One command as its schema has it: what it is for, its fields, and where each stands in a request.

use serde_json::{Map, Value, json};
use utoipa::openapi::path::ParameterIn;

use crate::api::v1::resource::Resource;

/// The variant of a command.
pub(super) struct Fields {
    /// As its type says it.
    pub(super) description: String,
    /// The file of its answer, without its ending.
    pub(super) answer: String,
    properties: Map<String, Value>,
    required: Vec<String>,
}

impl Fields {
    /// `variant` is the schema of the command; the fields of `filter` are parts of it.
    pub(super) fn of(variant: &Value, filter: &Value) -> Self {
        let text = variant["description"].as_str().expect("it says what it is");
        let mut properties = variant["properties"].as_object().expect("fields").clone();
        properties.remove("command");
        if properties.remove("filter").is_some() {
            properties.extend(filter["properties"].as_object().expect("fields").clone());
        }
        let required = variant["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let required = required.filter(|name| properties.contains_key(*name)).map(str::to_owned).collect();
        let answer = text.split('`').find_map(|span| span.strip_suffix(".json")).expect("it names its answer");
        Self { description: text.to_owned(), answer: answer.to_owned(), properties, required }
    }

    /// In a few words: what stands before its answer.
    pub(super) fn summary(&self) -> String {
        let words = self.description.split([':', '`']).next().unwrap_or_default();
        words.trim().trim_end_matches(',').to_owned()
    }

    /// Has a request to have it?
    pub(super) fn is_required(&self, name: &str) -> bool {
        self.required.iter().any(|required| required == name)
    }

    pub(super) fn property(&self, name: &str) -> &Value {
        &self.properties[name]
    }

    /// Those in the path, then those in the query.
    pub(super) fn parameters(&self, resource: &Resource) -> Vec<(String, ParameterIn)> {
        let parts = resource.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let path = parts.map(|name| (name.to_owned(), ParameterIn::Path));
        path.chain(resource.query.iter().map(|name| ((*name).to_owned(), ParameterIn::Query))).collect()
    }

    /// The rest, as one object; `None` where nothing is left.
    pub(super) fn body(&self, resource: &Resource) -> Option<Value> {
        let elsewhere = self.parameters(resource);
        let is_here = |name: &&String| !elsewhere.iter().any(|(other, _)| other == *name);
        let properties: Map<String, Value> =
            self.properties.iter().filter(|(name, _)| is_here(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
        let required: Vec<&String> = self.required.iter().filter(is_here).collect();
        (!properties.is_empty()).then(|| json!({"type": "object", "properties": properties, "required": required}))
    }
}

/// A value that is there: what is not known is left out of a path and a query.
pub(super) fn without_null(property: &Value) -> Value {
    let mut schema = property.clone();
    let object = schema.as_object_mut().expect("an object");
    object.retain(|word, _| word != "description" && word != "default");
    if let Some(either) = object.remove("anyOf") {
        let of = either.as_array().into_iter().flatten().find(|of| of["type"] != "null");
        return of.expect("something beside null").clone();
    }
    if let Some(types) = object.get("type").and_then(Value::as_array) {
        let of = types.iter().find(|of| *of != "null").expect("something beside null").clone();
        object.insert("type".to_owned(), of);
    }
    schema
}

pub(super) const JSON: &str = "application/json";

/// Of what is no JSON, or not by itself: in which form a report is wanted says its path.
pub(super) fn media_types(word: &str) -> &'static [&'static str] {
    match word {
        "metrics" => &["application/openmetrics-text"],
        "report-file" => &["text/plain", "text/html", "text/csv", JSON],
        other => unreachable!("{other} is JSON"),
    }
}
