//! `whk listen` forwards byte for byte and hands the app's answer back, compared on raw sockets.

use std::sync::{Arc, Barrier};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::app::{App, Say, answer, nobody};
use crate::support::whk::{Whk, body_of};
use crate::support::wire::{Kind, Message, Wire, request};

/// Bodies that a detour over a JSON parser or over text would change.
const TRAPS: [(&str, &[u8]); 13] = [
    ("compact", br#"{"id":1,"name":"a"}"#),
    ("pretty", b"{\n  \"id\": 1,\n  \"name\": \"a\"\n}"),
    ("trailing newline", b"{\"id\":1}\n"),
    ("escaped slash", br#"{"url":"https:\/\/example.com\/a"}"#),
    ("unicode escape", br#"{"name":"caf\u00e9"}"#),
    ("1.0", br#"{"amount":1.0,"price":10.50}"#),
    ("big integers", br#"{"id":9007199254740993,"n":123456789012345678901234567890}"#),
    ("exponents", br#"{"n":1e2,"m":1E+2}"#),
    ("duplicate keys", br#"{"a":1,"a":2,"b":3,"a":4}"#),
    ("integer-like keys", br#"{"10":"ten","9":"nine","b":1,"a":2}"#),
    ("-0", br#"{"n":-0,"m":-0.0}"#),
    ("spaced array", br#"{"list":[1, 2,  3 ]}"#),
    ("not UTF-8", b"{\"bytes\":\"\xff\xfe\x00\x80\"}"),
];

#[test]
fn a_body_arrives_and_is_recorded_byte_for_byte() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    for (index, (name, body)) in TRAPS.iter().enumerate() {
        assert_eq!(listener.post(body).status(), 200, "{name}");
        assert_eq!(app.requests(index + 1)[index].body, *body, "{name}");
        let event = listener.lines("event", index + 1).remove(index);
        assert_eq!(body_of(&event), *body, "{name}");
        assert_eq!(event["body"].as_str(), str::from_utf8(body).ok(), "{name}");
    }
    let mut kept: Vec<_> = whk.events(&[]).iter().map(body_of).collect();
    kept.reverse();
    assert_eq!(kept, TRAPS.map(|(_, body)| body.to_vec()));
}

#[test]
fn header_lines_keep_their_case_their_order_their_repeats_and_their_spaces() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    let lines = "X-First: 1\r\nx-REPEAT: a\r\nAccept:*/*\r\nX-Repeat:b\r\nCookie: a=1\r\nx-repeat:  c \t\r\ncookie: b=2\r\n\
                 X-Empty:\r\nX-Comma: a, b,c\r\nX-Latin: caf\u{e9}\r\nX-Last: z\r\n";
    let latin: Vec<u8> = lines.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let sent =
        [b"POST /in/default/a?b HTTP/1.1\r\nhOST: inbox.test\r\n", &latin[..], b"content-LENGTH:2\r\n\r\n{}"].concat();
    assert_eq!(listener.send(&sent).status(), 200);
    let wanted = format!("POST /a?b HTTP/1.1\r\nhOST: {}\r\n{lines}content-LENGTH:2\r\n\r\n", app.target());
    assert_eq!(app.request().text(), wanted);
    let event = listener.event();
    let recorded: Vec<(String, String)> = serde_json::from_value(event["headers"].clone()).unwrap();
    assert_eq!(
        recorded[1..4],
        [("X-First", "1"), ("x-REPEAT", "a"), ("Accept", "*/*")].map(|(k, v)| (k.into(), v.into()))
    );
    assert_eq!(recorded.len(), 13, "{recorded:?}");
}

#[test]
fn nothing_is_added_to_a_bare_request() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    listener.send(b"GET /in/default HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(app.request().text(), format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", app.target()));
}

#[test]
fn lines_about_one_connection_do_not_travel() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    let hops = ["Connection: keep-alive, X-Named", "Keep-Alive: timeout=5", "TE: trailers", "X-Named: 1", "X-Stays: 1"];
    listener.send(&request("POST", "/in/default", &hops, b"{}"));
    let host = format!("Host: {}", app.target());
    assert_eq!(app.request().lines(), [&host, "X-Stays: 1", "Content-Length: 2"]);
}

#[test]
fn a_chunked_body_is_joined_and_gets_a_length() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    let sent = b"POST /in/default HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-After: 1\r\n\r\n\
                 5;note=\"x\"\r\n{\"a\":\r\n1\r\n1\r\n1\r\n}\r\n0\r\nX-Trailer: t\r\n\r\n";
    assert_eq!(listener.send(sent).status(), 200);
    let got = app.request();
    assert_eq!(got.body, b"{\"a\":1}");
    assert_eq!(got.lines(), [&format!("Host: {}", app.target()), "Content-Length: 7", "X-After: 1"]);
    assert_eq!(body_of(&listener.event()), b"{\"a\":1}");
}

#[test]
fn a_compressed_body_is_left_alone_both_ways() {
    let gzip = STANDARD.decode("H4sIAAAAAAAAA6tWSlSyUqgFAJUX9UoHAAAA").unwrap();
    let back = gzip.clone();
    let app = App::new(move |_, _| answer(200, &["Content-Encoding: gzip"], &back));
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    let answer = listener.send(&request("POST", "/in/default", &["Content-Encoding: gzip"], &gzip));
    for message in [answer, app.request()] {
        assert_eq!((message.get("content-encoding").as_deref(), &message.body), (Some("gzip"), &gzip));
    }
}

#[test]
fn a_method_and_a_target_are_kept_as_they_were_written() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    let targets = [
        "/",
        "/a%2Fb/%20c",
        "/a//b",
        "/a/b/",
        "/q?x=1&y=2&x=3",
        "/q?a=+&b=%20&c=%C3%A9&d",
        "/q?",
        "/q??",
        "/?empty=&=x",
        "/p;v=1/@x:y,z!$'()*",
        "/%7Euser/~user",
        "/a/../b/.",
        "/%zz",
    ];
    for (index, target) in targets.iter().enumerate() {
        listener.send(&request("POST", &format!("/in/default{target}"), &[], b"{}"));
        assert_eq!(app.requests(index + 1)[index].target(), *target);
        let event = listener.lines("event", index + 1).remove(index);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        assert_eq!((event["path"].as_str(), event["query"].as_str()), (Some(path), Some(query)));
    }
    for (index, method) in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"].iter().enumerate() {
        listener.send(format!("{method} /in/default/m HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        assert_eq!(app.requests(targets.len() + index + 1)[targets.len() + index].method(), *method);
    }
}

#[test]
fn the_path_under_the_inbox_follows_the_targets_own() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &format!("{}/hook?own=1", app.target())]);
    for target in ["/in/default/a/b?x=1", "/in/default"] {
        listener.send(&request("POST", target, &[], b""));
    }
    let targets: Vec<_> = app.requests(2).iter().map(Message::target).collect();
    assert_eq!(targets, ["/hook/a/b?own=1&x=1", "/hook?own=1"]);
}

#[test]
fn a_header_that_was_asked_for_is_added_or_replaces() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let target = app.target();
    let listener =
        whk.listen(["-H", "X-Added: a, b: c", "-H", "X-Old: new", "-H", "Host: shop.test", "--forward", &target]);
    listener.send(&request("POST", "/in/default", &["X-Old: 1", "X-Kept: k", "x-old: 2"], b"{}"));
    let got = app.request();
    let values = ["x-added", "x-old", "host", "x-kept"].map(|name| got.all(name));
    assert_eq!(values, [["a, b: c"], ["new"], ["shop.test"], ["k"]]);
}

