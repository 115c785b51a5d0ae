//! Server-sent events, as a stream of them is read.

/// A stream of server-sent events, fed with its bytes as they come.
#[derive(Debug)]
pub struct Events {
    limit: usize,
    rest: Vec<u8>,
    message: ServerEvent,
    /// Whether the message has data.
    has_data: bool,
}

/// What a stream says between two empty lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerEvent {
    /// The id that a stream goes on from; that of the last one that had an id.
    pub id: String,
    /// What sort it is; empty if it says nothing of it.
    pub kind: String,
    /// Its data, the lines joined.
    pub data: String,
}

/// A message is larger than the most that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of the stream is too long")]
pub struct TooLong;

impl Events {
    /// No message may be larger than `limit`.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, rest: Vec::new(), message: ServerEvent::default(), has_data: false }
    }

    /// Takes what came; gives back the messages that are whole now.
    ///
    /// # Errors
    /// If one is too long.
    pub fn take(&mut self, piece: &[u8]) -> Result<Vec<ServerEvent>, TooLong> {
        let seen = self.rest.len();
        self.rest.extend_from_slice(piece);
        let Some(end) = memchr::memrchr(b'\n', piece) else {
            return if self.rest.len() > self.limit { Err(TooLong) } else { Ok(Vec::new()) };
        };
        let whole: Vec<u8> = self.rest.drain(..=seen + end).collect();
        let mut messages = Vec::new();
        for line in whole.strip_suffix(b"\n").unwrap_or(&whole).split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
            messages.extend(self.line(&line));
            if self.message.data.len() > self.limit {
                return Err(TooLong);
            }
        }
        Ok(messages)
    }

    /// Takes a line; gives back the message that it completes.
    fn line(&mut self, line: &str) -> Option<ServerEvent> {
        if line.is_empty() {
            let id = self.message.id.clone();
            let message = std::mem::replace(&mut self.message, ServerEvent { id, ..ServerEvent::default() });
            return std::mem::take(&mut self.has_data).then_some(message);
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => value.clone_into(&mut self.message.id),
            "event" => value.clone_into(&mut self.message.kind),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.message.data.push('\n');
                }
                self.message.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(id: &str, kind: &str, data: &str) -> ServerEvent {
        ServerEvent { id: id.to_owned(), kind: kind.to_owned(), data: data.to_owned() }
    }

    const STREAM: &str =
        ": beat\n\nid: msg_1\r\nretry: 1\r\nevent:x\r\ndata: a\r\n\r\ndata:\ndata:  b\n\nid: msg_2\n\n";

    #[test]
    fn a_message_is_whole_at_an_empty_line_after_data() {
        let read = Events::new(100).take(STREAM.as_bytes()).unwrap();
        assert_eq!(read, [message("msg_1", "x", "a"), message("msg_1", "", "\n b")]);
    }

    #[test]
    fn what_never_ends_is_too_long() {
        assert_eq!(Events::new(10).take(b"data: 0123456789"), Err(TooLong));
        assert_eq!(Events::new(10).take(b"data: 01234\ndata: 56789\n"), Err(TooLong));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_stream_is_cut(cuts in prop::collection::vec(1_usize..12, 1..40)) {
            let (mut events, mut rest, mut read) = (Events::new(100), STREAM.as_bytes(), Vec::new());
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                read.extend(events.take(piece).unwrap());
                rest = after;
            }
            read.extend(events.take(rest).unwrap());
            prop_assert_eq!(read, Events::new(100).take(STREAM.as_bytes()).unwrap());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Events::new(20).take(&bytes);
        }
    }
}
