//! Records of malware that are older or fewer after a restart: what was denied stays so, nobody hears of an end, and a person may accept it.

use serde_json::json;

use super::Stage;

impl Stage {
    /// A record of a day of November.
    fn dated(&self, id: &str, name: &str, day: u32) {
        let osv = self.dir.path().join("osv");
        std::fs::create_dir_all(&osv).expect("made");
        let affected = json!([{"package": {"ecosystem": "PyPI", "name": name}, "versions": ["1.0"]}]);
        let record = json!({"id": id, "modified": format!("2026-11-{day:02}T00:00:00Z"), "affected": affected});
        std::fs::write(osv.join(format!("{id}.json")), record.to_string()).expect("written");
    }

    fn undated(&self, id: &str) {
        std::fs::remove_file(self.dir.path().join(format!("osv/{id}.json"))).expect("there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_records_denies_as_before_after_a_restart_until_a_person_accepts_it() {
    let mut stage = Stage::new().await;
    let path = stage.first("widgets").await;
    assert!(stage.is_open(&path).await);
    stage.dated("MAL-2026-1", "evil-tool", 10);
    stage.dated("MAL-2026-2", "widgets", 16);
    stage.restart_with("malware.records = \"osv\"").await;
    assert!(!stage.is_open(&path).await);
    assert!(stage.verb(None, &["recalls"]).1.contains("widgets: malware by MAL-2026-2"), "it was received before");
    assert_eq!(stage.verb(None, &["records"]).0, 0);
    // As it was six days before, when nobody knew of it.
    stage.undated("MAL-2026-2");
    for _ in 0..2 {
        stage.restart().await;
        assert!(!stage.is_open(&path).await, "a restart is no reason");
        assert!(stage.verb(None, &["recalls"]).1.contains("widgets: malware by MAL-2026-2"), "and it is not over");
    }
    let (status, said) = stage.verb(None, &["records"]);
    assert!(status == 3 && said.contains("gone, and in force, 1 of them: MAL-2026-2"), "{said}");
    let (_, key) = said.split_once("--accept ").expect("a key");
    let key = key.split('`').next().expect("its end").to_owned();
    let (status, said) = stage.verb(None, &["records", "--accept", "another"]);
    assert!(status == 1 && said.contains(&key), "{said}");
    stage.restart().await;
    assert!(!stage.is_open(&path).await);
    assert_eq!(stage.verb(None, &["records", "--accept", &key]).0, 0);
    stage.restart().await;
    assert!(stage.is_open(&path).await, "a person has accepted it");
    assert_eq!(stage.verb(None, &["records"]).0, 0);
    stage.restart().await;
    assert!(stage.is_open(&path).await && !stage.dir.path().join("gate/malware.accepted").exists());
}
