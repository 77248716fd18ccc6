//! As little as a configuration may say, for the tests of whoever goes by one.

use super::environment::Environment;
use super::load::load;
use super::settings::Settings;

/// It is read in a directory of its own, which is gone by then: nothing of it is where the settings say.
pub fn least() -> Settings {
    let dir = tempfile::tempdir().expect("a directory");
    let text = "contact = \"ops@acme.example\"\n[pypi]\nbase = \"https://pypi.example\"\n[alert]\n\
                default_owner = \"security\"\n[alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n";
    let file = dir.path().join("namewarden.toml");
    std::fs::write(&file, text).expect("written");
    load(&file, &Environment::default()).unwrap_or_else(|error| panic!("{error}"))
}
