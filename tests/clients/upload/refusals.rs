//! Every refusal of PyPI's upload endpoint, reached in the simulator and understood by our client.

use std::collections::BTreeSet;

use namewarden::config::Secret;
use namewarden::registry::pypi::upload::{Distribution, Login, Refused, UploadReply};
use namewarden::sim::world::{Organization, Role, User};
use namewarden::sim::{Fault, Sim, World};

use super::{
    TOKEN, accepted, at, day, login, metadata, name, saying, sdist, sim, tarball, upload, uploader, wheel, with_content,
};
use crate::sim::wire::ask_bytes;

/// Uploads, and gives the refusal.
async fn refused(sim: &Sim, file: &Distribution) -> Refused {
    match upload(sim, file).await.reply {
        UploadReply::Refused { why, .. } => why,
        other => panic!("{}: {other:?}", file.filename),
    }
}

async fn refused_as(sim: &Sim, login: &Login, file: &Distribution) -> Refused {
    match uploader(sim.base_url()).upload(login, file).await.reply {
        UploadReply::Refused { why, .. } => why,
        other => panic!("{}: {other:?}", file.filename),
    }
}

#[tokio::test]
async fn names_are_refused_in_pypis_order_and_cost_nothing() {
    let sim = sim().await;
    sim.world().prohibit("forbidden", day(1)).expect("a name");
    sim.world().create("acme-tools", "mallory", day(1)).expect("free");
    for (display, why) in [
        ("os.path", Refused::NameStdlib),
        ("Forbidden", Refused::NameProhibited),
        ("acme.t00ls", Refused::NameSimilar),
        ("other", Refused::NotOurs),
        ("acme_tools", Refused::NotOurs),
    ] {
        assert_eq!(refused(&sim, &sdist(display, "0.0.1")).await, why, "{display}");
    }
    let answered = upload(&sim, &wheel("acme-billing", "0.0.1")).await;
    assert_eq!((answered.reply, answered.limits[1].left), (accepted(), Some(4)), "no slot was burnt");
}

#[tokio::test]
async fn a_name_that_is_taken_meanwhile_is_a_conflict() {
    let sim = sim().await;
    sim.faults().start(Fault::UploadRace);
    assert_eq!(refused(&sim, &wheel("acme-billing", "0.0.1")).await, Refused::NameTaken);
    sim.faults().clear();
    assert_eq!(refused(&sim, &wheel("acme-billing", "0.0.1")).await, Refused::NotOurs);
}

#[tokio::test]
async fn a_reserved_prefix_is_for_its_organization_alone() {
    let sim = sim().await;
    sim.world().reserve_namespace("acme", "acme").expect("a name");
    assert_eq!(refused(&sim, &wheel("acme-billing", "0.0.1")).await, Refused::NamespaceReserved);
    let members = BTreeSet::from(["acme-bot".to_owned()]);
    sim.world().accounts.organizations.insert("acme".to_owned(), Organization { members, inactive: false });
    assert_eq!(upload(&sim, &wheel("acme-billing", "0.0.1")).await.reply, accepted());
}

#[tokio::test]
async fn what_is_closed_says_so() {
    let sim = sim().await;
    for (fault, why) in [
        (Fault::UploadReadOnly, Refused::ReadOnly),
        (Fault::UploadClosed, Refused::UploadsClosed),
        (Fault::UploadRegistrationClosed, Refused::RegistrationClosed),
    ] {
        sim.faults().start(fault);
        assert_eq!(refused(&sim, &wheel("acme-billing", "0.0.1")).await, why);
        sim.faults().clear();
    }
    assert_eq!(upload(&sim, &wheel("acme-billing", "0.0.1")).await.reply, accepted());
    sim.faults().start(Fault::UploadRegistrationClosed);
    assert_eq!(upload(&sim, &sdist("acme-billing", "0.0.1")).await.reply, accepted(), "it is registered already");
}

