//! What the owner reads, kind by kind, word by word.

use super::samples::*;

#[test]
fn every_form_names_project_rule_and_verdict() {
    let briefing = registered(vec![torchtriton()]);
    let mail = super::mail(&briefing);
    let forms = [mail.text, mail.html, super::slack(&briefing).to_string(), super::console(&briefing, false)];
    for form in forms {
        for needed in ["torchtriton", "rule exact", "YES: its 3.0.0 beats your 2.0.0.dev20221230", "mallory"] {
            assert!(form.contains(needed), "{needed} is missing in {form}");
        }
    }
}
