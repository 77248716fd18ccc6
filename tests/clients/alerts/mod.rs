//! Alert channels against real parts: an SMTP server in its own process, and HTTP receivers on loopback.

mod doctor;
mod every;
mod http;
mod mail;
mod pagerduty;
mod report;
mod secrets;
mod sink;
mod tls;
mod world;