#[tokio::test]
async fn a_token_is_known_in_scope_and_in_time() {
    let sim = sim().await;
    let file = wheel("acme-billing", "0.0.1");
    {
        let mut world = sim.world();
        for (token, days, projects) in [("pypi-old", 1, None), ("pypi-narrow", 9, Some(["acme-ledger"]))] {
            world.accounts.give_token(token, "narrow");
            let known = world.accounts.tokens.get_mut(token).expect("there");
            known.projects = projects.map(|projects| projects.map(name).into());
            known.expires = Some(day(days));
        }
    }
    assert_eq!(refused_as(&sim, &login("pypi-unknown"), &file).await, Refused::Unauthenticated);
    assert_eq!(refused_as(&sim, &login("pypi-old"), &file).await, Refused::TokenInvalid);
    assert_eq!(refused_as(&sim, &login("pypi-narrow"), &file).await, Refused::TokenScope);
    assert_eq!(refused_as(&sim, &Login::user("me", Secret::new("hunter2")), &file).await, Refused::Password);
    let left = upload(&sim, &file).await.limits;
    assert_eq!(left[0].left, Some(2), "both were counted for the address before their limits were looked at");
    sim.world().revoke_token(TOKEN).expect("there");
    assert_eq!(refused(&sim, &file).await, Refused::Unauthenticated);
}

#[tokio::test]
async fn accounts_lack_what_pypi_asks_of_them() {
    let sim = sim().await;
    let set = |user: User| {
        sim.world().accounts.users.insert("acme-bot".to_owned(), user);
    };
    let file = wheel("acme-billing", "0.0.1");
    set(User { unverified: true, ..User::default() });
    assert_eq!(refused(&sim, &file).await, Refused::EmailUnverified);
    set(User { without_second_factor: true, ..User::default() });
    assert_eq!(refused(&sim, &file).await, Refused::NoTwoFactor);
    set(User::default());
    assert_eq!(upload(&sim, &file).await.reply, accepted());
    sim.world().quarantine("acme-billing", day(1)).expect("there");
    assert_eq!(refused(&sim, &sdist("acme-billing", "0.0.1")).await, Refused::Unauthenticated, "its owner is frozen");
}

#[tokio::test]
async fn roles_and_organizations_decide_who_may_add_files() {
    let sim = sim().await;
    sim.world().add_role("other", "acme-bot", Role::Maintainer, day(1)).expect("there");
    assert_eq!(upload(&sim, &wheel("other", "2.0")).await.reply, accepted());
    sim.world().archive("other", true).expect("there");
    assert_eq!(refused(&sim, &wheel("other", "3.0")).await, Refused::NotOurs);
    sim.world().create_for_organization("acme-ledger", "acme", day(1)).expect("free");
    assert_eq!(refused(&sim, &wheel("acme-ledger", "0.0.1")).await, Refused::NotOurs);
    let members = BTreeSet::from(["acme-bot".to_owned()]);
    let organization = Organization { members, inactive: true };
    sim.world().accounts.organizations.insert("acme".to_owned(), organization.clone());
    assert_eq!(refused(&sim, &wheel("acme-ledger", "0.0.1")).await, Refused::OrganizationInactive);
    sim.world().accounts.organizations.insert("acme".to_owned(), Organization { inactive: false, ..organization });
    assert_eq!(upload(&sim, &wheel("acme-ledger", "0.0.1")).await.reply, accepted());
}

#[tokio::test]
async fn a_file_is_there_once_under_its_name_and_with_its_content() {
    let sim = sim().await;
    let file = wheel("acme-billing", "0.0.1");
    assert_eq!(upload(&sim, &file).await.reply, accepted());
    let serial = sim.world().last_serial();
    assert_eq!(upload(&sim, &file).await.reply, accepted(), "the same again is as good as new");
    assert_eq!(sim.world().last_serial(), serial, "and changes nothing");
    let mut altered = wheel("acme-billing", "0.0.1").content.to_vec();
    altered.push(0);
    assert_eq!(refused(&sim, &with_content(&file, altered)).await, Refused::FileExists);
    let mut forged = file.clone();
    forged.content = [&file.content[..], b"!"].concat().into();
    assert_eq!(refused(&sim, &forged).await, Refused::DigestMismatch);
    sim.world().remove_file("acme-billing", &file.filename, day(1)).expect("there");
    assert_eq!(refused(&sim, &file).await, Refused::FileNameUsed);
    sim.world().register_again("acme-billing", "mallory", day(1)).expect("freed");
    sim.world().change_owner("acme-billing", "acme-bot", day(1)).expect("there");
    assert_eq!(refused(&sim, &file).await, Refused::FileNameUsed, "the log of names outlives the project");
}

