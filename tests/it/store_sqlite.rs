//! The `SQLite` store's own promises: about its file, its neighbours, and what a crash leaves.

#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use whk::model::Event;
use whk::store::{Mode, OpenOptions, Query, Retention, Store, StoreError};

use crate::store_samples::*;

fn existing(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    whk::store::open(&at(path), &OpenOptions { mode: Mode::Existing, ..OpenOptions::default() })
}

fn refusal(path: &Path) -> StoreError {
    whk::store::open(&at(path), &OpenOptions::default()).err().unwrap()
}

#[tokio::test]
async fn a_missing_store_is_made_only_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/whk.db");
    assert!(matches!(existing(&path), Err(StoreError::Missing(_))));
    assert!(!path.parent().unwrap().exists());
    open(&at(&path)).close().await.unwrap();
    assert_eq!(existing(&path).unwrap().about().address, at(&path));
    for unknown in ["", "sqlite:", "memory:x", "mysql://x"] {
        let refused = whk::store::open(unknown, &OpenOptions::default());
        assert!(matches!(refused, Err(StoreError::Address(_))), "{unknown}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/whk.db");
    let store = open(&at(&path));
    store.append(plain(event(1))).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_an_end_without_close() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("whk.db"), folder.path().join("copy.db"));
    let store = open(&at(&path));
    for number in 0..50 {
        store.append(plain(event(number))).await.unwrap();
    }
    // What a kill leaves: the file and its log, with the store still open.
    fs::copy(&path, &copy).unwrap();
    fs::copy(folder.path().join("whk.db-wal"), folder.path().join("copy.db-wal")).unwrap();
    assert_eq!(count(&*open(&at(&copy))).await, 50);
    drop(store);
    assert_eq!(count(&*open(&at(&path))).await, 50);
}

#[tokio::test]
async fn what_is_no_store_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.db");
    let store = open(&at(&good));
    for number in 0..50 {
        store.append(plain(event(number))).await.unwrap();
    }
    store.close().await.unwrap();
    let whole = fs::read(&good).unwrap();
    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let mut smashed = whole.clone();
    smashed[100..8192].fill(0x5a);
    for (name, bytes) in [
        ("text", b"These are not the bytes you are looking for.\n".repeat(9)),
        ("short", whole[..60].to_vec()),
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("smashed", smashed),
        ("foreign", fs::read(&foreign).unwrap()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let refused = refusal(&path);
        assert!(matches!(refused, StoreError::Corrupt { .. }), "{name}: {refused:?}");
        assert!(refused.to_string().contains(&*path.to_string_lossy()), "{refused}");
        assert!(fs::read(&path).unwrap() == bytes, "{name} was changed");
        assert!(matches!(existing(&path), Err(StoreError::Corrupt { .. })), "{name}");
    }
}

