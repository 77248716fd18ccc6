//! What a person reads who got a section of the web wrong: the key, the line, what is wrong and what to write.

use super::said::{are_refused, said, web};

#[test]
fn the_web() {
    are_refused(&[
        ("[web]\nlisten = \"localhost:8470\"\n", "2 web.listen", "no address with a port", "numeric address"),
        ("[web]\nlisten = \"192.0.2.1:8470\"\n", "2 web.listen", "open to a network in clear text", "127.0.0.1:8470"),
        (&web("public_url = \"https://a.example/watch\"\n"), "3 web.public_url", "has a path", "public_url ="),
        (
            &web("public_url = \"https://u:hunter2@a.example\"\n"),
            "3 web.public_url",
            "holds an account",
            "public_url =",
        ),
        (&web("session_idle = \"10s\"\n"), "3 web.session_idle", "10s is out of range", "\"1m\" to \"30d\""),
        (&web("session_length = \"91d\"\n"), "3 web.session_length", "91d is out of range", "\"1m\" to \"90d\""),
        (&web("link_lifetime = \"4m\"\n"), "3 web.link_lifetime", "4m is out of range", "\"5m\" to \"30d\""),
        (&web("link_file = \"nowhere\"\n"), "3 web.link_file", "cannot be read", "write the secret on one line"),
        (
            &web("link_file = \"key\"\nlink_credential = \"key\"\n"),
            "3 web.link",
            "as a file and as a credential",
            "keep one",
        ),
        ("[web]\nlink_file = \"key\"\n", "2 web.link", "there is no web to lead to", "[web] listen"),
        (
            "[web]\nlisten = \"127.0.0.1:0\"\nlink_file = \"key\"\n",
            "3 web.link",
            "is another at each start",
            "write a port",
        ),
    ]);
}

#[test]
fn certificates_of_the_web() {
    let tls = |keys: &str| web(&format!("[web.tls]\n{keys}"));
    are_refused(&[
        (&tls("key_file = \"tls-key\"\n"), "3 web.tls.certificate_file", "is missing", "certificate_file ="),
        (&tls("certificate_file = \"chain.pem\"\n"), "3 web.tls.key", "is missing", "key_credential ="),
        (
            &tls("certificate_file = \"gone.pem\"\nkey_file = \"tls-key\"\n"),
            "4 web.tls.certificate_file",
            "gone.pem cannot be read",
            "in PEM",
        ),
        (
            &tls("certificate_file = \"tls-key\"\nkey_file = \"tls-key\"\n"),
            "4 web.tls.certificate_file",
            "certificate",
            "BEGIN CERTIFICATE",
        ),
        (
            &tls("certificate_file = \"chain.pem\"\nkey_file = \"chain.pem\"\n"),
            "3 web.tls.key",
            "key",
            "BEGIN PRIVATE KEY",
        ),
        (&tls("certificate_file = \"chain.pem\"\nkey_file = \"key\"\n"), "3 web.tls.key", "key", "BEGIN PRIVATE KEY"),
    ]);
}

#[test]
fn who_signs_in_elsewhere() {
    let oidc = |keys: &str| web(&format!("[web.oidc]\n{keys}client_secret_file = \"proxy-secret\"\n"));
    let proxy =
        |keys: &str| web(&format!("behind_proxy = true\npublic_url = \"https://a.example\"\n[web.proxy_user]\n{keys}"));
    are_refused(&[
        (&oidc("client_id = \"nw\"\n"), "3 web.oidc.issuer", "is missing", "issuer"),
        (&oidc("issuer = \"https://a.example\"\n"), "3 web.oidc.client_id", "is missing", "client_id ="),
        (&oidc("issuer = \"http://a.example\"\nclient_id = \"nw\"\n"), "4 web.oidc.issuer", "", "issuer"),
        (
            &oidc("issuer = \"https://a.example\"\nclient_id = \"nw\"\naccount = \"name\"\n"),
            "6 web.oidc.account",
            "\"name\"",
            "email",
        ),
        (&proxy("secret_file = \"proxy-secret\"\n"), "5 web.proxy_user.header", "is missing", "X-Forwarded-User"),
        (
            &proxy("header = \"Cookie\"\nsecret_file = \"proxy-secret\"\n"),
            "6 web.proxy_user.header",
            "is a header of browsers",
            "X-Forwarded-User",
        ),
        (
            &proxy("header = \"X-User\"\n"),
            "5 web.proxy_user.secret",
            "anybody can write a header",
            "secret_credential =",
        ),
    ]);
}

#[test]
fn buttons_in_slack() {
    let slack =
        |keys: &str| format!("{}[alert.slack.team]\nurl_file = \"hook\"\n", web(&format!("[web.slack]\n{keys}")));
    let secret = "signing_secret_file = \"slack-secret\"\n";
    let users = "users = { U012AB3CD = \"ada\" }\n";
    are_refused(&[
        (
            &slack(&format!("channels = [\"team\"]\n{users}")),
            "3 web.slack.signing_secret",
            "anybody can press buttons",
            "signing_secret_file",
        ),
        (&slack(&format!("{secret}{users}")), "3 web.slack.channels", "is missing", "channels ="),
        (
            &slack(&format!("{secret}channels = [\"other\"]\n{users}")),
            "5 web.slack.channels",
            "no [alert.slack.other]",
            "[alert.slack.NAME]",
        ),
        (
            &slack(&format!("{secret}channels = []\n{users}")),
            "5 web.slack.channels",
            "no message would have buttons",
            "channels =",
        ),
        (
            &slack(&format!("{secret}channels = [\"team\"]\nusers = {{}}\n")),
            "6 web.slack.users",
            "nobody could decide",
            "U012AB3CD",
        ),
        (
            &slack(&format!("{secret}channels = [\"team\"]\nusers = {{ ada = \"ada\" }}\n")),
            "6 web.slack.users",
            "\"ada\" is no id",
            "U012AB3CD",
        ),
        (
            &slack(&format!("{secret}channels = [\"team\"]\nusers = {{ U012AB3CD = \"a b\" }}\n")),
            "6 web.slack.users",
            "\"a b\" is no name",
            "letters",
        ),
    ]);
}

/// Whatever was pasted into the wrong place, it is not shown.
#[test]
fn no_secret_in_the_open_is_repeated() {
    for (section, key) in [
        ("[alert.pagerduty.ops]\n", "routing_key"),
        ("[alert.slack.ops]\n", "url"),
        ("[alert.email]\n", "password"),
        ("[claim.upload]\n", "token"),
        ("[gate.private]\n", "login"),
        ("[web]\n", "link"),
        ("[web.tls]\n", "key"),
        ("[web.oidc]\n", "client_secret"),
        ("[web.slack]\n", "signing_secret"),
        ("[web.proxy_user]\n", "secret"),
    ] {
        let secret = "https://ada:hunter2-0123456789abcdef@host.example/hunter2-0123456789abcdef";
        for said in [
            said(&format!("{section}{key} = \"{secret}\"\n")),
            said(&format!("{section}{key}_file = \"{secret}\"\n")),
            said(&format!("{section}{key}_credential = \"{secret}\"\n")),
            said(&format!("{section}{key}_credential = [\"{secret}\"]\n")),
            said(&format!("{section}{key} = {secret}\n")),
            said(&format!("{section}{secret} = 1\n")),
        ] {
            assert!(!said.is_empty() && !said.join(" ").contains("hunter2"), "{section}{key}: {said:?}");
        }
    }
}
