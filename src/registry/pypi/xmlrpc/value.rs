//! What an XML-RPC answer holds: a value, a fault, or nothing that can be read.

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
pub struct RpcFault {
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
