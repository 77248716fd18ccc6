//! Alert channels against real parts: an SMTP server in its own process, and HTTP receivers on loopback.

#[path = "alerts/http.rs"]
mod http;
#[path = "alerts/mail.rs"]
mod mail;
#[path = "alerts/secrets.rs"]
mod secrets;
#[path = "alerts/sink.rs"]
mod sink;
#[path = "alerts/tls.rs"]
mod tls;
#[path = "alerts/world.rs"]
mod world;
