-- Schema 1. Times are microseconds UTC, booleans 0 or 1; JSON columns are written and read by model types.
-- A `registry` is 1 for PyPI: a name is a project of one registry. Keys of cases and watches begin with another's word.

-- One row: which store this is, how many commits it has seen, and how many cases. `store.json` beside it says the same, so
-- that a store that lost some is told from one that is new.
CREATE TABLE meta (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    store TEXT NOT NULL,
    commits INTEGER NOT NULL,
    -- The number of the last case: none is given twice, also when its case is forgotten.
    cases INTEGER NOT NULL,
    -- 0, and another number each time that it goes on without what it lost. Numbers of events are given again then, to other
    -- events, and keys of notices are made of this, too.
    generation INTEGER NOT NULL,
    -- Another number whenever something changes that a plan of claims is made of, in whatever statement: how a watch stands, a claim, or
    -- which projects are ours.
    plans INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE projects (
    registry INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- The registry's spelling, where it differs from the normalized name.
    display TEXT,
    -- Identity of the registration: a Unix second, or minus the serial it was first listed at.
    registration_id INTEGER NOT NULL,
    -- Unix second of creation, once a feed has told it.
    created INTEGER,
    -- The highest serial known for the project; 0 while only RSS has told.
    serial INTEGER NOT NULL,
    -- The serial at which the index last listed it.
    listed INTEGER,
    presence INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    -- Unix second, by the registry's clock, at which the index body was served that listed it first.
    listed_at INTEGER,
    PRIMARY KEY (registry, name)
) STRICT, WITHOUT ROWID;
-- Those of the last months: of most projects the index alone has told, which knows no time.
CREATE INDEX projects_by_creation ON projects (registry, created) WHERE created IS NOT NULL;

CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    registry INTEGER NOT NULL,
    name TEXT NOT NULL,
    feed TEXT NOT NULL,
    event TEXT NOT NULL,
    serial INTEGER,
    at INTEGER,
    seen_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX sightings_by_name ON sightings (registry, name);

-- A feed is one registry's.
CREATE TABLE sighting_counts (
    hour INTEGER NOT NULL,
    feed TEXT NOT NULL,
    event TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, feed, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE watches (
    registry INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    -- Who answers for it; empty until an inventory has said so.
    owner TEXT NOT NULL DEFAULT '',
    -- How it stands, in a word; empty where nobody has looked, or nothing can be registered.
    stands TEXT NOT NULL DEFAULT '',
    -- All of that.
    exposure TEXT,
    exposure_since INTEGER,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (registry, kind, text)
) STRICT, WITHOUT ROWID;
-- In the order of lists, of all and of an owner; and since when the first of an owner's stands so.
CREATE INDEX watches_by_standing ON watches (stands, registry, kind, text);
CREATE INDEX watches_by_owner ON watches (owner, stands, registry, kind, text);
CREATE INDEX watches_by_since ON watches (owner, stands, exposure_since);
CREATE INDEX watches_by_age ON watches (added_at, owner);

-- How many watches of an owner stand how, kept as the numbers of cases are.
CREATE TABLE watch_counts (
    owner TEXT NOT NULL,
    stands TEXT NOT NULL,
    watches INTEGER NOT NULL,
    PRIMARY KEY (owner, stands)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER watches_come AFTER INSERT ON watches
BEGIN
    INSERT INTO watch_counts (owner, stands, watches) VALUES (NEW.owner, NEW.stands, 1)
    ON CONFLICT (owner, stands) DO UPDATE SET watches = watches + 1;
END;
CREATE TRIGGER watches_change AFTER UPDATE OF owner, stands ON watches
WHEN OLD.owner <> NEW.owner OR OLD.stands <> NEW.stands
BEGIN
    UPDATE watch_counts SET watches = watches - 1 WHERE owner = OLD.owner AND stands = OLD.stands;
    DELETE FROM watch_counts WHERE owner = OLD.owner AND stands = OLD.stands AND watches = 0;
    INSERT INTO watch_counts (owner, stands, watches) VALUES (NEW.owner, NEW.stands, 1)
    ON CONFLICT (owner, stands) DO UPDATE SET watches = watches + 1;
END;
CREATE TRIGGER watches_go AFTER DELETE ON watches
BEGIN
    UPDATE watch_counts SET watches = watches - 1 WHERE owner = OLD.owner AND stands = OLD.stands;
    DELETE FROM watch_counts WHERE owner = OLD.owner AND stands = OLD.stands AND watches = 0;
END;

CREATE TRIGGER plan_watches_come AFTER INSERT ON watches
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE TRIGGER plan_watches_change AFTER UPDATE OF exposure ON watches WHEN OLD.exposure IS NOT NEW.exposure
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE TRIGGER plan_watches_go AFTER DELETE ON watches
BEGIN UPDATE meta SET plans = plans + 1; END;

-- How the exposure of watches changed, and by which project.
CREATE TABLE exposure_changes (
    id INTEGER PRIMARY KEY,
    registry INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Null: nothing was known.
    was TEXT,
    became TEXT NOT NULL,
    -- The registration that decided it, and the serial that was known of it.
    registration TEXT,
    serial INTEGER
) STRICT;
CREATE INDEX exposure_changes_by_watch ON exposure_changes (registry, kind, text);
-- The first look at a watch is no change.
CREATE INDEX exposure_changes_by_time ON exposure_changes (at) WHERE was IS NOT NULL;

-- A row: one case, of a registration that threatens watches.
CREATE TABLE findings (
    key TEXT NOT NULL PRIMARY KEY,
    -- `nw-ID`, for people.
    id INTEGER NOT NULL UNIQUE,
    -- What kind of thing it is about. Of a registration the next two say of which project.
    subject TEXT NOT NULL,
    registry INTEGER,
    project TEXT,
    tier TEXT NOT NULL,
    state TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- When it last got worse, and when somebody was last reminded of it.
    worsened_at INTEGER NOT NULL,
    reminded_at INTEGER,
    -- Nobody is reminded before; null where it was never put off, or has changed its edition since.
    snoozed_until INTEGER,
    -- How bad it is, and how often it got worse or was opened again: what was said of one edition says nothing of the next.
    severity INTEGER NOT NULL,
    edition INTEGER NOT NULL,
    -- How many events its owners were to be told of.
    events INTEGER NOT NULL,
    -- It stood before it was watched, and is no worse since: until a feed tells of its registration, or it gets worse.
    stood INTEGER NOT NULL DEFAULT 1,
    -- When a person first said something that answers it.
    answered_at INTEGER,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER plan_ours_come AFTER INSERT ON findings WHEN NEW.state = 'ours'
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE TRIGGER plan_ours_change AFTER UPDATE OF state ON findings WHEN (OLD.state = 'ours') <> (NEW.state = 'ours')
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE TRIGGER plan_ours_go AFTER DELETE ON findings WHEN OLD.state = 'ours'
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE INDEX findings_by_project ON findings (registry, project);
CREATE INDEX findings_by_state ON findings (state, tier, worsened_at, snoozed_until);
-- In the order of lists, with all that they are narrowed by.
CREATE INDEX findings_by_time ON findings (seen_at DESC, key, state, tier, project);
CREATE INDEX findings_by_urgency ON findings (CASE tier WHEN 'page' THEN 0 WHEN 'alert' THEN 1 ELSE 2 END, seen_at DESC, key, state, tier, project);
-- What reports count of them.
CREATE INDEX findings_by_change ON findings (state, changed_at, tier, seen_at);
CREATE INDEX findings_by_answer ON findings (answered_at, tier, state, seen_at) WHERE answered_at IS NOT NULL;

-- The watches that a finding threatens; `more:OWNER` stands for those of an owner that it only counts.
CREATE TABLE threats (
    key TEXT NOT NULL,
    watch TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- The rule of the strongest match, and the tier that follows; null of those only counted.
    rule TEXT,
    tier TEXT,
    PRIMARY KEY (key, watch)
) STRICT, WITHOUT ROWID;
CREATE INDEX threats_by_watch ON threats (watch);
CREATE INDEX threats_by_owner ON threats (owner);

-- Whose watches a case that is not closed threatens, or did, and what it is to them. `worsened_at` is the case's.
CREATE TABLE open_cases (
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    tier TEXT NOT NULL,
    worsened_at INTEGER NOT NULL,
    -- The highest tier of what of theirs it threatens now; null: they are not told of it.
    theirs TEXT,
    PRIMARY KEY (key, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_cases_by_owner ON open_cases (owner, state, tier, worsened_at, theirs);
CREATE INDEX open_cases_by_theirs ON open_cases (owner, state, theirs, worsened_at);
-- How many of them an owner has, kept as the numbers of cases are; they are written anew whenever a case is, and never changed.
CREATE TABLE owner_counts (
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    tier TEXT NOT NULL,
    -- Empty: they are not told of it.
    theirs TEXT NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (owner, state, tier, theirs)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER open_cases_come AFTER INSERT ON open_cases
BEGIN
    INSERT INTO owner_counts (owner, state, tier, theirs, cases)
    VALUES (NEW.owner, NEW.state, NEW.tier, coalesce(NEW.theirs, ''), 1)
    ON CONFLICT (owner, state, tier, theirs) DO UPDATE SET cases = cases + 1;
END;
CREATE TRIGGER open_cases_go AFTER DELETE ON open_cases
BEGIN
    UPDATE owner_counts SET cases = cases - 1
    WHERE owner = OLD.owner AND state = OLD.state AND tier = OLD.tier AND theirs = coalesce(OLD.theirs, '');
    DELETE FROM owner_counts
    WHERE owner = OLD.owner AND state = OLD.state AND tier = OLD.tier AND theirs = coalesce(OLD.theirs, '') AND cases = 0;
END;
CREATE TRIGGER open_cases_worsen AFTER UPDATE OF worsened_at ON findings WHEN OLD.worsened_at <> NEW.worsened_at
BEGIN UPDATE open_cases SET worsened_at = NEW.worsened_at WHERE key = NEW.key; END;

-- How many cases of a tier are in a state, by the day on which they were seen, counted from 1970. The statement that changes
-- a case changes the number, whichever it is: what says how things stand has not to read all cases.
CREATE TABLE case_counts (
    day INTEGER NOT NULL,
    tier TEXT NOT NULL,
    state TEXT NOT NULL,
    stood INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (day, tier, state, stood)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER cases_come AFTER INSERT ON findings
BEGIN
    INSERT INTO case_counts (day, tier, state, stood, cases)
    VALUES (NEW.seen_at / 86400000000, NEW.tier, NEW.state, NEW.stood, 1)
    ON CONFLICT (day, tier, state, stood) DO UPDATE SET cases = cases + 1;
END;
CREATE TRIGGER cases_change AFTER UPDATE OF seen_at, tier, state, stood ON findings
WHEN OLD.tier <> NEW.tier OR OLD.state <> NEW.state OR OLD.stood <> NEW.stood
    OR OLD.seen_at / 86400000000 <> NEW.seen_at / 86400000000
BEGIN
    UPDATE case_counts SET cases = cases - 1
    WHERE day = OLD.seen_at / 86400000000 AND tier = OLD.tier AND state = OLD.state AND stood = OLD.stood;
    DELETE FROM case_counts
    WHERE day = OLD.seen_at / 86400000000 AND tier = OLD.tier AND state = OLD.state AND stood = OLD.stood AND cases = 0;
    INSERT INTO case_counts (day, tier, state, stood, cases)
    VALUES (NEW.seen_at / 86400000000, NEW.tier, NEW.state, NEW.stood, 1)
    ON CONFLICT (day, tier, state, stood) DO UPDATE SET cases = cases + 1;
END;
CREATE TRIGGER cases_go AFTER DELETE ON findings
BEGIN
    UPDATE case_counts SET cases = cases - 1
    WHERE day = OLD.seen_at / 86400000000 AND tier = OLD.tier AND state = OLD.state AND stood = OLD.stood;
    DELETE FROM case_counts
    WHERE day = OLD.seen_at / 86400000000 AND tier = OLD.tier AND state = OLD.state AND stood = OLD.stood AND cases = 0;
END;

-- How many watches are threatened by a rule at a tier, kept in the same way.
CREATE TABLE threat_counts (
    rule TEXT NOT NULL,
    tier TEXT NOT NULL,
    watches INTEGER NOT NULL,
    PRIMARY KEY (rule, tier)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER threats_come AFTER INSERT ON threats WHEN NEW.rule IS NOT NULL
BEGIN
    INSERT INTO threat_counts (rule, tier, watches) VALUES (NEW.rule, NEW.tier, 1)
    ON CONFLICT (rule, tier) DO UPDATE SET watches = watches + 1;
END;
CREATE TRIGGER threats_change_from AFTER UPDATE OF rule, tier ON threats
WHEN OLD.rule IS NOT NULL AND (OLD.rule IS NOT NEW.rule OR OLD.tier IS NOT NEW.tier)
BEGIN
    UPDATE threat_counts SET watches = watches - 1 WHERE rule = OLD.rule AND tier = OLD.tier;
    DELETE FROM threat_counts WHERE rule = OLD.rule AND tier = OLD.tier AND watches = 0;
END;
CREATE TRIGGER threats_change_to AFTER UPDATE OF rule, tier ON threats
WHEN NEW.rule IS NOT NULL AND (OLD.rule IS NOT NEW.rule OR OLD.tier IS NOT NEW.tier)
BEGIN
    INSERT INTO threat_counts (rule, tier, watches) VALUES (NEW.rule, NEW.tier, 1)
    ON CONFLICT (rule, tier) DO UPDATE SET watches = watches + 1;
END;
CREATE TRIGGER threats_go AFTER DELETE ON threats WHEN OLD.rule IS NOT NULL
BEGIN
    UPDATE threat_counts SET watches = watches - 1 WHERE rule = OLD.rule AND tier = OLD.tier;
    DELETE FROM threat_counts WHERE rule = OLD.rule AND tier = OLD.tier AND watches = 0;
END;

-- Look-alikes by edits, under the watch that they resemble.
CREATE TABLE look_alikes (
    key TEXT NOT NULL,
    watch TEXT NOT NULL,
    registry INTEGER NOT NULL,
    project TEXT NOT NULL,
    -- When it was registered, by the registry's clock: it never moves.
    moment INTEGER NOT NULL,
    -- When another was seen to have come within the hour; null while it is alone.
    joined_at INTEGER,
    PRIMARY KEY (key, watch)
) STRICT, WITHOUT ROWID;
CREATE INDEX look_alikes_by_moment ON look_alikes (watch, moment);
CREATE INDEX look_alikes_alone ON look_alikes (watch, moment) WHERE joined_at IS NULL;
CREATE INDEX look_alikes_by_age ON look_alikes (moment);

-- In whose hands the projects of cases are, or were.
CREATE TABLE holders (
    -- An account of one registry may be another person's at the next.
    registry INTEGER NOT NULL,
    holder TEXT NOT NULL,
    key TEXT NOT NULL,
    project TEXT NOT NULL,
    -- When another case was seen to be in one hand with it; null while none is.
    shared_at INTEGER,
    PRIMARY KEY (registry, holder, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX holders_by_key ON holders (key);
CREATE INDEX holders_alone ON holders (registry, holder) WHERE shared_at IS NULL;

-- What is known about a registration, once for whoever it concerns, and when to ask for it again. Texts are the publisher's.
CREATE TABLE facts (
    key TEXT NOT NULL PRIMARY KEY,
    organization TEXT,
    -- Is it in our hands? Null while nobody knows.
    ours INTEGER,
    summary TEXT,
    author TEXT,
    home_page TEXT,
    -- By the registry's clock.
    first_upload INTEGER,
    -- When the page was read that this was taken from.
    taken_at INTEGER,
    would_pip_take TEXT NOT NULL,
    -- Is it chosen for itself, and not because it is equal to the internal version?
    preferred INTEGER NOT NULL DEFAULT 0,
    -- Why a look-up gave nothing.
    trouble TEXT,
    -- Is it known to have a release, whichever?
    released INTEGER NOT NULL,
    -- May the page be older than what was seen?
    provisional INTEGER NOT NULL,
    -- Of its releases: was a page read, at which serial of the project, and how many are not kept.
    looked INTEGER NOT NULL,
    as_of INTEGER,
    left_out INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    -- The serial that a page must have reached to be believed, and that of the page last believed.
    wanted INTEGER,
    known INTEGER,
    -- When to look next; null: nothing to look up.
    look_at INTEGER,
    looked_at INTEGER,
    -- Since when an answer is waited for.
    since INTEGER,
    tries INTEGER NOT NULL,
    -- 3: a watched name; 2: what PyPI takes for one, or a person has settled; 1: a name under a prefix; 0: a look-alike.
    urgency INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_to_look_up ON facts (urgency, look_at) WHERE look_at IS NOT NULL;

-- Who has a role in the project of a registration, owners first.
CREATE TABLE fact_users (
    key TEXT NOT NULL,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (key, place)
) STRICT, WITHOUT ROWID;

-- What it released, highest first; 200 at most.
CREATE TABLE fact_releases (
    key TEXT NOT NULL,
    place INTEGER NOT NULL,
    version TEXT NOT NULL,
    -- told and withdrawn are a feed's words, at a serial where it has one; shown is a page's.
    word TEXT NOT NULL,
    serial INTEGER,
    -- Of those shown: on how many installers' machines a file can be installed, 0 none, 1 some, 2 all; and the same of
    -- yanked files.
    pip INTEGER,
    uv INTEGER,
    poetry INTEGER,
    yanked_pip INTEGER,
    yanked_uv INTEGER,
    yanked_poetry INTEGER,
    -- Did others hold the project when it was made? Null until a page has said who does.
    by_others INTEGER,
    PRIMARY KEY (key, place)
) STRICT, WITHOUT ROWID;

-- What happened to a finding, as its owners are told; the registration is number 1.
CREATE TABLE case_events (
    key TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    change TEXT,
    -- Tier and "pip would take it" in one number, to be compared.
    severity INTEGER NOT NULL,
    PRIMARY KEY (key, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_events_by_time ON case_events (at);
CREATE TRIGGER cases_worsen AFTER INSERT ON case_events WHEN NEW.kind = 'worsened'
BEGIN UPDATE findings SET stood = 0 WHERE key = NEW.key AND stood = 1; END;

-- A row: one event, for one owner, on one channel. It waits until a notice carries it.
CREATE TABLE tellings (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    number INTEGER NOT NULL,
    owner TEXT NOT NULL,
    channel TEXT NOT NULL,
    lane TEXT NOT NULL,
    tier TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Null: it waits for its schedule.
    due_at INTEGER,
    -- The notice that carries it.
    notice INTEGER,
    -- told, refused, moot or handed-over; null while it is none of these.
    outcome TEXT,
    settled_at INTEGER,
    UNIQUE (key, owner, channel, number)
) STRICT;
CREATE INDEX tellings_waiting ON tellings (channel, due_at) WHERE notice IS NULL AND outcome IS NULL;
CREATE INDEX tellings_by_notice ON tellings (notice) WHERE notice IS NOT NULL;
CREATE INDEX tellings_overdue ON tellings (lane, due_at) WHERE outcome IS NULL;
CREATE INDEX tellings_owed ON tellings (owner) WHERE outcome IS NULL;
CREATE INDEX tellings_settled ON tellings (settled_at) WHERE outcome IS NOT NULL;

-- Channels that are left alone for a while.
CREATE TABLE holds (
    channel TEXT NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    -- Did its receiver name the time?
    asked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- For which registration a suppression was written; null: for none that stood.
CREATE TABLE suppressions (
    registry INTEGER NOT NULL,
    project TEXT NOT NULL,
    watch TEXT NOT NULL,
    rule TEXT NOT NULL,
    registration TEXT,
    loaded_at INTEGER NOT NULL,
    PRIMARY KEY (registry, project, watch, rule)
) STRICT, WITHOUT ROWID;

-- The history of a case.
CREATE TABLE finding_events (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Who decided it, as the transport knew them; null: it followed from what was seen.
    person TEXT,
    -- The event of its kind; words are made of it when it is shown.
    body TEXT NOT NULL
) STRICT;
CREATE INDEX finding_events_by_key ON finding_events (key);
CREATE INDEX finding_events_by_time ON finding_events (at);
CREATE TRIGGER cases_answered AFTER INSERT ON finding_events
WHEN NEW.person IS NOT NULL AND NEW.kind IN ('acknowledged', 'resolved', 'suppressed')
BEGIN UPDATE findings SET answered_at = NEW.at WHERE key = NEW.key AND answered_at IS NULL; END;
CREATE TRIGGER cases_open AFTER INSERT ON finding_events WHEN NEW.kind = 'opened'
BEGIN UPDATE findings SET stood = 0 WHERE key = NEW.key AND stood = 1; END;

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    tier TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    attempts INTEGER NOT NULL,
    -- Of these, how many are known to have ended before anybody could have it. Fewer: somebody may.
    reached_nobody INTEGER NOT NULL DEFAULT 0,
    -- Did its receiver name the time at which it is due?
    asked INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    settled_at INTEGER,
    body TEXT NOT NULL,
    lane TEXT NOT NULL,
    -- One message of an owner's slot is under way at a time.
    slot TEXT NOT NULL,
    UNIQUE (key, owner, channel)
) STRICT;
CREATE INDEX notices_due ON notices (channel, due_at) WHERE state = 'due';
CREATE INDEX notices_by_owner ON notices (owner, channel, created_at);
CREATE INDEX notices_by_time ON notices (created_at);
CREATE INDEX notices_waiting ON notices (id) WHERE state = 'due';
CREATE INDEX notices_by_state ON notices (state, channel, settled_at);

-- How many tellings of a channel wait for a notice at some time, and how many of its notices were delivered, kept as the numbers of cases are.
CREATE TABLE outbox_counts (
    channel TEXT NOT NULL PRIMARY KEY,
    waiting INTEGER NOT NULL,
    delivered INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER waiting_come AFTER INSERT ON tellings WHEN NEW.notice IS NULL AND NEW.outcome IS NULL AND NEW.due_at IS NOT NULL
BEGIN
    INSERT INTO outbox_counts (channel, waiting, delivered) VALUES (NEW.channel, 1, 0)
    ON CONFLICT (channel) DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER waiting_change_from AFTER UPDATE OF channel, notice, outcome, due_at ON tellings
WHEN OLD.notice IS NULL AND OLD.outcome IS NULL AND OLD.due_at IS NOT NULL AND (OLD.channel <> NEW.channel OR NOT (NEW.notice IS NULL AND NEW.outcome IS NULL AND NEW.due_at IS NOT NULL))
BEGIN UPDATE outbox_counts SET waiting = waiting - 1 WHERE channel = OLD.channel; END;
CREATE TRIGGER waiting_change_to AFTER UPDATE OF channel, notice, outcome, due_at ON tellings
WHEN NEW.notice IS NULL AND NEW.outcome IS NULL AND NEW.due_at IS NOT NULL AND (OLD.channel <> NEW.channel OR NOT (OLD.notice IS NULL AND OLD.outcome IS NULL AND OLD.due_at IS NOT NULL))
BEGIN
    INSERT INTO outbox_counts (channel, waiting, delivered) VALUES (NEW.channel, 1, 0)
    ON CONFLICT (channel) DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER waiting_go AFTER DELETE ON tellings WHEN OLD.notice IS NULL AND OLD.outcome IS NULL AND OLD.due_at IS NOT NULL
BEGIN UPDATE outbox_counts SET waiting = waiting - 1 WHERE channel = OLD.channel; END;
CREATE TRIGGER delivered_come AFTER UPDATE OF state ON notices WHEN NEW.state = 'delivered' AND OLD.state <> 'delivered'
BEGIN
    INSERT INTO outbox_counts (channel, waiting, delivered) VALUES (NEW.channel, 0, 1)
    ON CONFLICT (channel) DO UPDATE SET delivered = delivered + 1;
END;
CREATE TRIGGER delivered_change AFTER UPDATE OF state ON notices WHEN OLD.state = 'delivered' AND NEW.state <> 'delivered'
BEGIN UPDATE outbox_counts SET delivered = delivered - 1 WHERE channel = OLD.channel; END;
CREATE TRIGGER delivered_go AFTER DELETE ON notices WHEN OLD.state = 'delivered'
BEGIN UPDATE outbox_counts SET delivered = delivered - 1 WHERE channel = OLD.channel; END;

-- Who has taken a notice or refused it for good, so that a restart asks only the others. By what the notice is, not by its
-- row: a row's number may be used again.
CREATE TABLE recipients (
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    -- Null: accepted.
    refusal TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (key, owner, channel, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipients_by_time ON recipients (at);
CREATE INDEX recipients_by_address ON recipients (owner, channel, address, at);
CREATE INDEX recipients_refused ON recipients (owner, channel, address, at) WHERE refusal IS NOT NULL;

-- Names that are none, as the registry sent them. Those settled by a person are kept, so that nobody is asked again.
CREATE TABLE unreadable (
    registry INTEGER NOT NULL,
    digest TEXT NOT NULL,
    -- The feed that told it first.
    feed TEXT NOT NULL,
    text TEXT NOT NULL,
    judged TEXT,
    first_at INTEGER NOT NULL,
    settled_at INTEGER,
    settled_by TEXT,
    PRIMARY KEY (registry, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX unreadable_open ON unreadable (feed, first_at) WHERE settled_at IS NULL;

CREATE TABLE health (
    issue TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (issue, since)
) STRICT, WITHOUT ROWID;

-- A row: this feed accounted for everything (or every survivor) in (from, to], by serial or, for RSS, by time.
CREATE TABLE coverage (
    -- In the order told, whatever the clock said: the newest of a feed and grade is the one that grows.
    id INTEGER PRIMARY KEY,
    registry INTEGER NOT NULL,
    feed TEXT NOT NULL,
    grade TEXT NOT NULL,
    from_serial INTEGER,
    to_serial INTEGER,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL
) STRICT;
CREATE INDEX coverage_by_feed ON coverage (registry, feed, grade);

-- With a rowid: without one values stand in the tree of the keys, and SQLite reads all of a large row to compare its key
-- (sqlite.org/withoutrowid.html, section 4). One of these is the inventory.
CREATE TABLE cursors (
    -- 0: of the watch itself.
    registry INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (registry, name)
) STRICT;

-- A row: one claim of one name. Of a name one at most is not over.
CREATE TABLE claims (
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    -- What something waits by; stronger than the same in the body.
    announced_at INTEGER,
    sent_at INTEGER,
    not_before_at INTEGER,
    begun_at INTEGER,
    held_at INTEGER,
    stirred_at INTEGER,
    look_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (name, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER plan_claims_come AFTER INSERT ON claims
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE TRIGGER plan_claims_change AFTER UPDATE ON claims
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE TRIGGER plan_claims_go AFTER DELETE ON claims
BEGIN UPDATE meta SET plans = plans + 1; END;
CREATE UNIQUE INDEX claims_live ON claims (name) WHERE state NOT IN ('ours', 'refused', 'failed', 'abandoned');

-- Who did what to a claim, when, and where it stood then. Rows are added and nothing else; only a time that lies in the
-- future moves, when somebody sets the clock.
CREATE TABLE claim_events (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX claim_events_by_claim ON claim_events (name, number);
CREATE TRIGGER claim_events_stay BEFORE DELETE ON claim_events
BEGIN SELECT RAISE(ABORT, 'the trail of claims is never shortened'); END;
CREATE TRIGGER claim_events_keep BEFORE UPDATE OF id, name, number, who, event, state, detail ON claim_events
BEGIN SELECT RAISE(ABORT, 'the trail of claims is never changed'); END;

-- New projects that PyPI was asked for. Those that it certainly did not count are not spent.
CREATE TABLE claim_slots (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    spent INTEGER NOT NULL
) STRICT;
CREATE INDEX claim_slots_by_time ON claim_slots (used_at);

-- That PyPI has agreed to more than a handful of names, and where that can be read.
CREATE TABLE claim_agreements (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    reference TEXT NOT NULL
) STRICT;

-- What was answered to requests that came with a key of their own, for those that come again. With a rowid, as `cursors`.
CREATE TABLE answers (
    -- Who asked, as the transport knew them: a key is theirs alone.
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Of what was asked.
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Of HTTP.
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT;
CREATE INDEX answers_by_age ON answers (actor, at);
CREATE INDEX answers_by_time ON answers (at);

-- Who may sign in on the web.
CREATE TABLE users (
    name TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    -- The user of this machine who is the same person; null where nobody has said so.
    uid INTEGER,
    -- Argon2id as a PHC string; null: no password opens it.
    password TEXT,
    added_at INTEGER NOT NULL,
    -- Has that user said at the socket that the account is theirs, since anybody else could have opened it?
    confirmed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Who is signed in. A cookie is known by its digest alone.
CREATE TABLE sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    user TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    -- When it was last used, to the minute or so; and when it ends however it is used.
    used_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Links that sign in once.
CREATE TABLE sign_ins (
    digest TEXT NOT NULL PRIMARY KEY,
    user TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_by_end ON sign_ins (ends_at);

-- What programs show instead of a password; known by its digest alone.
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    user TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    -- To the hour or so; null: never.
    used_at INTEGER
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user);
CREATE INDEX tokens_by_end ON tokens (ends_at);

-- Who asked for what that changes something, who came in and who was refused. Rows are added and nothing else; only a time
-- that lies in the future moves, when somebody sets the clock.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is never shortened'); END;
CREATE TRIGGER audit_keeps BEFORE UPDATE OF id, who, action, outcome, detail ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
