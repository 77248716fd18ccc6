//! Where each command stands in HTTP: its method, its path, and what of it stands in the query. One table for both ends: who
//! serves makes a command of a request, and a verb makes a request of a command, so that neither needs types of its own.
//!
//! Fields of a command that its path names stand there, those of a `GET` in the query (a list as a parameter that comes more
//! than once), all others as JSON in the body.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::command::Command;
use super::problem::{Problem, ProblemType};
use crate::model::Role;
use crate::model::unread::shown;

/// How it is asked (RFC 9110, section 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
}

/// What an answer is made of. Its items are of the schema that the command's description names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    One,
    /// `page.json`, and the next one in a `Link`.
    Page,
    List,
    /// The text alone, under its own media type.
    Text,
}

/// One command, and where it stands.
#[derive(Debug)]
pub struct Resource {
    /// By what the command is called.
    pub word: &'static str,
    pub method: Method,
    /// With its fields in braces.
    pub path: &'static str,
    /// The fields that stand in the query.
    pub query: &'static [&'static str],
    pub shape: Shape,
    /// The role that an account of the web needs for it. `None`: it is for the uploader, who comes by the socket alone.
    pub role: Option<Role>,
}

/// No form and no command is larger, in bytes.
pub const COMMAND_ROOM: usize = 64 * 1024;
/// But an inventory that somebody thinks of is: some thousands of names. A longer one is looked at where it lies, by a verb that does it in a
/// process of its own.
pub const INVENTORY_ROOM: usize = 96 * 1024;

impl Resource {
    /// The largest body that it takes, in bytes.
    pub fn room(&self) -> usize {
        if self.word == "inventory-preview" { INVENTORY_ROOM } else { COMMAND_ROOM }
    }
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

type Names = &'static [&'static str];

const fn get(word: &'static str, path: &'static str, shape: Shape, query: Names) -> Resource {
    Resource { word, method: Method::Get, path, query, shape, role: Some(Role::Viewer) }
}

const fn post(word: &'static str, path: &'static str, shape: Shape, role: Role) -> Resource {
    Resource { word, method: Method::Post, path, query: &[], shape, role: Some(role) }
}

const fn admin(resource: Resource) -> Resource {
    Resource { role: Some(Role::Admin), ..resource }
}

const fn of_uploader(word: &'static str, path: &'static str) -> Resource {
    Resource { role: None, ..post(word, path, Shape::One, Role::Admin) }
}

const FINDINGS: Names = &["owner", "project", "states", "at_least", "watch", "search", "order", "after", "limit"];

/// Every command, once.
///
/// Nothing stands beside `/findings/{case}`: whatever a project is called, its case is there.
pub const RESOURCES: &[Resource] = &[
    get("status", "/api/v1/status", Shape::One, &[]),
    get("glance", "/api/v1/glance", Shape::One, &[]),
    get("metrics", "/metrics", Shape::Text, &[]),
    get("coverage", "/api/v1/coverage", Shape::One, &[]),
    get("findings", "/api/v1/findings", Shape::Page, FINDINGS),
    get("finding", "/api/v1/findings/{case}", Shape::One, &[]),
    post("judge", "/api/v1/decisions", Shape::List, Role::Responder),
    post("snooze", "/api/v1/snoozes", Shape::List, Role::Responder),
    get("watches", "/api/v1/watches", Shape::Page, &["owner", "exposure", "search", "after", "limit"]),
    get("check-name", "/api/v1/check", Shape::One, &["name"]),
    get("inventory-lint", "/api/v1/inventory/lint", Shape::Page, &["after", "limit"]),
    post("inventory-preview", "/api/v1/inventory/preview", Shape::One, Role::Viewer),
    get("report", "/api/v1/report", Shape::One, &["owner", "since"]),
    get("report-file", "/api/v1/report/{form}", Shape::Text, &["owner", "since"]),
    get("rules", "/api/v1/rules", Shape::List, &[]),
    get("health", "/api/v1/health", Shape::Page, &["after", "limit"]),
    post("acknowledge-health", "/api/v1/health/{case}/acknowledgement", Shape::One, Role::Responder),
    get("claim-status", "/api/v1/claims", Shape::Page, &["names", "after", "limit"]),
    post("claim-propose", "/api/v1/claims", Shape::List, Role::Approver),
    get("claim-plan", "/api/v1/claims/plan", Shape::Page, &["names", "after", "limit"]),
    post("claim-decide", "/api/v1/claims/decisions", Shape::List, Role::Approver),
    post("claim-apply", "/api/v1/claims/apply", Shape::One, Role::Approver),
    get("claim-request", "/api/v1/claims/request", Shape::One, &[]),
    post("claim-agree", "/api/v1/claims/agreements", Shape::One, Role::Approver),
    of_uploader("claim-work", "/api/v1/uploader/work"),
    of_uploader("claim-report", "/api/v1/uploader/reports"),
    get("gate", "/api/v1/gate", Shape::One, &[]),
    get("gate-reviews", "/api/v1/gate/reviews", Shape::Page, &["state", "search", "after", "limit"]),
    get("gate-review", "/api/v1/gate/reviews/{review}", Shape::One, &[]),
    post("gate-decide", "/api/v1/gate/reviews/{review}/decisions", Shape::One, Role::Approver),
    post("test-alert", "/api/v1/test-alert", Shape::List, Role::Admin),
    post("deliveries", "/api/v1/deliveries", Shape::List, Role::Viewer),
    post("probe", "/api/v1/channels/probe", Shape::List, Role::Admin),
    post("apply-inventory", "/api/v1/inventory/apply", Shape::One, Role::Admin),
    post("reload", "/api/v1/reload", Shape::One, Role::Admin),
    post("reconcile", "/api/v1/reconcile", Shape::One, Role::Admin),
    get("known", "/api/v1/projects", Shape::Page, &["after", "limit"]),
    get("cursor", "/api/v1/cursor", Shape::One, &[]),
    Resource { method: Method::Put, ..post("set-cursor", "/api/v1/cursor", Shape::One, Role::Admin) },
    // Minutes of reading, and of room on the disk: no sight for everybody.
    post("check", "/api/v1/store/check", Shape::One, Role::Admin),
    post("backup", "/api/v1/store/backups", Shape::One, Role::Admin),
    admin(get("users", "/api/v1/users", Shape::Page, &["after", "limit"])),
    post("user-change", "/api/v1/users/{name}/changes", Shape::One, Role::Admin),
    post("user-link", "/api/v1/users/{name}/links", Shape::One, Role::Admin),
    admin(get("tokens", "/api/v1/tokens", Shape::Page, &["after", "limit"])),
    post("token-create", "/api/v1/tokens", Shape::One, Role::Viewer),
    post("token-revoke", "/api/v1/tokens/revoked", Shape::One, Role::Viewer),
    admin(get("audit", "/api/v1/audit", Shape::Page, &["since", "after", "limit"])),
];

