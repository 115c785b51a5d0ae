//! What a listener may say to harm a relay, and that it harms only itself.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::support::PATIENCE;
use crate::support::whk::{Listener, Whk};
use crate::support::wire;

/// A connection that may say anything once it is a WebSocket.
struct Raw {
    stream: TcpStream,
}

impl Raw {
    fn connect(relay: &Listener, token: &str) -> Self {
        let mut stream = TcpStream::connect(relay.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let lines = [
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            &format!("Authorization: Bearer {token}"),
        ];
        stream.write_all(&wire::request_at("localhost", "GET", "/api/v1/tunnel", &lines, b"")).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        Self { stream }
    }

    /// One that is on a line.
    fn welcome(relay: &Listener, token: &str) -> Self {
        let mut raw = Self::connect(relay, token);
        let hello = json!({"type": "hello", "version": 1, "session": "s", "app": "default", "window": 8, "window_bytes": 65536});
        raw.say(&frame(0x81, hello.to_string().as_bytes()));
        let (kind, said) = raw.next().expect("a welcome");
        assert!(kind == 1 && String::from_utf8_lossy(&said).contains("\"welcome\""));
        raw
    }

    fn say(&mut self, bytes: &[u8]) {
        // Whoever is hung up on while it still talks is hung up on.
        drop(self.stream.write_all(bytes));
    }

    /// The kind and the payload of the next frame; none at the end.
    fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).ok()?;
        let mut length = usize::from(head[1]);
        if length == 126 {
            let mut long = [0; 2];
            self.stream.read_exact(&mut long).ok()?;
            length = usize::from(u16::from_be_bytes(long));
        }
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).ok()?;
        Some((head[0] & 15, payload))
    }

    /// The code that it is closed with.
    fn closed(&mut self) -> u16 {
        loop {
            let (kind, payload) = self.next().expect("a close frame before the end");
            if kind == 8 {
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    }
}

/// A frame of a client, with a mask that changes nothing.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&head(first, payload.len() as u64)[..], payload].concat()
}

fn head(first: u8, length: u64) -> Vec<u8> {
    let mut head = vec![first];
    match length {
        0..126 => head.push(0x80 | u8::try_from(length).unwrap()),
        126..65536 => {
            head.push(0xfe);
            head.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            head.push(0xff);
            head.extend(length.to_be_bytes());
        }
    }
    head.extend([0; 4]);
    head
}

#[test]
fn a_message_that_is_too_large_is_refused_by_its_length_and_one_in_pieces_by_its_sum() {
    let whk = Whk::new();
    let relay = whk.relay(["--hold", "200ms"]);
    let token = whk.token(&[]);
    for length in [5 << 20, 1 << 40, u64::MAX >> 1] {
        let mut raw = Raw::welcome(&relay, &token);
        raw.say(&head(0x82, length));
        assert_eq!(raw.closed(), 1009, "{length}");
    }
    let mut raw = Raw::welcome(&relay, &token);
    raw.say(&frame(0x02, &vec![b'x'; 60_000]));
    for _ in 0..100 {
        raw.say(&frame(0x00, &vec![b'x'; 60_000]));
    }
    // What it still says may end the connection before the word arrives; no more than that is ever taken.
    let closed = std::iter::from_fn(|| raw.next()).find(|(kind, _)| *kind == 8);
    assert!(closed.is_none_or(|(_, payload)| payload[..2] == 1009_u16.to_be_bytes()));
    assert!(matches!(relay.post("{}").status(), 200 | 202), "the others notice nothing");
}

#[test]
fn what_is_no_websocket_or_no_hello_is_refused_in_words() {
    let whk = Whk::new();
    let relay = whk.relay([] as [&str; 0]);
    let token = whk.token(&[]);
    let unmasked = vec![0x81, 2, b'{', b'}'];
    let nonsense = [
        unmasked,
        frame(0x83, b"x"),
        frame(0xc1, b"{}"),
        frame(0x09, b"x"),
        frame(0x80, b"x"),
        frame(0x81, b"\xff\xfe"),
    ];
    for bytes in nonsense {
        let mut raw = Raw::welcome(&relay, &token);
        raw.say(&bytes);
        assert_eq!(raw.closed(), 1002, "{bytes:02x?}");
    }
    for hello in [&b"{}"[..], b"no JSON", br#"{"type":"hello"}"#, br#"{"type":"done","id":"x"}"#] {
        let mut raw = Raw::connect(&relay, &token);
        raw.say(&frame(0x81, hello));
        let (_, said) = raw.next().expect("a refusal");
        assert!(String::from_utf8_lossy(&said).contains("no_hello"), "{}", String::from_utf8_lossy(&said));
        assert_eq!(raw.closed(), 1008);
    }
}

#[test]
fn answers_to_what_was_never_asked_reach_nobody() {
    let whk = Whk::new();
    let relay = whk.relay(["--hold", "200ms"]);
    let mut raw = Raw::welcome(&relay, &whk.token(&[]));
    let strange = [
        frame(0x82, b"{\"type\":\"response\",\"id\":\"msg_1srOrx2ZWZBpBUvZwXKQmoEYga2\",\"status\":200}\n\r\nhi"),
        frame(0x82, b"{\"type\":\"response\",\"id\":\"\",\"status\":99}\n\r\n"),
        frame(0x82, b"\n"),
        frame(0x81, br#"{"type":"done","id":"msg_1srOrx2ZWZBpBUvZwXKQmoEYga2"}"#),
        frame(0x81, br#"{"type":"welcome"}"#),
    ];
    for bytes in &strange {
        raw.say(bytes);
    }
    // It is still there, is given what comes, and says nothing to it.
    assert_eq!(relay.post("{}").status(), 202);
    assert_eq!(raw.next().map(|(kind, _)| kind), Some(1), "all that was missed is on its way: nothing");
    assert_eq!(raw.next().map(|(kind, _)| kind), Some(2));
}