#[test]
fn the_apps_answer_goes_back_status_lines_repeats_and_body() {
    let body = b"\0\xff line\r\n";
    let app = App::new(|_, _| answer(207, &["Set-Cookie: a=1", "X-ONE:1", "set-cookie:  b=2", "ETag: \"x\""], body));
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    let answer = listener.post("{}");
    assert_eq!((answer.status(), &answer.body[..]), (207, &body[..]));
    let lines = answer.lines();
    assert_eq!(lines[..4], ["Set-Cookie: a=1", "X-ONE:1", "set-cookie:  b=2", "ETag: \"x\""], "{lines:?}");
    let attempt = listener.attempt();
    assert_eq!((&attempt["status"], &attempt["number"], &attempt["error"]), (&json!(207), &json!(1), &Value::Null));
    assert_eq!(attempt["response_body_b64"], STANDARD.encode(body));
}

#[test]
fn an_answer_may_be_framed_in_any_way() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let app = App::saying([Say::Bytes(chunked.to_vec()), Say::Last(b"HTTP/1.0 200 OK\r\n\r\nabcde".to_vec())]);
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    for _ in 0..2 {
        assert_eq!(listener.post("{}").body, b"abcde");
    }
}

#[test]
fn a_redirect_and_a_refusal_go_back_and_are_not_followed_or_repeated() {
    let other = App::answering(200);
    let location = format!("Location: http://{}/x", other.target());
    let app = App::new(move |_, number| answer([307, 500][number], &[&location], b"why"));
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    assert_eq!(listener.post("1").status(), 307);
    assert_eq!(listener.post("2").status(), 500);
    assert!(listener.lines("attempt", 2).iter().all(|attempt| attempt["next_attempt_at"].is_null()));
    let done = listener.stop().line("done");
    assert_eq!((&done["delivered"], &done["failed"]), (&json!(0), &json!(2)));
    assert_eq!((app.count(), other.count()), (2, 0));
}

