//! Where alerts arrive in tests and in the demo: a mail server and an HTTP server that keep what they get.

mod http;
mod inbox;
mod mime;
mod smtp;

pub use http::{HttpMood, HttpSink, Post};
pub use smtp::{Mail, SmtpMood, SmtpSink};
