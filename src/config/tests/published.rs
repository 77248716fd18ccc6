//! The same of the gate, of claims and of reports.

use super::said::{are_refused, web};

#[test]
fn the_gate() {
    let long = format!("[gate]\ncontrol_socket = \"/run/{}/control.sock\"\n", "x".repeat(100));
    are_refused(&[
        ("[gate]\nlisten = \"8480\"\n", "2 gate.listen", "no address with a port", "127.0.0.1:8480"),
        (
            &web("[gate]\nlisten = \"127.0.0.1:8470\"\n"),
            "4 gate.listen",
            "[web] listens at 127.0.0.1:8470",
            "127.0.0.1:8471",
        ),
        ("[gate]\ncache_megabytes = 99\n", "2 gate.cache_megabytes", "99 is no size of a cache", "100 to 100000000"),
        ("[gate]\nlog_megabytes = -1\n", "2 gate.log_megabytes", "-1 is no size of a log", "10 to 1000000"),
        ("[gate]\napprovals = 3\n", "2 gate.approvals", "one person or two", "approvals = 1"),
        ("[gate]\nmode = \"off\"\n", "2 gate.mode", "\"off\" is not known here", "observe, advise, enforce"),
        ("[gate]\nfile_age = \"366d\"\n", "2 gate.file_age", "366d is out of range", "\"365d\""),
        ("[gate]\nfreeze = \"2026-11-27\"\n", "2 gate.freeze", "is no time", "2026-11-27T00:00:00Z"),
        ("[gate]\npublic = [\"acme/x\"]\n", "2 gate.public", "\"acme/x\"", "names of projects"),
        ("[gate]\nreviewers = [\"\"]\n", "2 gate.reviewers", "an owner without a name", "owners of the inventory"),
        ("[gate]\ndashboard_user = \"-x!\"\n", "2 gate.dashboard_user", "no user of this machine", "dashboard_user ="),
        (&long, "2 gate.control_socket", "longer than the 107 bytes", "a shorter path"),
        ("[gate.private]\ncopies = true\n", "1 gate.private.index", "is missing", "HOST/simple/"),
        (
            "[gate.private]\nindex = \"https://u:hunter2@a.example/\"\n",
            "2 gate.private.index",
            "holds an account",
            "login_credential",
        ),
        (
            "[gate.private]\nindex = \"https://a.example/\"\nlogin_file = \"a\"\nlogin_credential = \"b\"\n",
            "3 gate.private.login",
            "as a file and as a credential",
            "keep one",
        ),
        ("[gate.clients]\n", "1 gate.clients", "nobody could ask", "logins_credential"),
    ]);
}

#[test]
fn what_the_gate_goes_by_beside_ages() {
    let shared = |name: &str, list: &str| {
        format!(
            "{{ name = \"{name}\", list = \"{list}\", key = \"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\" }}"
        )
    };
    let twice =
        format!("[gate.consensus]\nneeds = 1\nshared = [{}, {}]\n", shared("globex", "a"), shared("initech", "b"));
    are_refused(&[
        (
            "[gate.malware]\nexcept = [\"MAL-2026-1\"]\n",
            "1 gate.malware.except",
            "none are read",
            "gate.malware.records",
        ),
        (
            "[gate.malware]\nrecords = \"osv.zip\"\nexcept = [\"CVE-1\"]\n",
            "3 gate.malware.except",
            "\"CVE-1\" is no record",
            "MAL-2026-1",
        ),
        ("[gate.consensus]\nmode = \"enforce\"\n", "1 gate.consensus.needs", "asks for nothing", "needs = 1"),
        (
            "[gate.consensus]\nneeds = 2\n",
            "1 gate.consensus.needs",
            "1 can speak, so everything would be held",
            "a lower number",
        ),
        (
            "[gate.consensus]\nneeds = 2\ndownloads = \"d\"\n",
            "1 gate.consensus.needs",
            "one has to speak for the file",
            "quiet_for, trusted_root or shared",
        ),
        ("[gate.consensus]\nneeds = -1\n", "2 gate.consensus.needs", "-1 is no number of kinds", "needs = 1"),
        (
            "[gate.consensus]\nneeds = 1\nclients = 11\n",
            "3 gate.consensus.clients",
            "one client and ten",
            "clients = 2",
        ),
        (
            "[gate.consensus]\nneeds = 1\nquiet_for = \"3d\"\n",
            "3 gate.consensus.quiet_for",
            "nothing tells what is malware",
            "gate.malware.records",
        ),
        (
            "[gate.malware]\nrecords = \"o\"\n[gate.consensus]\nneeds = 1\nquiet_for = \"3d\"\n",
            "3 gate.consensus.needs",
            "speaks for every file",
            "a quiet_for above file_age",
        ),
        (
            "[gate.consensus]\nneeds = 1\ndownloads_least = 0\n",
            "3 gate.consensus.downloads_least",
            "every project",
            "downloads_least =",
        ),
        (&twice, "3 gate.consensus.shared", "the key of initech stands there twice", "one voice"),
    ]);
}

#[test]
fn claims() {
    let upload = |keys: &str| format!("[claim.upload]\n{keys}");
    are_refused(&[
        ("[claim]\ncompany = \"<b>\"\n", "2 claim.company", "a line of 1 to 100 characters", "Acme Corp"),
        ("[claim]\ncontact = \"a@localhost\"\n", "2 claim.contact", "PyPI refuses it", "contact ="),
        (
            "[claim]\nhomepage = \"https://a.example/?k=hunter2\"\n",
            "2 claim.homepage",
            "has a query",
            "https://HOST/PATH",
        ),
        ("[claim]\nversion = \"1.0+acme\"\n", "2 claim.version", "has a local part", "0.0.1"),
        ("[claim]\nlicense = \"free\"\n", "2 claim.license", "no SPDX expression", "LicenseRef-Proprietary"),
        ("[claim]\nwindow = \"31d\"\n", "2 claim.window", "longer than 30d", "24h"),
        ("[claim]\npublic_hosts = [\"a/b\"]\n", "2 claim.public_hosts", "\"a/b\" is no host name", "names alone"),
        ("[claim]\ncustomers = [\"-\"]\n", "2 claim.customers", "found everywhere", "the customer's name"),
        ("[claim]\norganization = \"a b\"\n", "2 claim.organization", "no organization on PyPI", "organization ="),
        (&upload("token_file = \"t\"\n"), "1 claim.upload.address", "is missing", "takes the packages"),
        (&upload("address = \"https://u.example/legacy\"\n"), "1 claim.upload.token", "is missing", "token_credential"),
        (
            &upload("address = \"https://u.example/legacy\"\ntoken_file = \"t\"\nidentity_file = \"i\"\n"),
            "1 claim.upload.identity",
            "beside a token",
            "keep one",
        ),
        (&upload("per_day = 0\n"), "2 claim.upload.per_day", "no number of new projects", "1 to 50"),
        (&upload("user = \"-x\"\n"), "2 claim.upload.user", "no name of a user", "the uploader's unit"),
        ("[reports]\ncron = \"0,30 0 * * *\"\n", "2 reports.cron", "more than once an hour", "0 8 * * 1"),
        ("[reports]\nzone = \"Europe/Berln\"\n", "2 reports.zone", "is no time zone", "Europe/Berlin"),
    ]);
}
