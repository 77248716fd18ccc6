//! XML-RPC on the wire: the calls we read and the values we write.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::reply::escape;

/// An argument of a call; other types are known by name only, since no method takes them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    Int(i64),
    Text(String),
    Other,
}

/// A call as sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) arguments: Vec<Argument>,
}

/// An answer; writes itself as XML. Arrays are written by their elements.
pub(super) enum Value<'a> {
    Int(i64),
    Text(&'a str),
    Nil,
    Array(Vec<Self>),
    Struct(Vec<(&'a str, i64)>),
}

/// A fault and its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault(pub(super) i32, pub(super) String);

impl Call {
    /// Reads a `methodCall`; `None` for anything that is none (fault -32700).
    pub(super) fn parse(xml: &str) -> Option<Self> {
        let mut reader = Reader::from_str(xml);
        let mut path: Vec<String> = Vec::new();
        let mut call = Self { method: String::new(), arguments: Vec::new() };
        let mut text = String::new();
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) => {
                    path.push(tag.name().as_ref().to_owned());
                    text.clear();
                }
                Event::Empty(tag) => {
                    path.push(tag.name().as_ref().to_owned());
                    text.clear();
                    call.close(&path, "");
                    path.pop();
                }
                Event::Text(part) => text.push_str(&part),
                Event::GeneralRef(part) => text.push(resolve(&part)?),
                Event::End(_) => {
                    call.close(&path, &text);
                    path.pop();
                    text.clear();
                }
                Event::Eof => break,
                _ => {}
            }
        }
        (!call.method.is_empty() && path.is_empty()).then_some(call)
    }

    fn close(&mut self, path: &[String], text: &str) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["methodCall", "methodName"] => text.trim().clone_into(&mut self.method),
            ["methodCall", "params", "param", "value", kind] => self.arguments.push(argument(kind, text)),
            // A value without a type is a string; one with a type was pushed when that closed.
            ["methodCall", "params", "param", "value"] if !text.trim().is_empty() => {
                self.arguments.push(Argument::Text(text.to_owned()));
            }
            _ => {}
        }
    }
}

fn argument(kind: &str, text: &str) -> Argument {
    match kind {
        "int" | "i4" | "i8" => text.trim().parse().map_or(Argument::Other, Argument::Int),
        "string" => Argument::Text(text.to_owned()),
        _ => Argument::Other,
    }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c);
    }
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

impl Value<'_> {
    pub(super) fn write(&self, out: &mut String) {
        let _ = match self {
            Self::Int(number) => writeln!(out, "<value><int>{number}</int></value>"),
            Self::Text(text) => writeln!(out, "<value><string>{}</string></value>", escape(text)),
            Self::Nil => writeln!(out, "<value><nil/></value>"),
            Self::Array(values) => {
                out.push_str("<value><array><data>\n");
                values.iter().for_each(|value| value.write(out));
                writeln!(out, "</data></array></value>")
            }
            Self::Struct(members) => {
                out.push_str("<value><struct>\n");
                for (name, number) in members {
                    let _ =
                        write!(out, "<member>\n<name>{name}</name>\n<value><int>{number}</int></value>\n</member>\n");
                }
                writeln!(out, "</struct></value>")
            }
        };
    }
}

/// A `methodResponse` around a value that `write` writes.
pub(super) fn response(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::from("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n");
    write(&mut out);
    out.push_str("</param>\n</params>\n</methodResponse>\n");
    out
}

impl Fault {
    pub(super) fn response(&self) -> String {
        let Self(code, text) = self;
        format!(
            "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n\
             <value><int>{code}</int></value>\n</member>\n<member>\n<name>faultString</name>\n\
             <value><string>{}</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n",
            escape(text)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(params: &str) -> Option<Call> {
        Call::parse(&format!(
            "<?xml version='1.0'?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n{params}</params>\n</methodCall>\n"
        ))
    }

    #[test]
    fn arguments_keep_their_types() {
        let xml = "<param>\n<value><int>7</int></value>\n</param>\n<param><value><string>a &amp; b</string></value></param>\
                   <param><value>bare</value></param><param><value><nil/></value></param>";
        let expected =
            vec![Argument::Int(7), Argument::Text("a & b".into()), Argument::Text("bare".into()), Argument::Other];
        assert_eq!(parse(xml).map(|call| call.arguments), Some(expected));
    }

    #[test]
    fn what_is_no_call_is_none() {
        for text in ["", "nonsense", "<methodCall>", "<methodCall></methodCall>", "<a></b>"] {
            assert_eq!(Call::parse(text), None, "{text}");
        }
    }
}
