//! A connection of the simulated world: bytes that are late, held, swallowed, or cut anywhere.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep, sleep_until};

use crate::relay::source::simulation::World;

/// Passes bytes on both ways, until one end is gone or it is cut.
pub(super) async fn way(world: &World, listener: usize, near: DuplexStream, far: DuplexStream) {
    let ((near_in, near_out), (far_in, far_out)) = (tokio::io::split(near), tokio::io::split(far));
    tokio::select! {
        () = half(world, listener, near_in, far_out) => {}
        () = half(world, listener, far_in, near_out) => {}
    }
}

async fn half(world: &World, listener: usize, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let (mut buffer, cut) = ([0; 1024], world.weather(listener).cut);
    let mut is_silent = false;
    // One of three connections ends somewhere, in the middle of anything.
    let mut left = if world.clock.below(3) == 0 { world.clock.below(30_000) } else { u64::MAX };
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        sleep(world.clock.millis(20)).await;
        let held = world.weather(listener).held;
        sleep_until(held).await;
        let weather = *world.weather(listener);
        if weather.cut != cut {
            return;
        }
        // What was swallowed never comes again, so nothing after it may: the ends find out by their heartbeats.
        is_silent |= weather.silent > Instant::now();
        if is_silent {
            continue;
        }
        let passed = usize::try_from(left).unwrap_or(usize::MAX).min(read);
        left -= passed as u64;
        if to.write_all(&buffer[..passed]).await.is_err() || passed < read {
            return;
        }
    }
}
