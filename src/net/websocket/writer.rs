//! What goes out: large messages in pieces, small ones together.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::net::websocket::frame::{FrameHead, Kind, MAX_CONTROL, masked};
use crate::net::websocket::{Message, Role};

/// The longest piece of a message.
const PIECE: usize = 256 * 1024;

/// Writes messages.
pub struct Writer<W> {
    stream: W,
    output: BytesMut,
    /// The state that masks are drawn from; a server has none.
    masks: Option<u64>,
    stall: Duration,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// Writes to `stream`, which must take something within every `stall`. Masks are drawn from `chance`.
    pub fn new(stream: W, role: Role, chance: u64, stall: Duration) -> Self {
        let masks = (role == Role::Client).then_some(chance);
        Self { stream, output: BytesMut::new(), masks, stall }
    }

    /// Puts a message behind those that wait to be sent.
    pub fn put(&mut self, message: &Message) {
        match message {
            Message::Text(text) => self.put_frame(Kind::Text, true, text.as_bytes()),
            Message::Ping(payload) => self.put_control(Kind::Ping, payload),
            Message::Pong(payload) => self.put_control(Kind::Pong, payload),
            Message::Close(code, reason) => {
                let mut payload = code.to_be_bytes().to_vec();
                payload.extend(reason.bytes());
                self.put_control(Kind::Close, &payload);
            }
            Message::Binary(bytes) => self.put_pieces(bytes),
        }
    }

    /// How many bytes wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.output.len()
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// If the other side takes nothing, or is gone.
    pub async fn flush(&mut self) -> std::io::Result<()> {
        while self.output.has_remaining() {
            if timeout(self.stall, self.stream.write_buf(&mut self.output)).await?? == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
        }
        if self.output.capacity() > PIECE {
            self.output = BytesMut::new();
        }
        timeout(self.stall, self.stream.flush()).await?
    }

    fn put_pieces(&mut self, bytes: &Bytes) {
        let mut kind = Kind::Binary;
        let mut pieces = bytes.chunks(PIECE).peekable();
        if pieces.peek().is_none() {
            return self.put_frame(kind, true, &[]);
        }
        while let Some(piece) = pieces.next() {
            self.put_frame(kind, pieces.peek().is_none(), piece);
            kind = Kind::Continuation;
        }
    }

    fn put_control(&mut self, kind: Kind, payload: &[u8]) {
        self.put_frame(kind, true, payload.get(..MAX_CONTROL).unwrap_or(payload));
    }

    fn put_frame(&mut self, kind: Kind, last: bool, payload: &[u8]) {
        let mask = self.mask();
        self.output.reserve(payload.len() + 14);
        FrameHead { kind, last, mask, length: payload.len() as u64, size: 0 }.write(&mut self.output);
        let start = self.output.len();
        self.output.extend_from_slice(payload);
        if let Some((mask, written)) = mask.zip(self.output.get_mut(start..)) {
            masked(written, mask);
        }
    }

    /// The next mask. It keeps what looks like a request out of what proxies on the way could take for one; it is no
    /// secret. (`SplitMix64`.)
    fn mask(&mut self) -> Option<[u8; 4]> {
        let state = self.masks.as_mut()?;
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_be_bytes().first_chunk().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::websocket::{Broken, Reader};
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 20;

    fn message() -> impl Strategy<Value = Message> {
        let small = prop::collection::vec(any::<u8>(), 0..120);
        prop_oneof![
            "\\PC{0,300}".prop_map(Message::Text),
            prop::collection::vec(any::<u8>(), 0..70_000).prop_map(|bytes| Message::Binary(bytes.into())),
            Just(Message::Binary(vec![7; PIECE + 1].into())),
            small.clone().prop_map(|bytes| Message::Ping(bytes.into())),
            small.prop_map(|bytes| Message::Pong(bytes.into())),
            (1000_u16..5000, "[a-z ]{0,60}").prop_map(|(code, reason)| Message::Close(code, reason)),
        ]
    }

    async fn written(messages: &[Message], role: Role) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out, role, 1, Duration::from_secs(1));
        for message in messages {
            writer.put(message);
        }
        writer.flush().await.unwrap();
        out
    }

    async fn read(bytes: &[u8], role: Role, limit: usize) -> (Vec<Message>, Broken) {
        let mut reader = Reader::new(bytes, BytesMut::new(), role, limit);
        let mut all = Vec::new();
        loop {
            match reader.next().await {
                Ok(message) => all.push(message),
                Err(why) => return (all, why),
            }
        }
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
        #[test]
        fn what_one_side_writes_the_other_reads(messages in prop::collection::vec(message(), 0..6), client: bool) {
            let (from, to) = if client { (Role::Client, Role::Server) } else { (Role::Server, Role::Client) };
            let (all, end) = block_on(async { read(&written(&messages, from).await, to, LIMIT).await });
            prop_assert_eq!(all, messages);
            prop_assert!(matches!(end, Broken::Ended));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            block_on(read(&bytes, Role::Server, 1000));
        }
    }

    #[tokio::test]
    async fn a_message_larger_than_the_limit_is_refused_by_its_head_alone() {
        for bytes in [
            &[0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 1, 2, 3, 4][..],
            &[0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4],
        ] {
            let (all, end) = read(bytes, Role::Server, LIMIT).await;
            assert!(all.is_empty() && matches!(end, Broken::TooLarge(LIMIT)), "{end}");
        }
        let pieces = [written(&[Message::Binary(vec![1; PIECE * 3].into())], Role::Client).await].concat();
        assert_eq!(read(&pieces, Role::Server, PIECE * 2).await.1.code(), 1009);
    }

    #[tokio::test]
    async fn what_breaks_the_rules_is_refused() {
        for (bytes, what) in [
            (&[0x81, 0x01, b'a'][..], "not masked"),
            (&[0x80, 0x80, 0, 0, 0, 0], "a continuation of nothing"),
            (&[0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], "a text inside a text"),
            (&[0x81, 0x81, 0, 0, 0, 0, 0xff], "no UTF-8"),
            (&[0x88, 0x81, 0, 0, 0, 0, 3], "half a code"),
        ] {
            assert_eq!(read(bytes, Role::Server, LIMIT).await.1.code(), 1002, "{what}");
        }
    }
}