#[tokio::test]
async fn a_release_closes_after_a_fortnight_and_has_one_sdist() {
    let sim = sim().await;
    let first = sdist("acme-billing", "0.0.1");
    assert_eq!(upload(&sim, &first).await.reply, accepted());
    // Another spelling of the version is the same release.
    let other = sdist("acme-billing", "0.0.1.0");
    assert_eq!(refused(&sim, &other).await, Refused::SecondSdist);
    sim.hold_clock(day(15));
    assert_eq!(upload(&sim, &first).await.reply, accepted(), "the same file is never too late");
    sim.hold_clock(day(16));
    assert_eq!(refused(&sim, &wheel("acme-billing", "0.0.1")).await, Refused::ReleaseClosed);
    assert_eq!(upload(&sim, &wheel("acme-billing", "0.0.2")).await.reply, accepted());
}

#[tokio::test]
async fn files_that_are_not_what_they_say_are_refused_and_their_slot_is_gone() {
    let sim = sim().await;
    sim.world().policy.new_projects_a_day = 1000;
    let wheel = wheel("acme-billing", "0.0.1");
    let sdist = sdist("acme-billing", "0.0.1");
    let renamed = |file: &Distribution, filename: &str| Distribution { filename: filename.to_owned(), ..file.clone() };
    let flagged = {
        let mut content = wheel.content.to_vec();
        content[6] |= 8;
        with_content(&wheel, content)
    };
    let licensed = metadata("acme-billing", "0.0.1").replace("2.1", "2.4") + "License-File: LICENSE\n";
    let info = metadata("acme-billing", "0.0.1");
    for (what, file, why) in [
        ("no zip", with_content(&wheel, *b"PK and nothing"), Refused::InvalidFile),
        ("a data descriptor", flagged, Refused::InvalidFile),
        ("bytes behind the end", with_content(&wheel, [&wheel.content[..], b"x"].concat()), Refused::InvalidFile),
        ("no tar", with_content(&sdist, *b"\x1f\x8b\x08 nothing"), Refused::InvalidFile),
        ("half a tar", with_content(&sdist, &sdist.content[..sdist.content.len() / 2]), Refused::InvalidFile),
        ("two directories", with_content(&sdist, tarball(&[("a/PKG-INFO", &info), ("b/x", "")])), Refused::InvalidFile),
        ("no PKG-INFO", with_content(&sdist, tarball(&[("a/x", ""), ("a/y", "")])), Refused::InvalidFile),
        ("no licence", saying(&wheel, &licensed), Refused::InvalidFile),
        ("no licence in the sdist", saying(&sdist, &licensed), Refused::InvalidFile),
        ("a platform", renamed(&wheel, "acme_billing-0.0.1-py3-none-linux_x86_64.whl"), Refused::InvalidFile),
        ("another name", renamed(&wheel, "acme.billing-0.0.1-py3-none-any.whl"), Refused::InvalidFile),
        ("an sdist of old", renamed(&sdist, "acme-billing-0.0.1.tar.gz"), Refused::InvalidFilename),
        ("no archive", renamed(&sdist, "acme_billing-0.0.1.exe"), Refused::InvalidFilename),
        ("a wheel that is none", renamed(&sdist, "acme_billing-0.0.1-py3-none-any.whl"), Refused::InvalidFilename),
        ("a path", renamed(&wheel, "a/acme_billing-0.0.1-py3-none-any.whl"), Refused::InvalidFilename),
    ] {
        let answered = upload(&sim, &file).await;
        assert!(
            matches!(&answered.reply, UploadReply::Refused { why: found, .. } if *found == why),
            "{what}: {answered:?}"
        );
        assert!(sim.world().project(&name("acme-billing")).is_none(), "{what}: nothing stays of a refused upload");
    }
    let left = upload(&sim, &wheel).await.limits[1].left;
    assert_eq!(left, Some(1000 - 15), "each has cost a slot");
}

#[tokio::test]
async fn sizes_are_limited_by_file_and_by_project() {
    let sim = sim().await;
    let file = wheel("acme-billing", "0.0.1");
    sim.world().policy.file_limit = 100;
    assert_eq!(refused(&sim, &file).await, Refused::FileTooLarge);
    sim.world().policy.file_limit = 100 << 20;
    sim.world().policy.project_limit = file.content.len() as u64;
    assert_eq!(upload(&sim, &file).await.reply, accepted());
    assert_eq!(refused(&sim, &sdist("acme-billing", "0.0.1")).await, Refused::ProjectTooLarge);
}

