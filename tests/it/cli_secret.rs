//! `whk secret`: the app's own secret, shown only when asked for.

use crate::support::whk::Whk;

#[test]
fn a_new_secret_is_another_one_each_time_and_suits_its_scheme() {
    let whk = Whk::new();
    let fresh = || whk.run(["secret", "new"]).out_has("whsec_").check().text();
    assert_ne!(fresh(), fresh());
    for scheme in ["standard-webhooks", "stripe", "github"] {
        let ended = whk.run(["secret", "new", "--scheme", scheme, "--output", "json"]).check();
        let secret = ended.line("secret")["secret"].as_str().unwrap().to_owned();
        whk.run(["sign", "--scheme", scheme, "--secret", &secret, "--body", "{}"]).out_lacks(&secret).check();
    }
    assert!(!whk.home().exists(), "nothing is kept");
}

#[test]
fn an_apps_secret_stays_until_it_is_rotated_and_then_verifies_once_more() {
    let whk = Whk::new();
    let first = whk.secret();
    assert_eq!(whk.secret(), first);
    assert_ne!(whk.run(["secret", "show", "--app", "other"]).out_has("whsec_").check().text().trim(), first);
    whk.run(["secret", "rotate"]).exits(2).err_has("--yes").check();
    assert_eq!(whk.secret(), first);
    whk.run(["secret", "rotate", "--yes"]).out_has("whsec_").err_has("still verifies").err_lacks("whsec_").check();
    assert_ne!(whk.secret(), first);
    let listener = whk.listen(["--verify", "reject"]);
    for secret in [&first, &whk.secret()] {
        whk.run(["send", "order.created", "--secret", secret]).out_has("[200]").check();
    }
    assert!(listener.lines("event", 2).iter().all(|event| event["verdict"]["ok"] == true));
    listener.stop();
    whk.run(["secret", "rotate", "--yes"]).out_has("whsec_").talks().check();
    let listener = whk.listen(["--verify", "reject"]);
    whk.run(["send", "order.created", "--secret", &first]).exits(1).out_has("[401]").check();
    listener.stop();
}

#[test]
fn a_secret_is_in_no_other_output() {
    let whk = Whk::new();
    let secret = whk.secret();
    let listener = whk.listen(["--verify", "reject"]);
    whk.run(["send", "order.created", "--output", "json"]).out_lacks(&secret[6..]).check();
    let ended = listener.stop();
    assert!(!format!("{ended}").contains(&secret[6..]));
    for words in [&["config", "show"][..], &["events", "list"], &["events", "list", "--output", "json"]] {
        whk.run(words).out_lacks(&secret[6..]).check();
    }
    let set = whk.run(["config", "show"]).env("WHK_SECRET", &secret);
    set.out_has("whsec_").out_lacks(&secret[10..]).check();
}

#[cfg(unix)]
#[test]
fn state_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let whk = Whk::new();
    let listener = whk.listen(["--name", "one"]);
    listener.post("{}");
    let mut folders = vec![whk.home()];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                count += 1;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
            }
        }
    }
    assert!(count >= 2, "a store and a note of the running relay");
}

#[test]
fn a_secret_itself_is_not_written_into_a_file_that_others_read() {
    let whk = Whk::new();
    let words = ["init", "--forward", "3000", "--scheme", "stripe", "--platform", "relay", "--secret"];
    let with = |secret| words.into_iter().chain([secret]);
    whk.run(with("whsec_MfKQ9r8GKYqrTwjU")).exits(2).err_has("env:NAME").err_lacks("whsec_MfKQ9").check();
    assert!(!whk.folder().join("whk.toml").exists());
    whk.run(with("env:STRIPE_SECRET")).exits(0).talks().check();
}
