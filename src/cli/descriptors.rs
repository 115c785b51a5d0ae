//! How many connections this process has file descriptors for.

/// The most of so many connections, when some descriptors are left for the store and for what is sent on. What the
/// system allows to be raised is raised.
#[must_use]
pub(super) fn room(wanted: usize) -> usize {
    limit().map_or(wanted, |limit| wanted.min(limit.saturating_sub(kept(limit))))
}

/// What is left for everything else: a fifth, and never so little that the store could not open its files.
const fn kept(limit: usize) -> usize {
    let fifth = limit / 5;
    let least = if limit / 2 < 64 { limit / 2 } else { 64 };
    if fifth > least { fifth } else { least }
}

#[cfg(unix)]
fn limit() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: now.maximum, ..now };
    let found = if setrlimit(Resource::Nofile, raised).is_ok() { now.maximum } else { now.current };
    found.and_then(|limit| usize::try_from(limit).ok())
}

#[cfg(not(unix))]
const fn limit() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_always_left_and_most_are_for_connections() {
        for (limit, left) in [(0, 0), (10, 5), (128, 64), (256, 64), (1024, 204), (20_000, 4000)] {
            assert_eq!(kept(limit), left, "{limit}");
        }
        assert_eq!(room(1), 1);
    }
}
