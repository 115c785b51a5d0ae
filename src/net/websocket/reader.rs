//! What comes in: whole messages, bounded, and never more memory than was sent.

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::net::websocket::frame::{FrameHead, Kind, masked};
use crate::net::websocket::{Broken, Message, Role};
use crate::net::{READ_ROOM, READ_SIZE};

/// The most that is read at once of a large message.
const LARGE_READ: usize = 64 * 1024;

/// Reads messages.
pub struct Reader<R> {
    stream: R,
    input: BytesMut,
    role: Role,
    limit: usize,
    /// The message whose pieces are coming.
    begun: Option<(Kind, BytesMut)>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// Reads from `stream`, of which `input` came already; no message may be larger than `limit`.
    pub const fn new(stream: R, input: BytesMut, role: Role, limit: usize) -> Self {
        Self { stream, input, role, limit, begun: None }
    }

    /// The next message. Nothing is lost if this is given up before it is done.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn next(&mut self) -> Result<Message, Broken> {
        loop {
            if let Some(message) = self.parse()? {
                return Ok(message);
            }
            if self.input.capacity() - self.input.len() < READ_ROOM {
                let room = if self.input.len() > READ_SIZE { LARGE_READ } else { READ_SIZE };
                self.input.reserve(room);
            }
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(Broken::Ended);
            }
        }
    }

    fn parse(&mut self) -> Result<Option<Message>, Broken> {
        loop {
            let Some(head) = FrameHead::read(&self.input)? else { return Ok(None) };
            if head.mask.is_some() != (self.role == Role::Server) {
                return Err(Broken::Malformed("a client's bytes must be masked, a server's not"));
            }
            let before = self.begun.as_ref().map_or(0, |(_, pieces)| pieces.len());
            let too_large = Broken::TooLarge(self.limit);
            let Ok(length) = usize::try_from(head.length) else { return Err(too_large) };
            if !head.kind.is_control() && length > self.limit.saturating_sub(before) {
                return Err(too_large);
            }
            if self.input.len() - head.size < length {
                return Ok(None);
            }
            self.input.advance(head.size);
            let mut payload = self.input.split_to(length);
            if let Some(mask) = head.mask {
                masked(&mut payload, mask);
            }
            if let Some(message) = self.take(head, payload)? {
                return Ok(Some(message));
            }
        }
    }

    /// Takes a frame; gives back the message that it completes.
    fn take(&mut self, head: FrameHead, payload: BytesMut) -> Result<Option<Message>, Broken> {
        let (kind, payload) = match (head.kind, self.begun.take()) {
            (Kind::Ping | Kind::Pong | Kind::Close, begun) => {
                self.begun = begun;
                return control(head.kind, payload.freeze()).map(Some);
            }
            (Kind::Continuation, None) => return Err(Broken::Malformed("a message goes on that never began")),
            (Kind::Continuation, Some((kind, mut pieces))) => {
                pieces.unsplit(payload);
                (kind, pieces)
            }
            (_, Some(_)) => return Err(Broken::Malformed("a message begins inside another")),
            (kind, None) => (kind, payload),
        };
        if !head.last {
            self.begun = Some((kind, payload));
            return Ok(None);
        }
        if kind == Kind::Binary {
            return Ok(Some(Message::Binary(payload.freeze())));
        }
        match String::from_utf8(payload.to_vec()) {
            Ok(text) => Ok(Some(Message::Text(text))),
            Err(_) => Err(Broken::Malformed("a text is not UTF-8")),
        }
    }
}

fn control(kind: Kind, payload: Bytes) -> Result<Message, Broken> {
    Ok(match (kind, payload.split_first_chunk::<2>()) {
        (Kind::Ping, _) => Message::Ping(payload),
        (Kind::Pong, _) => Message::Pong(payload),
        (_, Some((code, reason))) => {
            Message::Close(u16::from_be_bytes(*code), String::from_utf8_lossy(reason).into_owned())
        }
        (_, None) if payload.is_empty() => Message::Close(1005, String::new()),
        (_, None) => return Err(Broken::Malformed("a close frame has half a code")),
    })
}