#[tokio::test]
async fn metadata_and_description_are_looked_at_before_anything_is_stored() {
    let sim = sim().await;
    let file = wheel("acme-billing", "0.0.1");
    let text = metadata("acme-billing", "0.0.1");
    let wrong = text.clone() + "Classifier: Private :: Do Not Upload\n";
    assert_eq!(refused(&sim, &saying(&file, &wrong)).await, Refused::InvalidMetadata);
    let local = saying(&file, &text.replace("0.0.1", "0.0.1+x"));
    assert_eq!(refused(&sim, &local).await, Refused::InvalidMetadata);
    let broken = text + "\nA title\n===\n";
    assert_eq!(refused(&sim, &saying(&file, &broken)).await, Refused::Description);
}

/// A form by hand: what our client never sends.
async fn by_hand(sim: &Sim, path: &str, fields: &[(&str, &str)], file: bool, accept: &str) -> crate::sim::wire::Answer {
    let mut body = String::new();
    for (key, value) in fields {
        body += &format!("--B\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n");
    }
    if file {
        body += "--B\r\nContent-Disposition: form-data; name=\"content\"; filename=\"a-1.tar.gz\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\nx\r\n";
    }
    body += "--B--\r\n";
    let headers = [
        ("content-type", "multipart/form-data; boundary=B"),
        ("accept", accept),
        ("authorization", &format!("Bearer {TOKEN}")),
    ];
    ask_bytes(sim.base_url(), "POST", path, &headers, body.as_bytes()).await
}

#[tokio::test]
async fn what_our_client_never_sends_is_refused_in_three_forms() {
    let sim = sim().await;
    sim.world().policy.new_projects_a_day = 1000;
    let digest = "ab".repeat(32);
    let good = [
        (":action", "file_upload"),
        ("name", "acme"),
        ("version", "1"),
        ("metadata_version", "2.1"),
        ("filetype", "sdist"),
        ("sha256_digest", &digest),
    ];
    let changed = |key: &'static str, value: &'static str| {
        let mut fields: Vec<(&str, &str)> = good.iter().copied().filter(|(known, _)| *known != key).collect();
        fields.push((key, value));
        fields
    };
    for (fields, file, status, words) in [
        (changed("protocol_version", "2"), true, 400, "Unknown protocol version."),
        (changed("name", "a b"), true, 400, "'a b' is an invalid value for Name. Error: "),
        (changed("sha256_digest", ""), true, 400, "Error: Include at least one message digest."),
        (changed("sha256_digest", "q1w2"), true, 400, "Invalid value for sha256_digest. Error: "),
        (good.to_vec(), false, 400, "Upload payload does not have a file."),
        (changed("attestations", "[]"), true, 400, "The digest supplied does not match"),
        (changed(":action", "submit"), true, 410, "Project pre-registration is no longer required"),
        (changed(":action", "doc_upload"), true, 410, "Uploading documentation is no longer supported"),
    ] {
        let json = by_hand(&sim, "/legacy/", &fields, file, "application/json").await;
        let code = json.json()["code"].as_str().expect("a code").to_owned();
        assert!(json.status == status && code.starts_with(&format!("{status} {words}")), "{words}: {code}");
        assert_eq!(json.reason(), &code[4..], "the reason phrase says the same");
        let html = by_hand(&sim, "/legacy/", &fields, file, "*/*").await.text();
        assert!(html.starts_with(&format!("<html>\n <head>\n  <title>{code}</title>")), "{html}");
        let text = by_hand(&sim, "/legacy/", &fields, file, "text/plain").await.text();
        assert!(text.starts_with(&format!("{code}\n\n")), "{text}");
    }
}

#[tokio::test]
async fn the_action_selects_and_the_slash_is_needed() {
    let sim = sim().await;
    for (path, action, status) in [
        ("/legacy/", "nothing", 405),
        ("/legacy/?:action=submit", "", 410),
        ("/legacy/?%3Aaction=submit", "", 410),
        ("/legacy", "file_upload", 308),
    ] {
        let answer = by_hand(&sim, path, &[(":action", action)], true, "application/json").await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("location"), (status == 308).then_some("/legacy/"), "{path}");
    }
    let wrong = uploader(&format!("{}/elsewhere", sim.base_url()));
    let reply = wrong.upload(&login(TOKEN), &wheel("acme-billing", "0.0.1")).await.reply;
    assert!(matches!(reply, UploadReply::NotUnderstood { status: 404, .. }), "{reply:?}");
}