#[test]
fn the_answer_to_a_head_says_the_length_that_the_app_said() {
    let app = App::new(|_, _| Say::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n".to_vec()));
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &app.target()]);
    let mut wire = Wire::to(listener.address()).unwrap();
    for _ in 0..2 {
        wire.say(b"HEAD /in/default HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(wire.answer_to_head().unwrap().all("content-length"), ["1234"]);
    }
}

#[test]
fn an_app_that_is_down_is_a_502_that_names_the_event_which_is_kept() {
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &nobody()]);
    let answer = listener.post(r#"{"type":"order.created"}"#);
    let event = listener.event();
    assert_eq!((answer.status(), &answer.json()["event_id"]), (502, &event["id"]));
    let attempt = listener.attempt();
    assert_eq!((&attempt["error"]["kind"], &attempt["event_id"]), (&json!("refused"), &event["id"]));
    assert!(attempt["status"].is_null() && attempt["error"]["message"].is_string(), "{attempt}");
    listener.stop();
    assert_eq!(whk.events(&["--status", "dead"])[0]["id"], event["id"]);
}

#[test]
fn an_app_that_hangs_up_or_takes_too_long_is_a_failure_in_words() {
    let whk = Whk::new();
    for (say, status, code, kind) in [
        (Say::Last(Vec::new()), 502, "app_unreachable", "closed"),
        (Say::Stall(Vec::new()), 504, "app_timeout", "timeout"),
    ] {
        let app = App::saying([say]);
        let listener = whk.listen(["--timeout", "200ms", "--forward", &app.target()]);
        let answer = listener.post("{}");
        assert_eq!((answer.status(), &answer.json()["code"]), (status, &json!(code)));
        assert_eq!(listener.attempt()["error"]["kind"], kind);
    }
}

#[test]
fn without_a_target_it_records_and_answers_200() {
    let whk = Whk::new();
    let listener = whk.listen::<&str>([]);
    let answer = listener.post("kept");
    assert_eq!((answer.status(), &answer.json()["id"]), (200, &listener.event()["id"]));
    assert_eq!(body_of(&listener.event()), b"kept");
}

#[test]
fn each_of_two_targets_gets_a_copy_and_the_first_answers() {
    let first = App::new(|_, _| answer(201, &[], b"first"));
    let second = App::new(|_, _| answer(500, &[], b"second"));
    let whk = Whk::new();
    let listener = whk.listen(["--forward", &first.target(), "--forward", &second.target()]);
    let answer = listener.post("copy");
    assert_eq!((answer.status(), &answer.body[..]), (201, &b"first"[..]));
    assert_eq!((&first.request().body[..], &second.request().body[..]), (&b"copy"[..], &b"copy"[..]));
    assert_eq!(listener.lines("attempt", 2).len(), 2);
}