/// Fields of the query that are lists, and those that are numbers. All others are texts.
pub(super) const LISTS: [&str; 2] = ["names", "states"];
pub(super) const NUMBERS: [&str; 1] = ["limit"];
/// The filter is a part of its command, and has no name of its own in the query.
const FILTERED: &str = "findings";
const FILTER: &str = "filter";

/// A request that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub body: Option<Vec<u8>>,
    /// Of the answer.
    pub shape: Shape,
}

type Fields = Map<String, Value>;

impl Resource {
    /// What a request asks: `path` are the fields that stood there, decoded, and `body` what came with it.
    ///
    /// # Errors
    /// What of it cannot be understood.
    pub fn command(&self, path: Vec<(String, String)>, query: &str, body: &[u8]) -> Result<Command, Problem> {
        let mut fields = self.in_query(query)?;
        if self.word == FILTERED {
            fields = Map::from_iter([(FILTER.to_owned(), Value::Object(fields))]);
        }
        if self.method != Method::Get {
            fields.extend(in_body(body)?);
        }
        fields.extend(path.into_iter().map(|(name, value)| (name, Value::String(value))));
        fields.insert("command".to_owned(), Value::from(self.word));
        serde_json::from_value(Value::Object(fields)).map_err(|error| malformed(error.to_string()))
    }

    fn in_query(&self, query: &str) -> Result<Fields, Problem> {
        let mut fields = Fields::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !self.query.contains(&&*name) {
                return Err(self.no_such_parameter(&name));
            }
            put_in(&mut fields, &name, value.into_owned())?;
        }
        Ok(fields)
    }

    /// A filter that is spelt wrong would be none, and everything that it was to leave out would be there.
    fn no_such_parameter(&self, name: &str) -> Problem {
        let known = match self.query {
            [] => "none is known here".to_owned(),
            known => format!("known are {}", known.join(", ")),
        };
        malformed(format!("there is no parameter {:?}; {known}", shown(name)))
    }
}

fn put_in(fields: &mut Fields, name: &str, value: String) -> Result<(), Problem> {
    if LISTS.contains(&name) {
        let list = fields.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        list.as_array_mut().into_iter().for_each(|list| list.push(Value::String(value.clone())));
        return Ok(());
    }
    let number = || value.parse::<u64>().map(Value::from).map_err(|_| malformed(format!("{name} is no whole number")));
    let value = if NUMBERS.contains(&name) { number()? } else { Value::String(value) };
    match fields.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(malformed(format!("{name} is there twice"))),
    }
}

/// No body is one in which everything is left out.
fn in_body(body: &[u8]) -> Result<Fields, Problem> {
    if body.is_empty() {
        return Ok(Fields::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(malformed("the body is no JSON object".to_owned())),
        Err(error) => Err(malformed(format!("the body is no JSON: {error}"))),
    }
}

fn malformed(detail: String) -> Problem {
    Problem::new(ProblemType::BadValue, detail)
}

/// What of a path or a query is written as it is (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The request that asks this. `None` where what it names cannot stand in a path: nothing is called so.
pub fn request(command: &Command) -> Option<Request> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(command) else { return None };
    let word = fields.remove("command")?;
    let resource = RESOURCES.iter().find(|resource| word == resource.word)?;
    if let Some(Value::Object(filter)) = fields.remove(FILTER) {
        fields.extend(filter);
    }
    fields.retain(|_, value| !value.is_null());
    let path = filled(resource.path, &mut fields)?;
    if resource.method != Method::Get {
        let body = serde_json::to_vec(&fields).ok()?;
        return Some(Request { method: resource.method, target: path, body: Some(body), shape: resource.shape });
    }
    let query: Vec<String> = fields.iter().flat_map(|(name, value)| pairs(name, value)).collect();
    let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    Some(Request { method: resource.method, target, body: None, shape: resource.shape })
}

/// The path with its fields, which leave the others. Without such as every client takes for no part of a path, or for the one above
/// (RFC 3986, section 5.2.4).
fn filled(template: &str, fields: &mut Fields) -> Option<String> {
    let parts = template.split('/').map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => {
            let value = encoded(&fields.remove(name).unwrap_or_default());
            (!["", ".", ".."].contains(&value.as_str())).then_some(value)
        }
        None => Some(part.to_owned()),
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

fn pairs(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().map(|value| format!("{name}={}", encoded(value))).collect(),
        one => vec![format!("{name}={}", encoded(one))],
    }
}

fn encoded(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    utf8_percent_encode(&text, ENCODED).to_string()
}

#[cfg(test)]
mod tests;
