//! A local app that misbehaves: each delivery ends in a failure in words or in a cut answer, and the next one works.

use std::thread;

use serde_json::Value;

use crate::support::app::{App, Say, answer};
use crate::support::process::Ended;
use crate::support::whk::{Listener, Whk};

const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood";

fn last(text: &str) -> Say {
    Say::Last(text.as_bytes().to_vec())
}

/// Lets the app do each of these, a good answer after each, and gives back the attempts.
fn survived(whk: &Whk, bad: Vec<Say>, flags: &[&str]) -> (Vec<Value>, Ended) {
    let count = bad.len();
    let app = App::saying(bad.into_iter().flat_map(|say| [say, Say::Last(GOOD.to_vec())]));
    let listener = whk.listen(flags.iter().copied().chain(["--forward", &app.target()]));
    let mut attempts = Vec::new();
    for number in 0..count {
        let answer = listener.post("bad");
        attempts.push(attempt(&listener, 2 * number));
        let expected = attempts[number]["status"].as_u64().map_or_else(|| failure_status(&attempts[number]), u64::from);
        assert_eq!(u64::from(answer.status()), expected, "{number}: {}", attempts[number]);
        let good = listener.post("good");
        assert_eq!((good.status(), &good.body[..]), (200, &b"good"[..]), "after {number}: {}", attempts[number]);
        assert_eq!(attempt(&listener, 2 * number + 1)["status"], 200);
    }
    let ended = listener.stop();
    assert_eq!((ended.code, &ended.err[..]), (Some(130), &b""[..]), "{ended}");
    let is_raw = |byte: &u8| *byte == 0x7f || *byte < b' ' && *byte != b'\n';
    assert!(!ended.out.iter().any(is_raw), "a control character on stdout: {ended}");
    (attempts, ended)
}

fn attempt(listener: &Listener, index: usize) -> Value {
    listener.lines("attempt", index + 1).remove(index)
}

fn failure_status(attempt: &Value) -> u64 {
    if attempt["error"]["kind"] == "timeout" { 504 } else { 502 }
}

#[test]
fn what_is_no_answer_is_a_failure_in_words() {
    let cases = [
        ("SSH-2.0-OpenSSH_9.6\r\n", "malformed"),
        ("\x15\x03\x03\0\x02\x02\x28", "malformed"),
        ("\0\0\x12\x04\0\0\0\0\0", "malformed"),
        ("\x1b[2J\x1b]0;title\x07\r\n\r\n", "malformed"),
        ("HTTP/2 200\r\n\r\n", "malformed"),
        ("HTTP/1.1 99999 Many\r\n\r\n", "malformed"),
        ("HTTP/1.1 0 None\r\n\r\n", "malformed"),
        ("HTTP/1.1 2OO OK\r\n\r\n", "malformed"),
        ("HTTP/1.1 -20 \x1b[31m\r\n\r\n", "malformed"),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "malformed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", "malformed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "malformed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello", "malformed"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\x1b[2Jzz\r\nhello", "malformed"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello", "malformed"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX", "malformed"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "closed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "closed"),
        ("HTTP/1.1 200 OK\r\nX-Half: ", "closed"),
        ("HTT", "closed"),
        ("", "closed"),
    ];
    let flood = [
        "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000),
        "HTTP/1.1 200 OK\r\n".to_owned() + &"X: y\r\n".repeat(5000) + "\r\n",
    ];
    let all = cases.iter().copied().chain(flood.iter().map(|text| (text.as_str(), "malformed")));
    let (texts, kinds): (Vec<_>, Vec<_>) = all.unzip();
    let whk = Whk::new();
    let (attempts, _) = survived(&whk, texts.iter().map(|text| last(text)).collect(), &[]);
    for ((text, kind), attempt) in texts.iter().zip(kinds).zip(attempts) {
        let shown: String = text.chars().take(60).collect();
        assert_eq!(
            (&attempt["error"]["kind"], &attempt["status"]),
            (&Value::from(kind), &Value::Null),
            "{shown:?}: {attempt}"
        );
        assert!(attempt["error"]["message"].as_str().is_some_and(|words| words.len() > 10), "{attempt}");
    }
    assert_eq!(whk.events(&["--status", "dead"]).len(), texts.len());
}

#[test]
fn one_that_stalls_is_given_up_when_its_time_is_over() {
    let bad = ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"];
    let bad = bad.map(|text| Say::Stall(text.as_bytes().to_vec())).to_vec();
    // The good answer in between has as little time, on a busy machine too.
    let (attempts, _) = survived(&Whk::new(), bad, &["--timeout", "700ms"]);
    assert!(attempts.iter().all(|attempt| attempt["error"]["kind"] == "timeout"), "{attempts:?}");
}