#[test]
fn many_at_once_are_under_way_at_once_and_none_gets_the_answer_of_another() {
    let together = Barrier::new(32);
    let app = App::new(move |request, _| {
        // Nobody is answered before all of them are here.
        together.wait();
        answer(200, &[], &request.body)
    });
    let whk = Whk::new();
    let listener = Arc::new(whk.listen(["--forward", &app.target()]));
    let posts = (0..32).map(|number| {
        let listener = Arc::clone(&listener);
        thread::spawn(move || (listener.post(number.to_string()).body, number.to_string().into_bytes()))
    });
    for (got, sent) in posts.collect::<Vec<_>>().into_iter().map(|post| post.join().unwrap()) {
        assert_eq!(got, sent);
    }
    let ids = |kind, key: &str| {
        let mut all: Vec<_> = listener.lines(kind, 32).iter().map(|line| line[key].to_string()).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!((ids("event", "id"), ids("event", "id").len()), (ids("attempt", "event_id"), 32));
}

#[test]
fn a_slow_request_does_not_hold_up_others() {
    let gate = Arc::new(crate::support::Gate::default());
    let closed = Arc::clone(&gate);
    let app = App::new(move |request, _| {
        if request.target() == "/slow" {
            closed.pass();
        }
        answer(200, &[], &request.body)
    });
    let whk = Whk::new();
    let listener = Arc::new(whk.listen(["--forward", &app.target()]));
    let own = Arc::clone(&listener);
    let slow = thread::spawn(move || own.send(&request("POST", "/in/default/slow", &[], b"slow")).body);
    app.requests(1);
    for number in 0..5 {
        assert_eq!(listener.post(number.to_string()).body, number.to_string().into_bytes());
    }
    gate.open();
    assert_eq!(slow.join().unwrap(), b"slow");
}

#[test]
fn the_rest_of_a_refused_request_is_no_request() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--max-body", "1KiB", "--forward", &app.target()]);
    let inner = "POST /in/default/smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    let outer = format!("POST /in/default HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{inner}");
    let mut wire = Wire::to(listener.address()).unwrap();
    wire.say(outer.as_bytes()).unwrap();
    let said = String::from_utf8(wire.rest()).unwrap();
    assert!(said.starts_with("HTTP/1.1 413 ") && said.matches("HTTP/1.1 ").count() == 1, "{said}");
    assert_eq!((app.count(), whk.events(&[]).len()), (0, 0));
}

#[test]
fn a_sender_that_asks_first_is_told_to_go_on() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    let mut wire = Wire::to(listener.address()).unwrap();
    wire.say(b"POST /in/default HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").unwrap();
    assert_eq!(wire.answer().unwrap().status(), 100);
    wire.say(b"{}").unwrap();
    assert_eq!((wire.answer().unwrap().status(), app.request().body), (200, b"{}".to_vec()));
}

#[test]
fn what_is_forwarded_can_be_signed_again_with_the_same_id() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--resign", "--forward", &app.target()]);
    whk.run(["send", "order.created", "--id", "msg_same", "--forge", "stale"]).out_has("[200]").talks().check();
    let got = app.request();
    assert_eq!((got.all("webhook-id"), got.all("webhook-signature").len()), (vec!["msg_same".to_owned()], 1));
    whk.put("got.http", [got.head, got.body].concat());
    whk.run(["verify", "--request", "got.http"]).out_has("valid standard-webhooks").check();
    assert_eq!(listener.event()["verdict"]["ok"], false, "it is judged as it came");
}

#[cfg(unix)]
#[test]
fn a_unix_socket_is_a_target_too() {
    use std::io::{BufReader, Write};
    let whk = Whk::new();
    let path = whk.put("app.sock", "");
    std::fs::remove_file(&path).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let app = thread::spawn(move || {
        let (mut stream, _) = socket.accept().unwrap();
        let got = Message::read(&mut BufReader::new(stream.try_clone().unwrap()), Kind::Request).unwrap().unwrap();
        stream.write_all(b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n").unwrap();
        got
    });
    let listener = whk.listen(["--forward", &format!("unix:{}", path.display())]);
    assert_eq!(listener.send(&request("POST", "/in/default/p?q", &[], b"over unix")).status(), 201);
    let got = app.join().unwrap();
    assert_eq!((got.target().as_str(), &got.body[..]), ("/p?q", &b"over unix"[..]));
}

#[test]
fn a_body_that_breaks_off_is_neither_recorded_nor_forwarded() {
    let (whk, app) = (Whk::new(), App::answering(200));
    let listener = whk.listen(["--forward", &app.target()]);
    let mut wire = Wire::to(listener.address()).unwrap();
    wire.say(b"POST /in/default HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this").unwrap();
    drop(wire);
    assert_eq!(listener.post("whole").status(), 200);
    assert_eq!((app.bodies(), whk.events(&[]).len()), (vec![b"whole".to_vec()], 1));
}

#[test]
fn another_path_than_the_inbox_records_nothing_and_a_foreign_name_gets_no_answer_there() {
    let whk = Whk::new();
    let listener = whk.listen::<&str>([]);
    for (method, target, host, status) in [
        ("GET", "/healthz", "localhost", 200),
        ("POST", "/healthz", "localhost", 405),
        ("POST", "/in", "127.0.0.1", 404),
        ("POST", "/in/", "localhost", 404),
        ("POST", "/in/no%20app", "localhost", 404),
        ("GET", "/other", "localhost", 404),
        ("GET", "/healthz", "evil.test", 421),
    ] {
        let sent = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(listener.send(sent.as_bytes()).status(), status, "{method} {target} at {host}");
    }
    assert!(whk.events(&[]).is_empty());
}
