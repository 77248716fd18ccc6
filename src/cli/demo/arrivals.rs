//! What arrives at the demo's mail server and at its Slack.

use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::claim::TARGET;
use super::screen::Screen;
use crate::sim::sink::{HttpSink, Mail, Post, SmtpSink};

/// Prints what arrives, and says so when the target's alert came both ways.
pub(super) async fn show(mail: &SmtpSink, slack: &HttpSink, screen: &Screen, began: Instant, alerted: &Notify) {
    let (mut mailed, mut posted, mut told) = (false, false, false);
    loop {
        if mailed && posted && !told {
            told = true;
            alerted.notify_one();
        }
        let tick = Duration::from_millis(500);
        tokio::select! {
            Some(mail) = mail.next(tick) => mailed |= show_mail(&mail, screen, began),
            Some(post) = slack.next(tick) => posted |= show_post(&post, screen, began),
            else => {}
        }
    }
}

/// The alert in full, the start-up greeting and others by their subject. Is it the alert?
fn show_mail(mail: &Mail, screen: &Screen, began: Instant) -> bool {
    let subject = mail.header("Subject").unwrap_or_default();
    let alert = subject.starts_with("[page]") && subject.contains(TARGET);
    let body = if alert { format!("\n\n{}", visible(&mail.text())) } else { String::new() };
    screen.say(&format!(
        "{:>5.1} s  mail to {}: {}{body}",
        began.elapsed().as_secs_f32(),
        mail.to.join(", "),
        harmless(&subject)
    ));
    alert
}

fn show_post(post: &Post, screen: &Screen, began: Instant) -> bool {
    let message: serde_json::Value = serde_json::from_slice(&post.body).unwrap_or_default();
    let text = message["text"].as_str().unwrap_or_default();
    // `doctor` tries the address with a message that has none.
    if text.is_empty() {
        return false;
    }
    screen.say(&format!("{:>5.1} s  Slack: {}", began.elapsed().as_secs_f32(), visible(text)));
    text.contains(TARGET) && text.contains("[page]")
}

/// Text from outside, without what a terminal would obey.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// The same for text of several lines.
fn visible(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}
