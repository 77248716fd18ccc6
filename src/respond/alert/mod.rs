//! The channels: email, Slack, webhook, console; each fails on its own.