#[tokio::test]
async fn four_new_projects_a_day_by_account_and_by_address() {
    let sim = sim().await;
    let take = async |number: usize| upload(&sim, &wheel(&format!("acme-{number}"), "0.0.1")).await;
    for number in 0..4 {
        assert_eq!(take(number).await.reply, accepted());
        sim.hold_clock(day(1) + chrono::TimeDelta::hours(number as i64 + 1));
    }
    let fifth = take(4).await;
    let hours = std::time::Duration::from_secs(20 * 3600);
    let said = "Too many new projects created".to_owned();
    assert_eq!(fifth.reply, UploadReply::RateLimited { again_in: Some(hours), said });
    let names: Vec<(&str, Option<u64>)> = fifth.limits.iter().map(|limit| (limit.name.as_str(), limit.left)).collect();
    assert_eq!(names, [("project.create.ip", Some(0)), ("project.create.user", Some(0))]);
    assert_eq!(upload(&sim, &sdist("acme-0", "0.0.1")).await.reply, accepted(), "a project that stands takes files");
    sim.world().accounts.give_token("pypi-colleague", "colleague");
    let same_address = uploader(sim.base_url()).upload(&login("pypi-colleague"), &wheel("acme-5", "0.0.1")).await;
    assert!(matches!(same_address.reply, UploadReply::RateLimited { .. }), "{same_address:?}");
    sim.hold_clock(day(2));
    assert_eq!(take(4).await.reply, accepted(), "the first of yesterday has left the window");
}

#[tokio::test]
async fn an_upload_is_seen_by_everybody() {
    let sim = sim().await;
    let (wheel, sdist) = (wheel("Acme.Billing", "0.0.1"), sdist("Acme.Billing", "0.0.1"));
    for file in [&wheel, &sdist] {
        assert_eq!(upload(&sim, file).await.reply, accepted());
    }
    let actions: Vec<String> =
        sim.world().journal().iter().rev().take(5).map(|entry| entry.action.clone()).rev().collect();
    let added = |python: &str, file: &Distribution| format!("add {python} file {}", file.filename);
    let expected = ["create", "add Owner acme-bot", "new release"].map(str::to_owned);
    assert_eq!(actions, [&expected[..], &[added("py3", &wheel), added("source", &sdist)]].concat());
    let json = crate::sim::wire::get(sim.base_url(), "/pypi/acme-billing/json").await.json();
    assert_eq!(json["ownership"]["roles"][0]["user"], "acme-bot");
    assert_eq!(json["info"]["summary"], "Says whose the name is");
    let listed = |index: usize, key: &str| json["urls"][index][key].as_str().expect("text").to_owned();
    assert_eq!([listed(0, "packagetype"), listed(1, "packagetype")], ["bdist_wheel", "sdist"]);
    assert_eq!(json["urls"][1]["digests"]["blake2_256"], sdist.blake2_256);
    let rss = crate::sim::wire::get(sim.base_url(), "/rss/packages.xml").await.text();
    assert!(rss.contains("Acme.Billing added to PyPI"), "{rss}");
    let accept = ("accept", "application/vnd.pypi.simple.v1+json");
    let simple = crate::sim::wire::get_with(sim.base_url(), "/simple/acme-billing/", &[accept]).await.json();
    assert_eq!(simple["versions"], serde_json::json!(["0.0.1"]));
    assert_eq!(simple["files"][0]["filename"], "acme_billing-0.0.1-py3-none-any.whl");
    assert_eq!(simple["files"][1]["core-metadata"], false);
    let path = simple["files"][1]["url"].as_str().expect("text").replace(sim.base_url(), "");
    let file = crate::sim::wire::get(sim.base_url(), &path).await;
    assert_eq!(file.body, sdist.content.to_vec());
}

#[tokio::test]
async fn thirty_names_take_eight_days_and_no_slot_is_burnt() {
    let sim = sim().await;
    let (mut done, mut days) = (0, Vec::new());
    for number in 1..=8 {
        sim.hold_clock(day(number));
        let before = done;
        while done < 30 && upload(&sim, &wheel(&format!("acme-{done}"), "0.0.1")).await.reply == accepted() {
            done += 1;
        }
        days.push(done - before);
    }
    assert_eq!(days, [4, 4, 4, 4, 4, 4, 4, 2]);
}

/// A world is only as good as what it says of itself.
#[test]
fn a_token_gives_no_project_away() {
    let mut world = World::default();
    world.accounts.give_token(TOKEN, "acme-bot");
    world.create("x", "mallory", at(0)).expect("free");
    let project = world.project(&name("x")).expect("there").clone();
    assert!(!world.accounts.may_upload("acme-bot", &project) && world.accounts.may_upload("mallory", &project));
}
