//! HTTP as bytes: messages kept as they came off a socket, and a sender that says exactly what it is told.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::support::patience;

/// A request or an answer as it stood on the wire; a chunked body is joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Everything up to the body.
    pub(crate) head: Vec<u8>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Which message it is, as far as that says where its body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No length means no body.
    Request,
    /// No length means that the body goes on to the end.
    Answer,
    /// An answer without a body, whatever its length says.
    AnswerToHead,
}

impl Message {
    /// Reads one; `None` if the connection ends before its first byte.
    pub(crate) fn read(from: &mut impl BufRead, kind: Kind) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if from.read_until(b'\n', &mut head)? == 0 {
                return if head.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
        let mut message = Self { head, body: Vec::new() };
        let bodiless =
            kind == Kind::AnswerToHead || kind == Kind::Answer && matches!(message.status(), 100..=199 | 204 | 304);
        if bodiless {
            return Ok(Some(message));
        }
        if message.get("transfer-encoding").is_some() {
            message.body = chunked(from)?;
        } else if let Some(length) = message.get("content-length") {
            let length = length.parse().map_err(|_| io::ErrorKind::InvalidData)?;
            message.body.resize(length, 0);
            from.read_exact(&mut message.body)?;
        } else if kind == Kind::Answer {
            from.read_to_end(&mut message.body)?;
        }
        Ok(Some(message))
    }

    /// The head as text, a byte a character.
    pub(crate) fn text(&self) -> String {
        self.head.iter().map(|byte| char::from(*byte)).collect()
    }

    /// The header lines as they came, without their line ends.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.text().trim_end().split("\r\n").skip(1).map(str::to_owned).collect()
    }

    /// The values of a header, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let lines = self.lines().into_iter();
        let own = lines.filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        own.collect()
    }

    /// The first value of a header.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// A word of the first line.
    fn word(&self, index: usize) -> String {
        let text = self.text();
        text.lines().next().and_then(|line| line.split(' ').nth(index)).unwrap_or_default().to_owned()
    }

    /// A request's method.
    pub(crate) fn method(&self) -> String {
        self.word(0)
    }

    /// A request's target.
    pub(crate) fn target(&self) -> String {
        self.word(1)
    }

    /// An answer's status; 0 if it has none.
    pub(crate) fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or(0)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }
}

fn chunked(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        let mut piece = vec![0; size + 2];
        from.read_exact(&mut piece)?;
        piece.truncate(size);
        if size == 0 {
            return Ok(body);
        }
        body.append(&mut piece);
    }
}

/// A connection of a sender.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: BufReader<TcpStream>,
}

impl Wire {
    /// Connects.
    pub(crate) fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(patience()))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Says exactly this.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> io::Result<Message> {
        Message::read(&mut self.stream, Kind::Answer)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// The next answer, to a HEAD request.
    pub(crate) fn answer_to_head(&mut self) -> io::Result<Message> {
        Message::read(&mut self.stream, Kind::AnswerToHead)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Everything until the other side closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        // A reset after the last byte is an end too.
        drop(self.stream.read_to_end(&mut all));
        all
    }
}

/// Says these bytes on a connection of their own and reads the answer.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> io::Result<Message> {
    let mut wire = Wire::to(address)?;
    wire.say(bytes)?;
    wire.answer()
}

/// Header lines with their line ends.
pub(crate) fn block(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\r\n"]).collect()
}

/// A request with these header lines, a Host and a Content-Length.
pub(crate) fn request(method: &str, target: &str, lines: &[&str], body: &[u8]) -> Vec<u8> {
    request_at("inbox.test", method, target, lines, body)
}

/// The same for a host of this name.
pub(crate) fn request_at(host: &str, method: &str, target: &str, lines: &[&str], body: &[u8]) -> Vec<u8> {
    let own = block(lines);
    let head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{own}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
