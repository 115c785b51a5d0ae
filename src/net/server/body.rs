//! A request's body as it comes in: memory follows what was sent, not what was claimed.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, Sleep};

use crate::net::chunked::{Chunked, Progress};
use crate::net::server::Limits;
use crate::net::server::connection::{Connection, End, read_within, send};
use crate::net::server::fault::Fault;
use crate::net::server::head::{Framing, Head};
use crate::net::{READ_ROOM, READ_SIZE, body_room};

/// The most that is read at once of a chunk.
const LARGE_READ: usize = 64 * 1024;

impl<S, F> Connection<S, F>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    F: Future<Output = ()> + Send,
{
    /// The whole body, bounded in size, time and memory.
    pub(super) async fn body(&mut self, head: &Head, limits: &Limits, room: &mut Room<'_>) -> Result<Bytes, End> {
        let length = match head.framing {
            Framing::Length(length) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                if length > limits.body_bytes {
                    return Err(Fault::TOO_LARGE.into());
                }
                if length <= self.input.len() {
                    return Ok(self.input.split_to(length).freeze());
                }
                Some(length)
            }
            Framing::Chunked => None,
        };
        if head.expects_continue && (length.is_some() || self.input.is_empty()) {
            send(&mut self.stream, limits.write_stall, &b"HTTP/1.1 100 Continue\r\n\r\n"[..]).await?;
        }
        let patience = Patience { started: Instant::now(), first: limits.body_time };
        match length {
            Some(length) if length <= READ_SIZE => self.short_body(length, patience).await,
            Some(length) => self.long_body(length, patience, room).await,
            None => self.chunked_body(limits.body_bytes, patience, room).await,
        }
    }

    /// A body that fits in the read buffer, and is handed on without a copy.
    async fn short_body(&mut self, length: usize, patience: Patience) -> Result<Bytes, End> {
        self.input.reserve(length.saturating_sub(self.input.len()));
        self.alarm.as_mut().reset(patience.until(0));
        while self.input.len() < length {
            self.fill(Fault::LATE_BODY).await?;
        }
        Ok(self.input.split_to(length).freeze())
    }

    /// A body in a buffer of its own, which grows to the body's length as the bytes come.
    async fn long_body(&mut self, length: usize, patience: Patience, room: &mut Room<'_>) -> Result<Bytes, End> {
        let mut body = self.input.split();
        loop {
            self.alarm.as_mut().reset(patience.until(body.len()));
            let size = body_room(body.len(), length);
            room.claim(size, self.alarm.as_mut()).await?;
            let mut larger = BytesMut::with_capacity(size);
            larger.extend_from_slice(&body);
            body = larger;
            while body.len() < size {
                self.alarm.as_mut().reset(patience.until(body.len()));
                let left = size - body.len();
                read_within(&mut self.stream, self.alarm.as_mut(), &mut (&mut body).limit(left), Fault::LATE_BODY)
                    .await?;
            }
            if size == length {
                return Ok(body.freeze());
            }
        }
    }

    async fn chunked_body(&mut self, limit: usize, patience: Patience, room: &mut Room<'_>) -> Result<Bytes, End> {
        let (mut chunked, mut body) = (Chunked::default(), BytesMut::new());
        loop {
            match chunked.decode(&mut self.input, &mut body, limit) {
                Ok(Progress::Done) => return Ok(body.freeze()),
                Ok(Progress::Over) => return Err(Fault::TOO_LARGE.into()),
                Ok(Progress::More) => {}
                Err(why) => return Err(Fault::malformed(why.text()).into()),
            }
            self.alarm.as_mut().reset(patience.until(body.len()));
            if body.capacity() > READ_SIZE {
                room.claim(body.capacity(), self.alarm.as_mut()).await?;
            }
            self.input.reserve(chunked.wanted().clamp(READ_ROOM, LARGE_READ));
            self.fill(Fault::LATE_BODY).await?;
        }
    }
}

/// How long a body may take: a time, and a second more for each MiB that came.
#[derive(Clone, Copy)]
struct Patience {
    started: Instant,
    first: Duration,
}

impl Patience {
    fn until(self, received: usize) -> Instant {
        self.started + self.first + Duration::from_secs((received >> 20) as u64)
    }
}

/// A request's share of the memory for bodies.
pub(super) struct Room<'h> {
    all: &'h Semaphore,
    held: Option<SemaphorePermit<'h>>,
}

impl<'h> Room<'h> {
    pub(super) const fn of(all: &'h Semaphore) -> Self {
        Self { all, held: None }
    }

    /// Has room for `size` bytes in all; waits for it until the alarm.
    async fn claim(&mut self, size: usize, alarm: Pin<&mut Sleep>) -> Result<(), End> {
        let more = size.saturating_sub(self.held.as_ref().map_or(0, SemaphorePermit::num_permits));
        let more = u32::try_from(more).map_err(|_| Fault::TOO_LARGE)?;
        if more == 0 {
            return Ok(());
        }
        let permit = tokio::select! {
            biased;
            permit = self.all.acquire_many(more) => permit.map_err(|_| Fault::FULL)?,
            () = alarm => return Err(Fault::FULL.into()),
        };
        match &mut self.held {
            Some(held) => held.merge(permit),
            None => self.held = Some(permit),
        }
        Ok(())
    }
}
