//! One exchange on one connection.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::buf::Chain;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::model::Headers;
use crate::model::attempt::{Failure, Response};
use crate::net::chunked::{Chunked, Progress};
use crate::net::client::answer::{self, AnswerHead, Framing};
use crate::net::client::connect::Stream;
use crate::net::client::failure::{closed, malformed};
use crate::net::{READ_ROOM, READ_SIZE, body_room};

/// The most interim answers (1xx) before the real one.
const MAX_INTERIM: usize = 32;
/// The most that is read at once of a body.
const LARGE_READ: usize = 64 * 1024;
/// A connection's buffer is given back when an answer made it larger than this.
const KEPT_BUFFER: usize = 16 * 1024;

/// How much is read of the answer of a server that does not switch protocols.
const KEPT_REFUSAL: usize = 64 * 1024;

/// A request as bytes. A small body is in `head`.
#[derive(Clone)]
pub(super) struct Wire {
    pub(super) head: Bytes,
    pub(super) body: Bytes,
    /// Whether the answer has a head only, the request being HEAD.
    pub(super) head_only: bool,
}

/// A connection that no answer is due on.
pub(super) struct Connection {
    stream: Stream,
    input: BytesMut,
}

/// An answer, and the connection if it can be used again.
pub(super) struct Exchanged {
    pub(super) response: Response,
    pub(super) reusable: Option<Connection>,
}

/// An answer whose body is read piece by piece.
pub struct Incoming {
    /// The status.
    pub status: u16,
    /// The header lines.
    pub headers: Headers,
    flow: Flow,
    framing: Framing,
    chunked: Chunked,
    read: usize,
}

impl Incoming {
    /// What came next of the body; `None` at its end.
    ///
    /// # Errors
    /// If the connection ends first.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            let piece = match self.framing {
                Framing::Chunked => {
                    let mut piece = BytesMut::new();
                    let came = self.chunked.decode(&mut self.flow.input, &mut piece, usize::MAX);
                    let came = came.map_err(|why| malformed(format!("the answer's chunks are malformed: {why}")))?;
                    if came == Progress::Done && piece.is_empty() {
                        return Ok(None);
                    }
                    piece
                }
                Framing::Length(length) if self.read >= length => return Ok(None),
                Framing::Length(_) | Framing::Close => self.flow.input.split(),
            };
            if !piece.is_empty() {
                self.read += piece.len();
                return Ok(Some(piece.freeze()));
            }
            match self.flow.fill(READ_SIZE).await {
                Ok(0) if matches!(self.framing, Framing::Close) => return Ok(None),
                Ok(0) => return Err(closed(None, "in the middle of the answer's body")),
                Ok(_) => {}
                Err(why) => return Err(closed(Some(&why), "in the middle of the answer's body")),
            }
        }
    }
}

/// Why there is no whole answer.
pub(super) enum Broken {
    /// The connection ended before the first byte of one.
    Unanswered(Failure),
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Broken {
    fn from(why: Failure) -> Self {
        Self::Failed(why)
    }
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, input: BytesMut::new() }
    }

    /// Whether nothing came while it was idle: neither its end nor bytes that nobody asked for.
    pub(super) fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(&mut self.stream).poll_read(&mut context, &mut ReadBuf::new(&mut byte)).is_pending()
    }

    /// Sends a request and reads the head of its answer.
    pub(super) async fn follow(self, wire: Wire) -> Result<Incoming, Broken> {
        let Self { stream, input } = self;
        let unsent = wire.head.chain(wire.body);
        let mut flow = Flow { stream, input, unsent, sending: Sending::UnderWay };
        let AnswerHead { status, headers, framing, .. } = flow.head(wire.head_only).await?;
        Ok(Incoming { status, headers, flow, framing, chunked: Chunked::default(), read: 0 })
    }

    /// Asks for another protocol; gives back the answer's header lines and what came behind them.
    pub(super) async fn upgrade(self, wire: Wire) -> Result<Result<Switched, Response>, Broken> {
        let Self { stream, input } = self;
        let unsent = wire.head.chain(wire.body);
        let mut flow = Flow { stream, input, unsent, sending: Sending::UnderWay };
        let head = flow.any_head(false).await?;
        if head.status == 101 {
            let Flow { stream, input, .. } = flow;
            return Ok(Ok(Switched { headers: head.headers, stream, input }));
        }
        Ok(Err(flow.rest(head, KEPT_REFUSAL).await?.response))
    }

    /// Sends a request and reads its answer, whose body is kept up to `keep` bytes.
    pub(super) async fn exchange(self, wire: Wire, keep: usize) -> Result<Exchanged, Broken> {
        let Self { stream, input } = self;
        let unsent = wire.head.chain(wire.body);
        let mut flow = Flow { stream, input, unsent, sending: Sending::UnderWay };
        let head = flow.head(wire.head_only).await?;
        Ok(flow.rest(head, keep).await?)
    }
}

