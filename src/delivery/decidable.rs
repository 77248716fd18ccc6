//! Where each review of a message is decided: its page of the dashboard, and whether the message has buttons.

use crate::config::{SlackAppSettings, WebSettings};
use crate::model::Channel;
use crate::model::held::HeldRelease;

/// So many reviews of one message have buttons, or none has: Slack takes 50 blocks, and these are two more for each.
const BUTTONS: usize = 8;

/// Where there is no web, nothing is decided but at the gate.
pub(super) fn mark(held: &mut [HeldRelease], web: &WebSettings, channel: &Channel) {
    let Some(dashboard) = web.address() else { return };
    let has_buttons = has_buttons(web.slack.as_ref(), channel, held.len());
    for of in held {
        of.address = Some(format!("{dashboard}/gate/reviews/{}", of.review));
        of.buttons = has_buttons;
    }
}

/// Where the app of Slack that answers them has posted the message.
fn has_buttons(app: Option<&SlackAppSettings>, channel: &Channel, reviews: usize) -> bool {
    reviews <= BUTTONS && app.is_some_and(|app| app.channels.contains(channel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn buttons_go_where_the_app_is_and_not_into_a_message_of_many() {
        let of = |word: &str| word.parse::<Channel>().expect("a channel");
        let (ours, other) = (of("slack:security"), of("slack:other"));
        let secret = Secret::new("8f742231b10e8888abcd99yyyzzz85a5");
        let app = SlackAppSettings { secret, channels: [ours.clone()].into(), users: [].into() };
        assert!(has_buttons(Some(&app), &ours, 1) && has_buttons(Some(&app), &ours, 8));
        assert!(!has_buttons(Some(&app), &ours, 9) && !has_buttons(None, &ours, 1));
        assert!(!has_buttons(Some(&app), &other, 1) && !has_buttons(Some(&app), &Channel::Email, 1));
    }
}