#[test]
fn one_that_never_ends_is_cut_or_given_up() {
    let head = "HTTP/1.1 200 OK\r\n";
    let endless = |first: &str, again: &[u8]| Say::Endless(first.as_bytes().to_vec(), again.repeat(4096));
    let bad = vec![
        endless(head, b"X-More: and more\r\n"),
        endless(&format!("{head}X-Long: "), b"long and longer "),
        endless("", b"HTTP/1.1 102 Processing\r\n\r\n"),
        endless(&format!("{head}\r\n"), b"more and more "),
        endless(&format!("{head}Transfer-Encoding: chunked\r\n\r\n"), b"10\r\n0123456789abcdef\r\n"),
        endless(&format!("{head}Content-Length: 1000000000000\r\n\r\n"), b"more and more "),
    ];
    let (attempts, _) = survived(&Whk::new(), bad, &["--timeout", "none"]);
    let told: Vec<_> = attempts.iter().map(|one| one["error"]["kind"].as_str().unwrap_or("cut")).collect();
    assert_eq!(told, ["malformed", "malformed", "malformed", "cut", "cut", "cut"]);
}

#[test]
fn odd_answers_that_can_be_understood_go_back_without_their_control_characters() {
    let two = [GOOD, b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"].concat();
    let bad = vec![
        Say::Last(two),
        last("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
        last("HTTP/1.1 500 \x1b]0;title\x07\r\nX-Note: \x1b[2Ja\x08\r\nContent-Length: 9\r\n\r\n\x1b[31mred\x07"),
        last("HTTP/1.0 404\nBare: line ends\n\n\u{9b}2J no such thing"),
        last("HTTP/1.1 999 Why\r\nfolded: a\r\n b\r\nno colon here\r\nContent-Length: 0\r\n\r\n"),
        last("HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nhello"),
    ];
    let (attempts, ended) = survived(&Whk::new(), bad, &[]);
    let statuses: Vec<_> = attempts.iter().map(|one| one["status"].as_u64().unwrap_or(0)).collect();
    assert_eq!(statuses, [200, 201, 500, 404, 999, 204]);
    assert!(ended.line("done")["failed"] == 3, "{ended}");
}

#[test]
fn a_connection_that_is_reset_is_a_failure_of_its_own() {
    let app = App::raw(|stream, number| {
        if number == 0 {
            // Closing with bytes unread makes the system send a reset.
            stream.peek(&mut [0]).unwrap();
        } else {
            std::io::Write::write_all(&mut &stream, GOOD).unwrap();
            crate::support::app::drain(&stream);
        }
    });
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    assert_eq!(listener.post("x".repeat(100_000)).status(), 502);
    assert_eq!(listener.attempt()["error"]["kind"], "closed");
    assert_eq!(listener.post("{}").body, b"good");
    assert_eq!(app.connections(), 2);
}

#[test]
fn an_app_that_answers_before_it_has_read_is_heard() {
    let app = App::raw(|stream, _| {
        std::io::Write::write_all(&mut &stream, b"HTTP/1.1 413 Large\r\nContent-Length: 5\r\n\r\nlarge").unwrap();
        crate::support::app::drain(&stream);
    });
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    let answer = listener.post(vec![b'x'; 8 << 20]);
    assert_eq!((answer.status(), &answer.body[..]), (413, &b"large"[..]));
}

#[test]
fn one_that_misbehaves_does_not_disturb_the_others() {
    let bad = App::new(|_, _| Say::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: y\r\n".repeat(4096)));
    let (good, whk) = (App::answering(204), Whk::new());
    let listener = whk.listen(["--forward", &good.target(), "--forward", &bad.target()]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(listener.post("{}").status(), 204));
        }
    });
    let failed = listener.lines("attempt", 16).into_iter().filter(|attempt| attempt["error"]["kind"] == "malformed");
    assert_eq!((failed.count(), good.count()), (8, 8));
}

#[test]
fn no_escape_code_reaches_a_person() {
    let text = "\x1b[2J\x1b]0;title\x07\u{9b}31m\x08\x7f";
    let app = App::new(move |_, _| answer(500, &["X-Note: n"], text.as_bytes()));
    let whk = Whk::new();
    whk.put("body", serde_json::json!({"type": format!("evil.{text}"), "note": text}).to_string());
    let send = format!("{} send evil.x --raw --data @body", env!("CARGO_BIN_EXE_whk"));
    let words = ["listen", "--port", "0", "--forward", &app.target(), "--exec", &send];
    let mut listen = whk.run(words).exits(1).out_has("[500]").err_has("Ready!").err_lacks("\u{9b}").out_lacks("\u{9b}");
    for bad in ["\x1b", "\x07", "\x08", "\x7f"] {
        listen = listen.out_lacks(bad).err_lacks(bad);
    }
    listen.check();
    let id = whk.events(&[])[0]["id"].as_str().unwrap().to_owned();
    for words in [vec!["events", "list"], vec!["events", "show", &id]] {
        let mut run = whk.run(words).out_has(&id).out_lacks("\u{9b}");
        for bad in ["\x1b", "\x07", "\x08", "\x7f"] {
            run = run.out_lacks(bad);
        }
        run.check();
    }
}
