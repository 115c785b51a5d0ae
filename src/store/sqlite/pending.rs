//! The jobs that wait for the writing thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

/// How a job shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// Somebody waits: with whatever has queued, at once.
    Urgent,
    /// Nobody is held up: with the next urgent one, or a little later.
    Patient,
    /// In a transaction of its own.
    Alone,
}

/// What is known of a job before it runs.
pub(super) trait Queued {
    /// About how much it writes.
    fn bytes(&self) -> usize;
    /// How it shares.
    fn haste(&self) -> Haste;
}

/// At most so many jobs in one transaction.
const GROUP_JOBS: usize = 512;
/// A transaction takes no further job when its jobs hold so many bytes.
const GROUP_BYTES: usize = 8 << 20;

/// A bounded queue whose far end sleeps through jobs that nobody waits for: waking it for each of them would cost more
/// than most of them take.
pub(super) struct Pending<J> {
    room: Semaphore,
    jobs: Mutex<Jobs<J>>,
    bell: Condvar,
}

struct Jobs<J> {
    waiting: VecDeque<J>,
    /// Whether somebody waits for one of them.
    hurry: bool,
    closed: bool,
}

impl<J: Queued> Pending<J> {
    /// Senders wait when `room` jobs are queued.
    pub(super) fn new(room: usize) -> Self {
        let jobs = Jobs { waiting: VecDeque::new(), hurry: false, closed: false };
        Self { room: Semaphore::new(room), jobs: Mutex::new(jobs), bell: Condvar::new() }
    }

    /// Puts a job behind the others; gives it back if no more are taken.
    pub(super) async fn push(&self, job: J) -> Result<(), J> {
        match self.room.acquire().await {
            Ok(place) => place.forget(),
            Err(_) => return Err(job),
        }
        let mut jobs = self.lock();
        if jobs.closed {
            return Err(job);
        }
        let (first, hurried) = (jobs.waiting.is_empty(), jobs.hurry);
        jobs.hurry |= job.haste() != Haste::Patient || jobs.waiting.len() + 1 >= GROUP_JOBS;
        let wake = first || jobs.hurry && !hurried;
        jobs.waiting.push_back(job);
        drop(jobs);
        if wake {
            self.bell.notify_one();
        }
        Ok(())
    }

    /// Takes no more jobs; those that are queued are still handed out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.room.close();
        self.bell.notify_one();
    }

    /// Takes no more jobs, and drops those that are queued.
    pub(super) fn abandon(&self) {
        self.close();
        let left = std::mem::take(&mut self.lock().waiting);
        // Not while it is locked: whoever waits for one of them wakes.
        drop(left);
    }

    /// Hands out the jobs of the next transaction, in order, once somebody waits for one of them or `patience` is over.
    /// False when there will be no more.
    pub(super) fn next(&self, patience: Duration, group: &mut Vec<J>) -> bool {
        let jobs = self.lock();
        let idle = |jobs: &mut Jobs<J>| jobs.waiting.is_empty() && !jobs.closed;
        let jobs = self.bell.wait_while(jobs, idle).unwrap_or_else(PoisonError::into_inner);
        let calm = |jobs: &mut Jobs<J>| !jobs.hurry && !jobs.closed;
        let waited = self.bell.wait_timeout_while(jobs, patience, calm);
        let (mut jobs, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let mut bytes = 0;
        while group.len() < GROUP_JOBS
            && bytes < GROUP_BYTES
            && let Some(job) = jobs.waiting.pop_front()
        {
            let haste = job.haste();
            if haste == Haste::Alone && !group.is_empty() {
                jobs.waiting.push_front(job);
                break;
            }
            bytes += job.bytes();
            group.push(job);
            if haste == Haste::Alone {
                break;
            }
        }
        jobs.hurry = jobs.waiting.iter().any(|job| job.haste() != Haste::Patient);
        let more = !group.is_empty();
        drop(jobs);
        self.room.add_permits(group.len());
        more
    }

    /// How many more can be queued before senders wait.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.room.available_permits()
    }

    fn lock(&self) -> MutexGuard<'_, Jobs<J>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const LONG: Duration = Duration::from_secs(60);

    impl Queued for (u32, Haste) {
        fn bytes(&self) -> usize {
            1
        }

        fn haste(&self) -> Haste {
            self.1
        }
    }

    fn next(queue: &Pending<(u32, Haste)>, patience: Duration) -> Vec<u32> {
        let mut group = Vec::new();
        queue.next(patience, &mut group);
        group.into_iter().map(|(number, _)| number).collect()
    }

    #[tokio::test]
    async fn patient_jobs_go_with_the_first_urgent_one_and_others_alone() {
        let queue = Pending::new(10);
        for job in [(1, Haste::Patient), (2, Haste::Urgent), (3, Haste::Patient), (4, Haste::Alone), (5, Haste::Urgent)]
        {
            queue.push(job).await.unwrap();
        }
        assert_eq!(next(&queue, LONG), [1, 2, 3]);
        assert_eq!(next(&queue, LONG), [4]);
        assert_eq!(next(&queue, LONG), [5]);
        queue.push((6, Haste::Patient)).await.unwrap();
        assert_eq!(next(&queue, Duration::ZERO), [6], "not for ever");
    }

    #[tokio::test]
    async fn an_urgent_job_wakes_a_patient_thread() {
        let queue = Arc::new(Pending::new(10));
        queue.push((1, Haste::Patient)).await.unwrap();
        let far = Arc::clone(&queue);
        let thread = std::thread::spawn(move || next(&far, LONG));
        queue.push((2, Haste::Urgent)).await.unwrap();
        // Taken as one group or as two: the patient one may have been all there was when the thread looked.
        assert_eq!(thread.join().unwrap().first(), Some(&1));
    }

    #[tokio::test]
    async fn a_full_queue_makes_senders_wait_and_a_closed_one_takes_no_more() {
        let queue = Arc::new(Pending::new(1));
        queue.push((1, Haste::Urgent)).await.unwrap();
        let behind = Arc::clone(&queue);
        let waiting = tokio::spawn(async move { behind.push((2, Haste::Urgent)).await });
        tokio::task::yield_now().await;
        assert_eq!(next(&queue, LONG), [1]);
        waiting.await.unwrap().unwrap();
        queue.close();
        assert!(queue.push((3, Haste::Urgent)).await.is_err());
        assert_eq!(next(&queue, LONG), [2], "what was queued is still done");
        assert!(!queue.next(LONG, &mut Vec::new()));
    }
}