/// A connection that speaks another protocol from here on.
pub(super) struct Switched {
    pub(super) headers: Headers,
    pub(super) stream: Stream,
    pub(super) input: BytesMut,
}

/// A request on its way out and its answer on its way in, both at once: a server may answer a large request, and close,
/// before it has read it all.
struct Flow {
    stream: Stream,
    input: BytesMut,
    unsent: Chain<Bytes, Bytes>,
    sending: Sending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    UnderWay,
    Done,
    /// The server takes no more; its answer may be there all the same.
    Broken,
}

impl Flow {
    async fn head(&mut self, head_only: bool) -> Result<AnswerHead, Broken> {
        match self.any_head(head_only).await? {
            AnswerHead { status: 101, .. } => {
                Err(malformed("the target switched protocols (101), which nobody asked for").into())
            }
            head => Ok(head),
        }
    }

    /// The head of an answer, or of one that switches protocols.
    async fn any_head(&mut self, head_only: bool) -> Result<AnswerHead, Broken> {
        let (mut scanned, mut interim, mut heard) = (0, 0, false);
        loop {
            if let Some(head) = answer::parse(&mut self.input, &mut scanned, head_only)? {
                match head.status {
                    101 => return Ok(head),
                    ..200 if interim == MAX_INTERIM => {
                        return Err(malformed(format!("more than {MAX_INTERIM} interim answers (1xx)")).into());
                    }
                    ..200 => interim += 1,
                    _ => return Ok(head),
                }
                continue;
            }
            let lost = match self.fill(READ_ROOM).await {
                Ok(0) => None,
                Ok(_) => {
                    heard = true;
                    continue;
                }
                Err(why) => Some(why),
            };
            return Err(if heard {
                Broken::Failed(closed(lost.as_ref(), "in the middle of the answer's head"))
            } else {
                Broken::Unanswered(closed(lost.as_ref(), "before an answer came"))
            });
        }
    }

    /// What follows a head.
    async fn rest(mut self, head: AnswerHead, keep: usize) -> Result<Exchanged, Failure> {
        let (body, truncated) = match head.framing {
            Framing::Length(length) => self.sized_body(length, keep).await?,
            Framing::Chunked => self.chunked_body(keep).await?,
            Framing::Close => self.body_to_the_end(keep).await?,
        };
        let AnswerHead { status, headers, keep_alive, .. } = head;
        let response = Response { status, headers, body, truncated };
        // Bytes that nobody asked for, or a request that was answered before it was read: what comes next on this
        // connection would be taken for the next request's answer.
        let settled = self.input.is_empty() && self.sending == Sending::Done && !truncated;
        let Self { stream, mut input, .. } = self;
        if input.capacity() > KEPT_BUFFER {
            input = BytesMut::new();
        }
        let reusable = (keep_alive && settled).then_some(Connection { stream, input });
        Ok(Exchanged { response, reusable })
    }

    /// A body whose length was announced; its memory grows as it comes, not as it is claimed.
    async fn sized_body(&mut self, length: usize, keep: usize) -> Result<(Bytes, bool), Failure> {
        let (wanted, truncated) = (length.min(keep), length > keep);
        if wanted <= self.input.len() {
            return Ok((self.input.split_to(wanted).freeze(), truncated));
        }
        let mut body = self.input.split();
        loop {
            let size = body_room(body.len(), wanted);
            let mut larger = BytesMut::with_capacity(size);
            larger.extend_from_slice(&body);
            body = larger;
            while body.len() < size {
                let have = body.len();
                let mut room = (&mut body).limit(size - have);
                let read = pump(&mut self.stream, &mut self.unsent, &mut self.sending, &mut room).await;
                let when = || format!("after {have} of {length} bytes of the answer's body");
                match read {
                    Ok(0) => return Err(closed(None, &when())),
                    Ok(_) => {}
                    Err(why) => return Err(closed(Some(&why), &when())),
                }
            }
            if size == wanted {
                return Ok((body.freeze(), truncated));
            }
        }
    }

