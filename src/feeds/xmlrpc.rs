//! XML-RPC: calls written, responses read event by event, so that 50,000 entries never stand in memory as a tree.
//!
//! The reader takes hostile input: depth and text are bounded by the body's own cap, nothing recurses beyond
//! [`DEEPEST`], and whatever is not XML-RPC is an error with a place.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// Arrays of arrays of scalars are depth 3; PyPI sends nothing deeper.
const DEEPEST: usize = 16;

/// A value of the subset that PyPI speaks.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nil,
    Int(i64),
    Bool(bool),
    /// Also doubles, dates and base64, which nobody here reads: their text.
    Text(String),
    Array(Vec<Self>),
    Struct(Vec<(String, Self)>),
}

impl Value {
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(n) = self { Some(*n) } else { None }
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// A fault, as the server words it; hostile text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: i64,
    pub text: String,
}

/// Why a response is not XML-RPC.
#[derive(Debug, thiserror::Error)]
pub enum XmlRpcError {
    #[error("not XML at byte {at}")]
    Xml { at: u64, source: quick_xml::Error },
    #[error("not XML-RPC at byte {at}: {what}")]
    Shape { at: u64, what: String },
}

/// A call with integer arguments, which is all the changelog needs.
pub fn call(method: &str, arguments: &[u64]) -> String {
    let params: String = arguments.iter().map(|n| format!("<param><value><int>{n}</int></value></param>")).collect();
    format!("<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>")
}

/// Reads a response whose result is an array, handing each element to `each` as it is read.
///
/// # Errors
/// When the body is not a complete response; elements seen before that have been handed over already.
pub fn read_array(text: &str, mut each: impl FnMut(Value)) -> Result<Result<(), Fault>, XmlRpcError> {
    let mut source = Source::new(text);
    if let Some(fault) = source.open_response()? {
        return Ok(Err(fault));
    }
    source.open("value")?;
    source.open("array")?;
    source.open("data")?;
    while source.open_or_close("value", "data")? {
        each(source.value_after_open(0)?);
    }
    source.close("array")?;
    source.close("value")?;
    source.close_response()?;
    Ok(Ok(()))
}

/// Reads a response whose result is one value.
///
/// # Errors
/// When the body is not a complete response.
pub fn read_value(text: &str) -> Result<Result<Value, Fault>, XmlRpcError> {
    let mut source = Source::new(text);
    if let Some(fault) = source.open_response()? {
        return Ok(Err(fault));
    }
    source.open("value")?;
    let value = source.value_after_open(0)?;
    source.close_response()?;
    Ok(Ok(value))
}

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

struct Source<'a> {
    reader: Reader<&'a [u8]>,
}

