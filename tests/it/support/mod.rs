//! What the tests run whk with: the binary itself, an app to forward to, a terminal, and bytes on sockets.

pub(crate) mod api;
pub(crate) mod app;
pub(crate) mod house;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod redis;
pub(crate) mod terminal;
pub(crate) mod whk;
pub(crate) mod wire;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How many times the usual the long tests do: `./test --long` asks for more.
pub(crate) fn scale() -> usize {
    usize::try_from(number("WHK_TEST_SCALE", 1)).expect("a number that fits")
}

/// What chance begins with: the same each time, unless somebody gives another.
pub(crate) fn seed() -> u64 {
    number("WHK_TEST_SEED", 7)
}

#[expect(clippy::disallowed_methods, reason = "it is for who runs the tests, and no setting of the program")]
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|why| panic!("{name}: {why}")))
}

/// Whether this is the long mode, which `./test --long` asks for.
#[expect(clippy::disallowed_methods, reason = "a test has no settings")]
pub(crate) fn is_long() -> bool {
    std::env::var_os("WHK_LONG").is_some()
}

/// How long whoever waits for all of it waits: in the long mode there is more of it.
pub(crate) fn patience() -> Duration {
    if is_long() { PATIENCE * 15 } else { PATIENCE }
}

/// How much of something: so much each time, and so much in the long mode.
pub(crate) fn measure(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

/// Something that changes, and a bell that rings when it does.
#[derive(Debug, Default)]
pub(crate) struct Watched<T> {
    value: Mutex<T>,
    bell: Condvar,
}

impl<T> Watched<T> {
    /// Looks at it, or changes it.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let result = work(&mut self.lock());
        self.bell.notify_all();
        result
    }

    /// Waits until `look` finds something; `None` when patience is at an end.
    pub(crate) fn wait<R>(&self, look: impl FnMut(&mut T) -> Option<R>) -> Option<R> {
        self.wait_for(patience(), look)
    }

    /// The same with another patience.
    pub(crate) fn wait_for<R>(&self, patience: Duration, mut look: impl FnMut(&mut T) -> Option<R>) -> Option<R> {
        let end = Instant::now() + patience;
        let mut value = self.lock();
        loop {
            if let Some(found) = look(&mut value) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            value = self.bell.wait_timeout(value, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closed until somebody opens it.
#[derive(Debug, Default)]
pub(crate) struct Gate(Watched<bool>);

impl Gate {
    /// Lets everybody through from now on.
    pub(crate) fn open(&self) {
        self.0.with(|open| *open = true);
    }

    /// Waits until it is open.
    pub(crate) fn pass(&self) {
        assert!(self.0.wait(|open| open.then_some(())).is_some(), "the gate stayed closed");
    }
}
