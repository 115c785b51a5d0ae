//! `whk sign`: the headers that `whk verify` takes.

use crate::support::whk::Whk;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn a_known_example_is_signed_as_the_specification_has_it() {
    let words = ["sign", "--secret", SECRET, "--id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "--at", "1614265330"];
    let wanted = "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\nwebhook-timestamp: 1614265330\n\
                  webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n";
    Whk::new().run(words).stdin(r#"{"test": 2432232314}"#).out_is(wanted).check();
}

#[test]
fn what_is_signed_is_valid_whatever_the_scheme_and_the_bytes() {
    let whk = Whk::new();
    let body = b"\0\xff{\"a\": 1.0}\r\n";
    whk.put("body", body);
    for (scheme, secret) in
        [("standard-webhooks", SECRET), ("stripe", "whsec_plain"), ("github", "it's"), ("slack", "8f74")]
    {
        let given = ["--scheme", scheme, "--secret", secret, "--body", "@body"];
        let headers = whk.run(["sign"].iter().chain(&given)).out_lacks(secret).check().text();
        let lines = headers.lines().flat_map(|line| ["-H", line]);
        whk.run(["verify"].iter().copied().chain(given).chain(lines)).out_has("valid").check();
    }
}

#[test]
fn every_secret_of_a_rotation_signs() {
    let whk = Whk::new();
    let other = "whsec_b3RoZXItc2VjcmV0LW9mLTI0LWJ5dGVz";
    let ended = whk.run(["sign", "--secret", other, "--secret", SECRET, "--body", "{}", "--output", "json"]).check();
    let line = ended.line("signature");
    let signature = line["headers"].as_array().unwrap().iter().find(|pair| pair[0] == "webhook-signature").unwrap();
    assert_eq!(signature[1].as_str().unwrap().matches("v1,").count(), 2, "{line}");
}

#[test]
fn a_curl_command_is_safe_for_a_shell() {
    let words = [
        "sign",
        "--secret",
        SECRET,
        "--as",
        "curl",
        "--url",
        "http://localhost:3000/it's",
        "--body",
        "{\"a\":\"it's $HOME\"}",
    ];
    Whk::new().run(words).out_has("curl ").out_has(r"it'\''s $HOME").out_lacks(&SECRET[6..]).check();
}

#[test]
fn wrong_input_is_named_with_what_to_do() {
    let whk = Whk::new();
    whk.run(["sign"]).exits(2).err_has("--secret").check();
    whk.run(["sign", "--secret", "whsec_!!!", "--body", ""])
        .exits(2)
        .err_has("base64")
        .err_has("whk secret new")
        .err_lacks("!!!")
        .check();
    let odd = ["sign", "--scheme", "convoy", "--secret", "s", "--body", "", "--param", "hash=sha-512"];
    whk.run(odd).exits(2).err_has("hash must be").err_has("sha512").check();
    whk.run(["sign", "--secret", SECRET, "--body", "@nowhere"]).exits(2).err_has("nowhere").check();
    whk.run(["sign", "--secret", SECRET, "--scheme", "strip", "--body", ""]).exits(2).err_has("stripe").check();
    let id = ["sign", "--secret", SECRET, "--body", "", "--id", "a\nb"];
    whk.run(id).exits(2).talks().check();
}
