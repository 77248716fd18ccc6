//! The whole program against a world that is stated: a simulated PyPI, real mail and HTTP transports, the real daemon
//! in this process.
//!
//! Every test states the world, acts on it, looks at what owners were told, and ends with `finish`, which proves that
//! nothing is left over.

/// Chance that a seed repeats.
mod chance;

/// The harness: the world, acts in it, and what came of them.
mod world;

/// However much comes at once, an owner gets few messages.
mod bursts;
/// Every registration is told once, whatever feed has it first.
mod order;

/// The changelog retires, dies half-way, goes back: the index and RSS find what survives, and the ledger says so.
mod changelog_trouble;

/// RSS and the index fail in every way they can: nothing lost, nothing invented, the trouble told.
mod feed_trouble;

/// Mail, Slack and webhooks fail: nothing lost, repeats carry the same key.
mod delivery;

/// What nobody can have is told once, with all that came since.
mod pairs;

/// Alerts beside a gate.
mod alerts_gate;

/// What people decide goes where a case is kept, and nowhere else.
mod decided;

/// What people put off, and what ends that.
mod snoozed;

/// What may be answered by the links of messages, and how that goes.
mod answering;
mod links;

/// Whoever hangs up, and whoever waits for what others asked.
mod hung_up;

/// What is held for life.
mod held;

/// Lists that are read page by page while their rows change.
mod cursors;

/// Lists by every filter at once.
mod narrowing;

/// What the ledger of coverage claims, whatever feeds and servers do.
mod ledger;

/// Names that are freed and taken again, and dates out of this world.
mod freed;

/// Prefixes that become exclusive.
mod exclusive;

/// Inventories in any order, and what was answered before.
mod inventories;

/// What monitoring systems are given.
mod metrics;

/// What a look-up changes: ours, what pip would take, who holds it, and how long an alert waits.
mod triage;

/// Another inventory: added, removed, broken, held, suppressed, handed over.
mod reload;

/// Another configuration while the daemon runs: channels, feeds and schedules change by difference, what is broken changes
/// nothing.
mod reconfigure;

/// Reloads, registrations and troubles of channels in any order.
mod reload_orders;
mod reload_trouble;

/// Channels go, and come back, while something waits for them.
mod handover;

/// What happens around a case raises it: other look-alikes, versions made to win, other cases in the same hands.
mod context;

/// One name near thousands of watches.
mod families;

/// The pipeline alone, on a store and a clock: sharper than a whole daemon where order and time decide.
mod bench;

/// Numbers that are kept beside the cases that they count.
mod counted;

/// Summaries, digests, escalations, canaries.
mod folding;

/// A stranger who knows the rules, on a bad day of the mail server, against an oracle.
mod adversary;

/// The API over HTTP: every resource, every refusal, requests that come again.
mod api;

/// The end of a threat: whoever was told of it hears so.
mod ended;

/// Projects that go from hand to hand.
mod passed_on;

/// A watch leaves, and its case stays.
mod parted;

/// Feeds and caches that are late, each at the worst moment.
mod silence;

/// The same in every order, on a PyPI that is modelled.
mod caches;

/// Nothing says that all is well beside what is open.
mod truth;

/// Messages that a receiver takes in parts.
mod parts;

/// Which sighting is a registration, and whose case an event moves.
mod identity;

/// Reports at their schedule, and the truth in them.
mod report_files;
mod reports;
mod reports_gate;

/// Pages for people.
mod dashboard;

/// Lists of the service come in pages, and no reply grows with what strangers do.
mod narrowed;
mod pages;
mod plan_pages;

/// The projects known, as the service gives them: page by page, each with when it was registered.
mod known;

/// Somebody sets the wall clock: waits keep their length, and status says nothing better than the truth.
mod clock;
mod clock_claims;

/// No name of the inventory leaves this machine before it is public.
mod prefixes;
mod privacy;

/// A state directory that must not be touched.
mod refusals;

/// Answers that cannot be so: absurd serials, an empty index, another server, no order, names that are none.
mod implausible;

/// The control socket among strangers: half a request, none at all, a thousand of them, a second daemon.
mod socket;
/// The same among those who wish it ill: deep, huge, half, wrong.
mod socket_hostile;

/// A stranger held a watched name before it was watched.
mod stood;

/// The daily work: canaries, what is looked at again, and what waits.
mod bell;

/// Pages that do not say whose a project is.
mod unnamed;

/// What was answered covers no more than what pip might take then.
mod outranked;

/// Orders and rhythms by which a stranger might keep an owner from hearing.
mod stranger;

/// The web among strangers: nothing for whoever is not signed in, or may not, or was sent by somebody else's page.
mod oidc;
mod proxied;
mod web;
mod web_tls;

/// Who signs in, and who is kept out: passwords, links, tokens, and the trail of all of it.
mod access;
/// The verbs for it.
mod access_verbs;

/// What programs read: every example of `docs/json.md` is what the binary prints.
mod printed;

/// Six simulated hours in which everything fails, under an oracle that knows what must have been told.
mod six_hours;
