//! `docs/api/v1/openapi.json`: the resources as OpenAPI 3.1, which the daemon serves as it is.
//!
//! Its paths are put together with utoipa out of the table of resources, its schemas are those that schemars makes of the same
//! types as in the files beside it: no type has a second description.

mod fields;
mod parts;

use std::fs;

use fields::Fields;
use parts::{Parts, reachable};
use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApiBuilder, Paths, Ref, RefOr, Required, Schema,
};

use super::super::resource::{Method, RESOURCES, Resource, Shape};
use super::{directory, is_to_be_written};

const FILE: &str = "openapi.json";
const ABOUT: &str = "What namewarden tells programs, and is told by them. Within version 1 things are only added: ignore \
                     fields that you do not know. Texts of strangers are as they wrote them. What is not done is a problem \
                     (RFC 9457), whose `type` is for programs. Lists are pages: `next` is the `after` of the next one.";
const TOKEN: &str = "token";
const KEY: &str = "A word of yours, new for each request: the same request again within a day is answered as the first was, and \
                   done once.";

/// The whole document.
fn document() -> Value {
    let mut parts = Parts::new();
    let mut paths = Paths::new();
    for resource in RESOURCES.iter().filter(|resource| resource.role.is_some()) {
        paths.add_path_operation(resource.path, vec![method(resource.method)], operation(resource, &mut parts));
    }
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("`namewarden token` makes one"));
    let components = ComponentsBuilder::new().security_scheme(TOKEN, SecurityScheme::Http(scheme.build()));
    let built = OpenApiBuilder::new()
        .info(InfoBuilder::new().title("namewarden").version("1").description(Some(ABOUT)))
        .paths(paths)
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new(TOKEN, Vec::<String>::new())]))
        .build();
    let mut document = serde_json::to_value(built).expect("plain");
    let schemas = reachable(&document, parts.into_schemas());
    document["components"]["schemas"] = Value::Object(schemas);
    document
}

fn method(of: Method) -> HttpMethod {
    match of {
        Method::Get => HttpMethod::Get,
        Method::Post => HttpMethod::Post,
        Method::Put => HttpMethod::Put,
    }
}

fn operation(resource: &Resource, parts: &mut Parts) -> Operation {
    let fields = parts.fields(resource);
    let role = resource.role.expect("it is for accounts");
    let mut operation = OperationBuilder::new()
        .operation_id(Some(resource.word))
        .summary(Some(fields.summary()))
        .description(Some(format!("{}\n\nFor the role {role} and those above it.", fields.description)))
        .response("200", answer(resource, &fields, parts))
        .response("default", problem());
    for (name, place) in fields.parameters(resource) {
        operation = operation.parameter(parameter(&name, &place, &fields));
    }
    if resource.method == Method::Get {
        return operation.build();
    }
    let key = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
    let text = part(serde_json::json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}));
    operation = operation.parameter(key.required(Required::False).description(Some(KEY)).schema(Some(text)));
    match fields.body(resource) {
        Some(body) => operation.request_body(Some(asked(body, resource, parts))).build(),
        None => operation.build(),
    }
}

fn parameter(name: &str, place: &ParameterIn, fields: &Fields) -> ParameterBuilder {
    let property = fields.property(name);
    let is_required = *place == ParameterIn::Path || fields.is_required(name);
    let required = if is_required { Required::True } else { Required::False };
    let mut parameter = ParameterBuilder::new().name(name).parameter_in(place.clone()).required(required);
    if let Some(about) = property["description"].as_str() {
        parameter = parameter.description(Some(about));
    }
    parameter.schema(Some(part(fields::without_null(property))))
}

fn asked(body: Value, resource: &Resource, parts: &mut Parts) -> utoipa::openapi::request_body::RequestBody {
    let needed = if body["required"].as_array().is_some_and(|needed| !needed.is_empty()) {
        Required::True
    } else {
        Required::False
    };
    let schema = parts.add(&format!("{}-request", resource.word), body);
    let content = ContentBuilder::new().schema(Some(Ref::new(schema))).build();
    RequestBodyBuilder::new().required(Some(needed)).content("application/json", content).build()
}

fn answer(resource: &Resource, fields: &Fields, parts: &mut Parts) -> utoipa::openapi::Response {
    let schema = parts.answer(&fields.answer);
    let mut response = ResponseBuilder::new().description("Done");
    let json = match resource.shape {
        Shape::One => Ref::new(schema).into(),
        Shape::List => part(serde_json::json!({"type": "array", "items": {"$ref": schema}})),
        Shape::Page => Ref::new(parts.page(&schema)).into(),
        Shape::Text => {
            for media_type in fields::media_types(resource.word) {
                let whole = *media_type == fields::JSON;
                let schema = if whole {
                    Ref::from_schema_name("Report").into()
                } else {
                    part(serde_json::json!({"type": "string"}))
                };
                response = response.content(*media_type, ContentBuilder::new().schema(Some(schema)).build());
            }
            return response.build();
        }
    };
    response.content("application/json", ContentBuilder::new().schema(Some(json)).build()).build()
}

fn problem() -> utoipa::openapi::Response {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description("Not done").content("application/problem+json", content).build()
}

/// A schema that stands in a path, as utoipa has it: nothing of it may be lost.
fn part(schema: Value) -> RefOr<Schema> {
    let read: RefOr<Schema> = serde_json::from_value(schema.clone()).expect("a schema");
    assert_eq!(serde_json::to_value(&read).expect("plain"), schema, "utoipa says it otherwise");
    read
}

#[test]
fn the_document_is_what_the_table_says() {
    let (now, path) = (document(), directory().join(FILE));
    if is_to_be_written() {
        fs::write(&path, serde_json::to_string_pretty(&now).expect("plain") + "\n").expect("writable");
    }
    let recorded: Value = serde_json::from_str(&fs::read_to_string(path).expect("there")).expect("JSON");
    assert!(
        recorded == now,
        "docs/api/v1/{FILE} is another: DOCS=write cargo test -p namewarden-api --lib api::v1::schema"
    );
}

#[test]
fn what_the_document_refers_to_is_in_it_and_nothing_else() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    assert!(schemas.contains_key("Finding") && schemas.contains_key("Problem"));
    assert!(!schemas.contains_key("Command") && !schemas.contains_key("Told"), "of no resource for accounts");
    assert_eq!(reachable(&document, schemas.clone()).len(), schemas.len());
}
