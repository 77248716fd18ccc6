//! The answer to PyPI's XML-RPC calls that list projects: `list_packages`, `list_packages_with_serial`, and what
//! `search` used to give.

use super::said::{Each, Said};
use crate::config::source::{Fault, Problem, Source};
use crate::model::ProjectName;
use crate::registry::pypi::xmlrpc::{Value, XmlRpcError, read_value};

pub(super) fn read(source: &Source, each: Each<'_>) -> Result<(), Problem> {
    match read_value(source.text()) {
        Ok(Ok(Value::Array(items))) => items.iter().for_each(|item| each(element(item))),
        Ok(Ok(Value::Struct(members))) => members.iter().for_each(|(name, _)| each(said(name))),
        Ok(Ok(_)) => return Err(source.problem(0, "", no_list())),
        Ok(Err(fault)) => return Err(source.problem(0, "", refused(fault.code))),
        Err(error) => return Err(broken(source, &error)),
    }
    Ok(())
}

fn element(item: &Value) -> Said<'_> {
    match item {
        Value::Text(name) => said(name),
        Value::Struct(members) => {
            let name = members.iter().find(|(key, _)| key == "name").and_then(|(_, value)| value.as_text());
            name.map_or_else(|| Said::doubtful("", 0, no_list()), said)
        }
        _ => Said::doubtful("", 0, no_list()),
    }
}

fn said(name: &str) -> Said<'_> {
    match ProjectName::is_valid(name) {
        true => Said::name(name, 0),
        false => Said::doubtful(name, 0, Fault::new(format!("{name:?} is no project name"), "look where it is from")),
    }
}

fn no_list() -> Fault {
    Fault::new("it is an answer of XML-RPC, and no list of names", "ask for list_packages_with_serial")
}

/// The text of a fault is the server's, and hostile; its code says enough.
fn refused(code: i64) -> Fault {
    Fault::new(
        format!("it is a refusal of XML-RPC, fault {code}"),
        "name a list of names, such as the simple API's JSON",
    )
}

fn broken(source: &Source, error: &XmlRpcError) -> Problem {
    let (XmlRpcError::Xml { at, .. } | XmlRpcError::Shape { at, .. }) = error;
    let fault = Fault::new(format!("it begins like XML-RPC and is {error}"), "it may be cut off: fetch it again");
    source.problem(usize::try_from(*at).unwrap_or_default(), "", fault)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn names(value: &str) -> String {
        let text =
            format!("<?xml version='1.0'?><methodResponse><params><param>{value}</param></params></methodResponse>");
        said_of(&text)
    }

    fn said_of(text: &str) -> String {
        let mut said = Vec::new();
        let source = Source::new(Path::new("answer"), text.to_owned());
        let read = read(&source, &mut |each| {
            said.push(match each {
                Said::Project { name, .. } => name.into_owned(),
                _ => "?".to_owned(),
            });
        });
        read.map_or_else(|problem| problem.to_string(), |()| said.join(" "))
    }

    #[test]
    fn lists_are_read_and_all_else_refused() {
        let text = |name: &str| format!("<value><string>{name}</string></value>");
        let list = format!("<value><array><data>{}{}</data></array></value>", text("acme"), text("a b"));
        assert_eq!(names(&list), "acme ?");
        let member = "<member><name>acme</name><value><int>5</int></value></member>";
        assert_eq!(names(&format!("<value><struct>{member}</struct></value>")), "acme");
        let found = format!("<value><struct><member><name>name</name>{}</member></struct></value>", text("acme"));
        assert_eq!(names(&format!("<value><array><data>{found}</data></array></value>")), "acme");
        assert!(names("<value><int>5</int></value>").contains("no list of names"));
        let cut = "<?xml version='1.0'?><methodResponse><params><param><value><array><data>";
        assert!(said_of(cut).contains("cut off"), "{}", said_of(cut));
    }
}
