//! A relay's HTTP API with a token, and its event stream.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::support::patience;
use crate::support::whk::{Listener, Whk};
use crate::support::wire::{self, Message};

/// Where endpoints are made.
pub(crate) const HOOKS: &str = "/api/v1/admin/webhooks";
/// Where events are listed.
pub(crate) const EVENTS: &str = "/api/v1/webhooks/events";

/// Somebody with a token.
pub(crate) struct Api {
    address: SocketAddr,
    token: String,
}

/// An event of a stream: its id, its name, its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

/// A stream of events.
pub(crate) struct Stream {
    reader: BufReader<TcpStream>,
}

impl Api {
    /// With a token that is made for this app, or for all.
    pub(crate) fn of(whk: &Whk, relay: &Listener, words: &[&str]) -> Self {
        Self { address: relay.address(), token: whk.token(words) }
    }

    /// With a token that is known at this address.
    pub(crate) fn at(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned() }
    }

    /// Asks with these header lines and this body.
    pub(crate) fn ask(&self, method: &str, path: &str, lines: &[&str], body: &str) -> Message {
        let all = self.bytes(method, path, lines, body);
        wire::exchange(self.address, &all).expect("an answer")
    }

    /// Asks, and gives back the status and the JSON of the answer.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.ask(method, path, &[], &body);
        let value = if answer.body.is_empty() { Value::Null } else { answer.json() };
        (answer.status(), value)
    }

    /// Asks for something that must succeed.
    pub(crate) fn ok(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, value) = self.call(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {value}");
        value
    }

    /// Follows events.
    pub(crate) fn stream(&self, query: &str, lines: &[&str]) -> Stream {
        self.follow(&format!("{EVENTS}/stream{query}"), lines)
    }

    /// Follows what is at a path.
    pub(crate) fn follow(&self, path: &str, lines: &[&str]) -> Stream {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(patience())).expect("a timeout");
        stream.write_all(&self.bytes("GET", path, lines, "")).expect("a request");
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).expect("a head") > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("text/event-stream"), "{head}");
        Stream { reader }
    }

    fn bytes(&self, method: &str, path: &str, lines: &[&str], body: &str) -> Vec<u8> {
        let (own, token, length) = (wire::block(lines), &self.token, body.len());
        let host = if lines.iter().any(|line| line.starts_with("Host:")) { "" } else { "Host: localhost\r\n" };
        format!(
            "{method} {path} HTTP/1.1\r\n{host}Authorization: Bearer {token}\r\n{own}Content-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

impl Stream {
    /// The whole events among the next so many bytes, after which the connection is cut; or when nothing more comes.
    pub(crate) fn cut(self, bytes: u64) -> Vec<Item> {
        let (mut items, mut id) = (Vec::new(), String::new());
        let mut some = BufReader::new(self.reader.take(bytes));
        let mut line = String::new();
        while some.read_line(&mut line).expect("a line") > 0 && !line.starts_with(": beat") {
            match line.split_once(": ") {
                Some(("id", value)) => value.trim_end().clone_into(&mut id),
                // Without its end a line is half of one.
                Some(("data", value)) if line.ends_with('\n') => {
                    let data = serde_json::from_str(value).expect("JSON");
                    items.push(Item { id: id.clone(), kind: String::new(), data });
                }
                _ => {}
            }
            line.clear();
        }
        items
    }

    /// The next event; waits for it. Comments and the like are passed over.
    pub(crate) fn next(&mut self) -> Item {
        let (mut id, mut kind, mut beats) = (String::new(), String::new(), 0);
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).expect("a line") > 0, "the stream ended");
            // There is one every two seconds.
            beats += u32::from(line.starts_with(": beat"));
            assert!(beats < 30, "nothing but beats");
            match line.trim_end().split_once(": ") {
                Some(("id", value)) => value.clone_into(&mut id),
                Some(("event", value)) => value.clone_into(&mut kind),
                Some(("data", value)) => {
                    let data = serde_json::from_str(value).expect("JSON");
                    return Item { id, kind, data };
                }
                _ => {}
            }
        }
    }

    /// The next comment; waits for it.
    pub(crate) fn comment(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).expect("a line") > 0, "the stream ended");
            if let Some(text) = line.strip_prefix(": ") {
                return text.trim_end().to_owned();
            }
        }
    }

    /// The types of so many events.
    pub(crate) fn types(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.next().data["event_type"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