impl<'a> Source<'a> {
    fn new(text: &'a str) -> Self {
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

    fn open(&mut self, name: &str) -> Result<(), XmlRpcError> {
        match self.tag()? {
            Token::Open(found) if found == name => Ok(()),
            other => Err(self.unexpected(&other, &format!("<{name}>"))),
        }
    }

    /// The end tag of `name`, which is the element that is open.
    fn close(&mut self, name: &str) -> Result<(), XmlRpcError> {
        match self.tag()? {
            Token::Close => Ok(()),
            other => Err(self.unexpected(&other, &format!("</{name}>"))),
        }
    }

    /// `true` for `<open>`, `false` for `</close>`.
    fn open_or_close(&mut self, open: &str, close: &str) -> Result<bool, XmlRpcError> {
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
    fn open_response(&mut self) -> Result<Option<Fault>, XmlRpcError> {
        self.open("methodResponse")?;
        match self.tag()? {
            Token::Open("params") => self.open("param").map(|()| None),
            Token::Open("fault") => self.fault().map(Some),
            other => Err(self.unexpected(&other, "<params> or <fault>")),
        }
    }

    fn close_response(&mut self) -> Result<(), XmlRpcError> {
        self.close("param")?;
        self.close("params")?;
        self.close("methodResponse")?;
        match self.tag()? {
            Token::End => Ok(()),
            other => Err(self.unexpected(&other, "the end of the answer")),
        }
    }

    fn fault(&mut self) -> Result<Fault, XmlRpcError> {
        self.open("value")?;
        let Value::Struct(members) = self.value_after_open(0)? else { return Err(self.shape("a fault is a struct")) };
        let member = |name: &str| members.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let code = member("faultCode").and_then(Value::as_int);
        let text = member("faultString").and_then(Value::as_text).unwrap_or_default().to_owned();
        code.map(|code| Fault { code, text }).ok_or_else(|| self.shape("a fault has an integer faultCode"))
    }

    /// Reads up to `</value>`, after `<value>`.
    fn value_after_open(&mut self, depth: usize) -> Result<Value, XmlRpcError> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn result(value: &str) -> String {
        format!(
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n{value}\n</param>\n</params>\n</methodResponse>\n"
        )
    }

    fn value(inner: &str) -> Value {
        read_value(&result(&format!("<value>{inner}</value>"))).expect("a response").expect("no fault")
    }

    #[test]
    fn a_call_is_written_as_pythons_client_writes_it() {
        assert_eq!(
            call("changelog_since_serial", &[41_234_567]),
            "<?xml version='1.0'?><methodCall><methodName>changelog_since_serial</methodName><params>\
             <param><value><int>41234567</int></value></param></params></methodCall>"
        );
    }

    #[test]
    fn every_type_is_read() {
        assert_eq!(
            value("<struct><member><name>a</name><value>b</value></member></struct>"),
            Value::Struct(vec![("a".to_owned(), Value::Text("b".to_owned()))])
        );
        assert_eq!(value("<int> 7 </int>"), Value::Int(7));
        assert_eq!(value("<i8>41234567890</i8>"), Value::Int(41_234_567_890));
        assert_eq!(value("<nil/>"), Value::Nil);
        assert_eq!(value("<ex:nil/>"), Value::Nil);
        assert_eq!(value("<boolean>1</boolean>"), Value::Bool(true));
        assert_eq!(value("<string> a &amp; b&#33; &made-up; </string>"), Value::Text(" a & b! &made-up; ".to_owned()));
        assert_eq!(value("untyped"), Value::Text("untyped".to_owned()));
        assert_eq!(value("<string><![CDATA[<b>]]></string>"), Value::Text("<b>".to_owned()));
        assert_eq!(value("<array><data></data></array>"), Value::Array(Vec::new()));
    }

    #[test]
    fn a_fault_is_read_whatever_the_order_of_its_members() {
        let body = "<methodResponse><fault><value><struct>\
            <member><name>faultString</name><value><string>server error; requested method not found</string></value></member>\
            <member><name>faultCode</name><value><int>-32601</int></value></member>\
            </struct></value></fault></methodResponse>";
        let fault = read_value(body).expect("a response").expect_err("a fault");
        assert_eq!(fault, Fault { code: -32601, text: "server error; requested method not found".to_owned() });
    }

    #[test]
    fn a_cut_answer_is_never_a_short_one() {
        let body =
            result("<value><array><data><value><int>1</int></value><value><int>2</int></value></data></array></value>");
        let complete = body.trim_end().len();
        for end in 0..complete {
            assert!(read_array(&body[..end], |_| {}).is_err(), "cut at {end}");
        }
        assert!(matches!(read_array(&body, |_| {}), Ok(Ok(()))));
    }

    #[test]
    fn other_answers_are_refused_with_a_place() {
        let error = read_array("<html><body>sorry</body></html>", |_| {}).expect_err("refused");
        insta::assert_snapshot!(error, @"not XML-RPC at byte 6: <html> is no tag of it");
        let deep = format!("{}{}", "<array><data><value>".repeat(40), "</value></data></array>".repeat(40));
        let error = read_value(&result(&format!("<value>{deep}</value>"))).expect_err("refused");
        assert!(error.to_string().contains("nested too deep"), "{error}");
    }

    proptest! {
        #[test]
        fn nothing_panics_on_any_text(text in "\\PC*") {
            let _ = read_array(&text, |_| {});
            let _ = read_value(&text);
        }

        #[test]
        fn nothing_panics_on_almost_xml(parts in proptest::collection::vec(
            prop::sample::select(vec!["<value>", "</value>", "<array>", "<data>", "</data>", "<int>", "1", "</int>",
                "<struct>", "<member>", "<name>", "&", "&#0;", "<!--", "-->", "<![CDATA[", "]]>", "<nil/>", "\u{0}"]), 0..40)) {
            let inner = parts.concat();
            let _ = read_value(&result(&inner));
            let _ = read_array(&result(&inner), |_| {});
        }
    }
}