    async fn chunked_body(&mut self, keep: usize) -> Result<(Bytes, bool), Failure> {
        let (mut chunked, mut body) = (Chunked::default(), BytesMut::new());
        loop {
            match chunked.decode(&mut self.input, &mut body, keep) {
                Ok(Progress::Done) => return Ok((body.freeze(), false)),
                Ok(Progress::Over) => return Ok((body.freeze(), true)),
                Ok(Progress::More) => {}
                Err(why) => return Err(malformed(format!("the answer's chunks are malformed: {why}"))),
            }
            match self.fill(chunked.wanted().clamp(READ_ROOM, LARGE_READ)).await {
                Ok(0) => return Err(closed(None, "before the last chunk of the answer")),
                Ok(_) => {}
                Err(why) => return Err(closed(Some(&why), "before the last chunk of the answer")),
            }
        }
    }

    async fn body_to_the_end(&mut self, keep: usize) -> Result<(Bytes, bool), Failure> {
        while self.input.len() <= keep {
            match self.fill(LARGE_READ).await {
                Ok(0) => return Ok((self.input.split().freeze(), false)),
                Ok(_) => {}
                // Many TLS servers hang up without saying so first.
                Err(why) if why.kind() == ErrorKind::UnexpectedEof => return Ok((self.input.split().freeze(), false)),
                Err(why) => return Err(closed(Some(&why), "in the middle of the answer's body")),
            }
        }
        Ok((self.input.split_to(keep).freeze(), true))
    }

    async fn fill(&mut self, room: usize) -> io::Result<usize> {
        if self.input.capacity() - self.input.len() < room {
            self.input.reserve(room.max(READ_SIZE));
        }
        pump(&mut self.stream, &mut self.unsent, &mut self.sending, &mut self.input).await
    }
}

/// Reads something, and sends meanwhile what is still to be sent.
async fn pump(
    stream: &mut Stream,
    unsent: &mut Chain<Bytes, Bytes>,
    sending: &mut Sending,
    into: &mut impl BufMut,
) -> io::Result<usize> {
    if *sending == Sending::UnderWay {
        // Nearly every request goes out at once, and then there is only reading to do.
        poll_fn(|context| {
            *sending = poll_send(stream, unsent, context).into();
            Poll::Ready(())
        })
        .await;
    }
    if *sending != Sending::UnderWay {
        return stream.read_buf(into).await;
    }
    let (mut reader, mut writer) = tokio::io::split(stream);
    loop {
        tokio::select! {
            biased;
            read = reader.read_buf(into) => return read,
            sent = poll_fn(|context| poll_send(&mut writer, unsent, context)), if *sending == Sending::UnderWay => {
                *sending = Poll::Ready(sent).into();
            }
        }
    }
}

impl From<Poll<io::Result<()>>> for Sending {
    fn from(sent: Poll<io::Result<()>>) -> Self {
        match sent {
            Poll::Pending => Self::UnderWay,
            Poll::Ready(Ok(())) => Self::Done,
            Poll::Ready(Err(_)) => Self::Broken,
        }
    }
}

fn poll_send<W: AsyncWrite + Unpin>(
    writer: &mut W,
    unsent: &mut Chain<Bytes, Bytes>,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while unsent.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 2];
        let count = unsent.chunks_vectored(&mut slices);
        let slices = slices.get(..count).unwrap_or_default();
        let sent = ready!(Pin::new(&mut *writer).poll_write_vectored(context, slices))?;
        if sent == 0 {
            return Poll::Ready(Err(ErrorKind::WriteZero.into()));
        }
        unsent.advance(sent);
    }
    Pin::new(writer).poll_flush(context)
}
