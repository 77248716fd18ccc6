//! How verbs speak: in colour or not, much or little, and what they leave for shells and for `man`.

use super::*;

/// Runs the binary without a configuration.
fn run(words: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let output = Command::new(NAMEWARDEN).args(words).env_remove("NO_COLOR").envs(environment.iter().copied()).output();
    let output = output.expect("starts");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn colour_is_for_terminals_and_for_whoever_asks() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    scene.sim.world().upload("acme-billing", "3.0", "mine now", "mallory", Sim::now()).expect("free");
    let plain = scene.eventually(&["findings", "list"], "nw-1 ").await;
    assert!(!plain.contains('\u{1b}'), "a pipe is no terminal: {plain:?}");
    let coloured = scene.said(&["findings", "list", "--color", "always"], 0).await;
    assert!(coloured.contains("\u{1b}[1;31mpage  \u{1b}[0m"), "{coloured:?}");
    assert_eq!(coloured.replace("\u{1b}[1;31m", "").replace("\u{1b}[0m", ""), plain);
    assert_eq!(scene.said(&["findings", "list", "--color", "never"], 0).await, plain);
    // On a terminal, which `script` is: coloured, unless NO_COLOR says otherwise, unless the option does.
    let config = scene.path().join("namewarden.toml").display().to_string();
    let on_terminal = async |no_color: &str, option: &str| {
        let command = format!("{NAMEWARDEN} --config {config} findings list {option}");
        let mut terminal = Command::new("script");
        terminal.args(["-qec", &command, "/dev/null"]).env("NO_COLOR", no_color).stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || terminal.output()).await.expect("runs").expect("script");
        text(&output.stdout).contains("\u{1b}[1;31mpage")
    };
    assert!(on_terminal("", "").await);
    assert!(!on_terminal("1", "").await);
    assert!(on_terminal("1", "--color always").await);
    assert!(!on_terminal("", "--color never").await);
    let quiet = scene.said(&["findings", "ack", "nw-1", "-q"], 0).await;
    assert_eq!(quiet, "");
    let loud = scene.verb(&["findings", "ack", "nw-1", "nothing", "--quiet"]).await;
    assert_eq!(loud.status.code(), Some(1));
    assert!(text(&loud.stderr).contains("no case nothing"), "{}", text(&loud.stderr));
}

#[test]
fn quiet_and_verbose_are_one_or_the_other() {
    assert_eq!(run(&["rules", "-q", "-v"], &[]).0, Some(2));
    assert_eq!(run(&["-vv", "rules"], &[]).0, Some(0));
}

#[test]
fn every_shell_is_told_every_verb() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (status, script, _) = run(&["completions", shell], &[]);
        assert_eq!(status, Some(0));
        for word in ["reconcile", "suppress", "accept-loss"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    let (_, script, _) = run(&["completions", "bash"], &[]);
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("namewarden"), script).expect("written");
    let ask = "source namewarden; COMP_WORDS=(namewarden find); COMP_CWORD=1; _namewarden namewarden find namewarden; \
               echo \"${COMPREPLY[@]}\"";
    let asked = Command::new("bash").args(["-c", ask]).current_dir(dir.path()).output().expect("bash");
    assert_eq!(text(&asked.stdout).trim(), "findings", "{}", text(&asked.stderr));
}

#[test]
fn every_verb_has_a_page() {
    let dir = tempfile::tempdir().expect("a directory");
    let pages = dir.path().join("man1");
    assert_eq!(run(&["man", pages.to_str().expect("text")], &[]).0, Some(0));
    let read = |name: &str| std::fs::read_to_string(pages.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for name in ["run", "findings-ack", "store-backup", "sim"] {
        assert!(read(&format!("namewarden-{name}.1")).contains(".SH OPTIONS"), "{name}");
    }
    let page = read("namewarden.1");
    for section in ["NAME", "SYNOPSIS", "\"EXIT STATUS\"", "FILES", "\"SEE ALSO\""] {
        assert!(page.contains(&format!(".SH {section}\n")), "{section} is missing in\n{page}");
    }
    assert_eq!(run(&["man"], &[]).1.trim_end(), page.trim_end());
    assert_eq!(run(&["man", "/dev/null/man1"], &[]).0, Some(1));
}

/// What is broken is said with its place: to whoever reloads, in the health of the watch, and in the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_inventory_is_a_case_that_names_file_and_line() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    scene.write("inventory.toml", &format!("{INVENTORY}\n[owners.ops]\nnmae = \"Operations\"\n"));
    let unwell = scene.eventually(&["health", "list"], "inventory-broken").await;
    let place = format!("{}/inventory.toml:7:1", scene.path().display());
    assert!(unwell.contains(&place) && unwell.contains("nmae"), "{place} is not in\n{unwell}");
    let reload = scene.verb(&["reload"]).await;
    assert!(text(&reload.stderr).contains(&place), "{}", text(&reload.stderr));
    let told = async {
        while !scene.mail.mails().iter().any(|mail| mail.text().contains("inventory.toml:7:1")) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(60), told).await;
    let mails = || scene.mail.mails().iter().map(namewarden::sim::sink::Mail::text).collect::<String>();
    told.unwrap_or_else(|_| panic!("the default owner is not told\n{}", mails()));
}
