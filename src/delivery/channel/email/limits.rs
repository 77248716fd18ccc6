//! How long a mail server may take (RFC 5321, 4.5.3.2), so that a slow one is waited for and a dead one is not.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Look-up of the name, and each address of it.
    pub(super) connect: Duration,
    /// From the connection to the 220, when a server is busy.
    pub(super) greeting: Duration,
    /// EHLO, STARTTLS, AUTH, MAIL and RCPT, each.
    pub(super) command: Duration,
    /// From DATA to its 354.
    pub(super) data: Duration,
    /// A block of the message.
    pub(super) block: Duration,
    /// From the final dot to its answer: the server filters and delivers meanwhile, and whoever leaves early and comes
    /// back has the mail delivered twice.
    pub(super) dot: Duration,
    /// For all recipients of one message; those who were not asked by then have another message.
    pub(super) recipients: Duration,
    /// For everything up to the dot. Until then nobody has the message, and leaving costs nothing.
    pub(super) handover: Duration,
}

/// Nobody waits for mail while a person waits for `doctor`.
pub(super) const PROBE: Duration = Duration::from_secs(30);
/// For the parting words, whose answer changes nothing.
pub(super) const QUIT: Duration = Duration::from_secs(1);

pub(super) const LIMITS: Limits = Limits {
    connect: Duration::from_secs(30),
    greeting: Duration::from_mins(5),
    command: Duration::from_mins(5),
    data: Duration::from_mins(2),
    block: Duration::from_mins(3),
    dot: Duration::from_mins(10),
    recipients: Duration::from_mins(10),
    handover: Duration::from_mins(30),
};

/// The longest attempt: up to the dot, the dot itself, its answer, the parting.
pub(in super::super) const LONGEST: Duration =
    Duration::from_secs(LIMITS.handover.as_secs() + LIMITS.block.as_secs() + LIMITS.dot.as_secs() + 2 * QUIT.as_secs());
