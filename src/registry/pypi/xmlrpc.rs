//! XML-RPC: calls written, responses read event by event, so that 50,000 entries never stand in memory as a tree.
//!
//! The reader takes hostile input: depth and text are bounded by the body's own cap, nothing recurses deeper than
//! PyPI ever nests, and whatever is not XML-RPC is an error with a place.

mod source;
mod value;

use source::Source;
pub use value::{RpcFault, Value, XmlRpcError};

use crate::model::ProjectName;

/// A call with integer arguments, which is all the changelog needs.
pub fn call(method: &str, arguments: &[u64]) -> String {
    let params: String = arguments.iter().map(|n| format!("<param><value><int>{n}</int></value></param>")).collect();
    format!("<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>")
}

/// A call with one project name, which needs no escaping.
pub fn call_for(method: &str, name: &ProjectName) -> String {
    let params = format!("<param><value><string>{name}</string></value></param>");
    format!("<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>")
}

/// Reads a response whose result is an array, handing each element to `each` as it is read.
///
/// # Errors
/// When the body is not a complete response; elements seen before that have been handed over already.
pub fn read_array(text: &str, mut each: impl FnMut(Value)) -> Result<Result<(), RpcFault>, XmlRpcError> {
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
pub fn read_value(text: &str) -> Result<Result<Value, RpcFault>, XmlRpcError> {
    let mut source = Source::new(text);
    if let Some(fault) = source.open_response()? {
        return Ok(Err(fault));
    }
    source.open("value")?;
    let value = source.value_after_open(0)?;
    source.close_response()?;
    Ok(Ok(value))
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
        assert_eq!(fault, RpcFault { code: -32601, text: "server error; requested method not found".to_owned() });
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
