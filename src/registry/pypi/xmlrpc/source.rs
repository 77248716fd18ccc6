//! The tags of an XML-RPC response one after the other, and the values made of them.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::value::{RpcFault, Value, XmlRpcError};

/// Arrays of arrays of scalars are depth 3; PyPI sends nothing deeper.
pub(super) const DEEPEST: usize = 16;

/// What matters between tags. That end tags match their start tags is the XML parser's own check.
enum Token<'a> {
    Open(&'static str),
    Close,
    Text(Cow<'a, str>),
    End,
}

/// Every tag of an XML-RPC response, by its local name: `ex:nil` and `nil` are one type.
const TAGS: [&str; 22] = [
    "value",
    "data",
    "array",
    "string",
    "int",
    "nil",
    "i4",
    "i8",
    "biginteger",
    "boolean",
    "double",
    "dateTime.iso8601",
    "base64",
    "struct",
    "member",
    "name",
    "methodResponse",
    "params",
    "param",
    "fault",
    "i1",
    "i2",
];

/// The tags of one response, in order.
pub(super) struct Source<'a> {
    reader: Reader<&'a [u8]>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader }
    }

    fn shape(&self, what: impl Into<String>) -> XmlRpcError {
        XmlRpcError::Shape { at: self.reader.buffer_position(), what: what.into() }
    }

    fn token(&mut self) -> Result<Token<'a>, XmlRpcError> {
        loop {
            let event = self.reader.read_event();
            let event = event.map_err(|source| XmlRpcError::Xml { at: self.reader.error_position(), source })?;
            return Ok(match event {
                Event::Start(tag) => Token::Open(self.known(tag.name().as_ref())?),
                Event::Empty(tag) => return Err(self.shape(format!("<{}/> was not expanded", tag.name().as_ref()))),
                Event::End(_) => Token::Close,
                Event::Text(text) => Token::Text(text.xml10_content()),
                Event::CData(text) => Token::Text(text.xml10_content()),
                Event::GeneralRef(reference) => Token::Text(Cow::Owned(resolve(&reference))),
                Event::Eof => Token::End,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            });
        }
    }

    fn known(&self, name: &str) -> Result<&'static str, XmlRpcError> {
        let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
        let found = TAGS.iter().find(|tag| **tag == local);
        found.copied().ok_or_else(|| self.shape(format!("<{}> is no tag of it", name.escape_debug())))
    }

    /// The next tag; white space between tags means nothing, other text is an error.
    fn tag(&mut self) -> Result<Token<'a>, XmlRpcError> {
        loop {
            match self.token()? {
                Token::Text(text) if text.trim().is_empty() => {}
                Token::Text(_) => return Err(self.shape("text between tags")),
                token => return Ok(token),
            }
        }
    }

    pub(super) fn open(&mut self, name: &str) -> Result<(), XmlRpcError> {
        match self.tag()? {
            Token::Open(found) if found == name => Ok(()),
            other => Err(self.unexpected(&other, &format!("<{name}>"))),
        }
    }

    /// The end tag of `name`, which is the element that is open.
    pub(super) fn close(&mut self, name: &str) -> Result<(), XmlRpcError> {
        match self.tag()? {
            Token::Close => Ok(()),
            other => Err(self.unexpected(&other, &format!("</{name}>"))),
        }
    }

    /// `true` for `<open>`, `false` for `</close>`.
    pub(super) fn open_or_close(&mut self, open: &str, close: &str) -> Result<bool, XmlRpcError> {
        match self.tag()? {
            Token::Open(found) if found == open => Ok(true),
            Token::Close => Ok(false),
            other => Err(self.unexpected(&other, &format!("<{open}> or </{close}>"))),
        }
    }

    fn unexpected(&self, found: &Token<'_>, wanted: &str) -> XmlRpcError {
        let found = match found {
            Token::Open(name) => format!("<{name}>"),
            Token::Close => "an end tag".to_owned(),
            Token::Text(_) => "text".to_owned(),
            Token::End => "the end of the answer".to_owned(),
        };
        self.shape(format!("{found} where {wanted} should be"))
    }

    /// Stops before the result's `<value>`, or gives the fault.
    pub(super) fn open_response(&mut self) -> Result<Option<RpcFault>, XmlRpcError> {
        self.open("methodResponse")?;
        match self.tag()? {
            Token::Open("params") => self.open("param").map(|()| None),
            Token::Open("fault") => self.fault().map(Some),
            other => Err(self.unexpected(&other, "<params> or <fault>")),
        }
    }

    pub(super) fn close_response(&mut self) -> Result<(), XmlRpcError> {
        self.close("param")?;
        self.close("params")?;
        self.close("methodResponse")?;
        match self.tag()? {
            Token::End => Ok(()),
            other => Err(self.unexpected(&other, "the end of the answer")),
        }
    }

    fn fault(&mut self) -> Result<RpcFault, XmlRpcError> {
        self.open("value")?;
        let Value::Struct(members) = self.value_after_open(0)? else { return Err(self.shape("a fault is a struct")) };
        let member = |name: &str| members.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let code = member("faultCode").and_then(Value::as_int);
        let text = member("faultString").and_then(Value::as_text).unwrap_or_default().to_owned();
        code.map(|code| RpcFault { code, text }).ok_or_else(|| self.shape("a fault has an integer faultCode"))
    }

    /// Reads up to `</value>`, after `<value>`.
    pub(super) fn value_after_open(&mut self, depth: usize) -> Result<Value, XmlRpcError> {
        if depth > DEEPEST {
            return Err(self.shape("values nested too deep"));
        }
        let mut bare = String::new();
        loop {
            match self.token()? {
                Token::Text(text) => bare.push_str(&text),
                // A value without a type is a string.
                Token::Close => return Ok(Value::Text(bare)),
                Token::Open(name) if bare.trim().is_empty() => {
                    let value = self.typed(name, depth)?;
                    self.close("value")?;
                    return Ok(value);
                }
                other => return Err(self.unexpected(&other, "a value")),
            }
        }
    }

    /// Reads up to the end tag of the type, after its start tag.
    fn typed(&mut self, kind: &str, depth: usize) -> Result<Value, XmlRpcError> {
        match kind {
            "array" => self.array(depth),
            "struct" => self.members(depth),
            "nil" => self.scalar(kind).map(|_| Value::Nil),
            "int" | "i1" | "i2" | "i4" | "i8" | "biginteger" => {
                let text = self.scalar(kind)?;
                text.trim().parse().map(Value::Int).map_err(|_| self.shape(format!("{text:?} is no integer")))
            }
            "boolean" => self.scalar(kind).map(|text| Value::Bool(text.trim() == "1")),
            "string" | "double" | "dateTime.iso8601" | "base64" => self.scalar(kind).map(Value::Text),
            other => Err(self.shape(format!("<{other}> is no type of value"))),
        }
    }

    fn scalar(&mut self, kind: &str) -> Result<String, XmlRpcError> {
        let mut text = String::new();
        loop {
            match self.token()? {
                Token::Text(more) => text.push_str(&more),
                Token::Close => return Ok(text),
                other => return Err(self.unexpected(&other, &format!("</{kind}>"))),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, XmlRpcError> {
        self.open("data")?;
        let mut elements = Vec::new();
        while self.open_or_close("value", "data")? {
            elements.push(self.value_after_open(depth + 1)?);
        }
        self.close("array")?;
        Ok(Value::Array(elements))
    }

    fn members(&mut self, depth: usize) -> Result<Value, XmlRpcError> {
        let mut members = Vec::new();
        while self.open_or_close("member", "struct")? {
            self.open("name")?;
            let name = self.scalar("name")?;
            self.open("value")?;
            members.push((name, self.value_after_open(depth + 1)?));
            self.close("member")?;
        }
        Ok(Value::Struct(members))
    }
}

/// The character of a reference. An entity nobody declared stays as it is written: no reason to lose the page.
fn resolve(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name: &str = reference;
    quick_xml::escape::resolve_xml_entity(name).map_or_else(|| format!("&{name};"), str::to_owned)
}