#[tokio::test]
async fn damage_found_later_is_called_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whk.db");
    let store = open(&at(&path));
    for number in 0..200 {
        store.append(plain(event(number))).await.unwrap();
    }
    store.close().await.unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 8192;
    bytes[8192 * (pages - 4)..].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let outcome = match existing(&path) {
        Ok(store) => store.events(Query { limit: 1000, ..all() }).await.err(),
        Err(why) => Some(why),
    };
    assert!(matches!(outcome, Some(StoreError::Corrupt { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_both_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whk.db");
    open(&at(&path)).close().await.unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = refusal(&path);
    assert!(matches!(refused, StoreError::Newer { found: 99, known: 1, .. }), "{refused:?}");
}

#[test]
fn a_place_that_cannot_be_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for (path, why) in [(folder.path().to_owned(), "it is a folder"), (file.join("whk.db"), "folder cannot be made")] {
        let refused = refusal(&path).to_string();
        assert!(refused.contains(why) && refused.contains(&*path.to_string_lossy()), "{refused}");
    }
    #[cfg(target_os = "linux")]
    {
        let refused = refusal(Path::new("/proc/whk/whk.db")).to_string();
        assert!(refused.contains("/proc/whk/whk.db") && refused.contains("has owner 0 and mode 0555"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_writers_share_a_file_and_none_sees_it_busy() {
    let folder = tempfile::tempdir().unwrap();
    let address = at(&folder.path().join("whk.db"));
    // They also race to create it.
    let opened: Vec<_> = (0..4)
        .map(|_| {
            let address = address.clone();
            std::thread::spawn(move || open(&address))
        })
        .collect();
    let stores: Vec<_> = opened.into_iter().map(|thread| thread.join().unwrap()).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..32 {
        let store = Arc::clone(&stores[task % stores.len()]);
        tasks.spawn(async move {
            for number in 0..25 {
                let number = u64::try_from(task).unwrap() * 1000 + number;
                store.append(plain(event(number))).await.unwrap();
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    assert_eq!(count(&*stores[0]).await, 32 * 25);
}

#[tokio::test]
async fn the_oldest_go_when_the_file_is_too_large_and_the_disk_gets_its_room_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whk.db");
    let store = open(&at(&path));
    let body = Bytes::from(vec![7; 1 << 20]);
    for number in 0..40 {
        let mut large = event(number);
        large.request.body = body.clone();
        store.append(plain(large)).await.unwrap();
    }
    let keep = Retention { age: None, bytes: Some(8 << 20) };
    let mut steps = 0;
    while store.prune(keep, time(0)).await.unwrap().more {
        steps += 1;
    }
    assert!(steps > 1, "one step would hold up the appends");
    let left = ids(&*store, all()).await;
    assert!((5..9).contains(&left.len()), "{}", left.len());
    assert_eq!(left.last(), Some(&event_id(39)));
    store.close().await.unwrap();
    let size = fs::metadata(&path).unwrap().len();
    assert!(size < 20 << 20, "{size}");
}

#[tokio::test]
async fn a_place_is_never_given_out_twice() {
    let folder = tempfile::tempdir().unwrap();
    let address = at(&folder.path().join("whk.db"));
    let store = open(&address);
    let place = store.append(plain(event(1))).await.unwrap();
    let keep = Retention { age: Some(Duration::ZERO), bytes: None };
    assert_eq!(store.prune(keep, time(50)).await.unwrap().events, 1);
    assert_eq!(store.newest().await.unwrap(), place);
    store.close().await.unwrap();
    assert!(open(&address).append(plain(event(2))).await.unwrap() > place);
}

#[tokio::test]
#[ignore = "mounts a small file system, which needs root on Linux"]
async fn a_full_disk_is_called_full_and_writing_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "whk"]).arg(folder.path()).status();
    assert!(mounted.unwrap().success());
    let outcome = fill(folder.path()).await;
    assert!(Command::new("umount").arg("-l").arg(folder.path()).status().unwrap().success());
    outcome.unwrap();
}

async fn fill(folder: &Path) -> Result<(), String> {
    let ballast = folder.join("ballast");
    fs::write(&ballast, vec![0; 1 << 20]).unwrap();
    let store = open(&at(&folder.join("whk.db")));
    let large = |number| {
        let mut request = event(number).request;
        request.body = vec![7; 100 << 10].into();
        plain(Event { request, ..event(number) })
    };
    let mut kept = 0;
    let why = loop {
        match store.append(large(kept)).await {
            Ok(_) => kept += 1,
            Err(why) => break why,
        }
    };
    if !matches!(why, StoreError::Full(_)) {
        return Err(format!("{why:?}"));
    }
    if count(&*store).await != usize::try_from(kept).unwrap() {
        return Err("reading stopped".to_owned());
    }
    fs::remove_file(ballast).unwrap();
    store.append(large(kept)).await.map_err(|why| format!("{why:?}"))?;
    drop(store);
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_store_that_may_only_be_read_is_read_and_not_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("state");
    let path = inner.join("whk.db");
    let store = open(&at(&path));
    store.append(plain(event(1))).await.unwrap();
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(&path, 0o400);
    if fs::OpenOptions::new().append(true).open(&path).is_ok() {
        // Modes mean nothing to root.
        return;
    }
    let reading = existing(&path).unwrap();
    assert_eq!(count(&*reading).await, 1);
    let refused = reading.append(plain(event(2))).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly(_))), "{refused:?}");
    let refused = refusal(&path).to_string();
    assert!(refused.contains("may not be written") && refused.contains("mode 0400"), "{refused}");
    drop((store, reading));

    allow(&inner, 0o500);
    let refused = refusal(&inner.join("other.db")).to_string();
    assert!(refused.contains("mode 0500"), "{refused}");
    allow(&inner, 0o700);
}

#[tokio::test]
async fn a_range_of_time_is_exact_however_the_clock_jumped() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&at(&folder.path().join("whk.db")));
    let received = |number: u64| time(i64::try_from(number * 7919 % 500).unwrap());
    // All at once, so that many share a transaction.
    let mut appends = tokio::task::JoinSet::new();
    for number in 0..300 {
        let (store, mut new) = (Arc::clone(&store), event(number));
        new.request.received_at = received(number);
        appends.spawn(async move { store.append(plain(new)).await.unwrap() });
    }
    appends.join_all().await;
    for (since, until) in (0..500).step_by(23).flat_map(|since| [(since, since + 40), (since, 500), (0, since)]) {
        let query = Query { since: Some(time(since)), until: Some(time(until)), ..all() };
        let mut found = ids(&*store, query).await;
        found.sort_unstable();
        let within = |number: &u64| (time(since)..time(until)).contains(&received(*number));
        assert_eq!(found, (0..300).filter(within).map(event_id).collect::<Vec<_>>());
    }
}
