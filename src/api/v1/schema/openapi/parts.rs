//! The schemas that the document refers to: made by schemars, of what is written and of what is read.

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::super::SUBJECTS;
use super::fields::Fields;
use crate::api::v1::resource::Resource;
use crate::api::v1::{Command, Problem};

const PLACE: &str = "#/components/schemas/";

pub(super) struct Parts {
    /// Of what is answered; its definitions grow as answers are asked for.
    answers: SchemaGenerator,
    /// Of what is asked.
    schemas: Map<String, Value>,
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into())
}

impl Parts {
    pub(super) fn new() -> Self {
        let mut asked = settings().for_deserialize().into_generator();
        asked.subschema_for::<Command>();
        let mut answers = settings().for_serialize().into_generator();
        answers.subschema_for::<Problem>();
        Self { answers, schemas: asked.take_definitions(true) }
    }

    /// What the command of a resource is made of.
    pub(super) fn fields(&self, resource: &Resource) -> Fields {
        let commands = self.schemas["Command"]["oneOf"].as_array().expect("variants");
        let variant = commands.iter().find(|of| of["properties"]["command"]["const"] == resource.word);
        Fields::of(variant.expect("a command"), &self.schemas["Filter"])
    }

    /// Where the schema of an answer is, by its file.
    pub(super) fn answer(&mut self, file: &str) -> String {
        let subject = SUBJECTS.iter().find(|subject| subject.file == file).expect("a schema");
        let schema = (subject.part)(&mut self.answers);
        schema.get("$ref").and_then(Value::as_str).expect("it has a name").to_owned()
    }

    /// Where the schema of a page of these is.
    pub(super) fn page(&mut self, item: &str) -> String {
        let name = format!("{}Page", item.rsplit('/').next().unwrap_or_default());
        let properties = json!({
            "items": {"type": "array", "items": {"$ref": item}},
            "next": {"description": "For `after`: opaque, of this list alone. `null`: nothing follows.", "type": ["string", "null"]},
        });
        self.add(&name, json!({"type": "object", "properties": properties, "required": ["items", "next"]}))
    }

    pub(super) fn add(&mut self, name: &str, schema: Value) -> String {
        self.schemas.insert(name.to_owned(), schema);
        format!("{PLACE}{name}")
    }

    /// All of them. What is asked and what is answered may share a type, if both say the same of it.
    pub(super) fn into_schemas(mut self) -> Map<String, Value> {
        for (name, schema) in self.answers.take_definitions(true) {
            if let Some(other) = self.schemas.insert(name.clone(), schema.clone()) {
                assert_eq!(other, schema, "{name} is asked otherwise than it is answered");
            }
        }
        self.schemas
    }
}

/// Those that the document leads to.
pub(super) fn reachable(document: &Value, mut schemas: Map<String, Value>) -> Map<String, Value> {
    let mut seen = BTreeSet::new();
    let mut open = references(&document["paths"]);
    while let Some(name) = open.pop() {
        if seen.insert(name.clone()) {
            open.extend(references(schemas.get(&name).unwrap_or_else(|| panic!("there is no schema {name}"))));
        }
    }
    schemas.retain(|name, _| seen.contains(name));
    schemas
}

fn references(of: &Value) -> Vec<String> {
    match of {
        Value::Object(fields) => {
            let here = fields.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(PLACE));
            here.map(str::to_owned).into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(all) => all.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
