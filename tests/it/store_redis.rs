//! What only a server that others use too can get wrong.

use std::sync::Arc;
use std::time::Duration;

use whk::store::{Claim, Claimant, Cursor, Elsewhere, NewEvent, Part, Retention, Share, Shared, Store, StoreError};

use crate::store_samples::*;
use crate::support::PATIENCE;
use crate::support::redis::{Redis, shared};

#[tokio::test]
async fn scripts_that_were_flushed_come_back_by_themselves() {
    let redis = Redis::start(&[]);
    let store = open(&redis.store());
    store.append(plain(event(1))).await.unwrap();
    redis.say::<String>(&["SCRIPT", "FLUSH"]).unwrap();
    store.append(plain(event(2))).await.unwrap();
    redis.say::<String>(&["FLUSHALL"]).unwrap();
    assert_eq!(ids(&*store, all()).await, []);
    store.append(plain(event(3))).await.unwrap();
    assert_eq!(ids(&*store, all()).await, [event_id(3)]);
}

#[tokio::test]
async fn a_full_server_says_so_and_keeps_what_it_has() {
    let redis = Redis::start(&[]);
    let store = open(&redis.store());
    store.append(plain(event(1))).await.unwrap();
    redis.say::<String>(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    let refused = store.append(plain(event(2))).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    redis.say::<String>(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    assert_eq!(ids(&*store, all()).await, [event_id(1)], "nothing of it was kept");
    store.append(plain(event(2))).await.unwrap();
    assert_eq!(ids(&*store, all()).await, [event_id(1), event_id(2)]);
}

#[tokio::test]
async fn a_node_hears_what_another_keeps_and_not_what_it_keeps_itself() {
    let address = shared().store();
    let (here, there) = (open(&address), open(&address));
    let mut news = here.elsewhere().unwrap();
    let heard = async || tokio::time::timeout(PATIENCE, news.recv()).await.unwrap().unwrap();
    let mut heard = heard;
    assert_eq!(heard().await, Elsewhere::Perhaps, "from here on");
    here.append(plain(event(1))).await.unwrap();
    there.append(plain(event(2))).await.unwrap();
    assert_eq!(heard().await, Elsewhere::Kept(app(0)));
    there.append(NewEvent::new(Arc::new(event(3)), vec![waiting(1, 3, 1, 0)])).await.unwrap();
    let told = [heard().await, heard().await];
    assert!(told.contains(&Elsewhere::Waiting) && told.contains(&Elsewhere::Kept(app(0))), "{told:?}");
}

#[tokio::test]
async fn what_was_pruned_leaves_no_key_behind() {
    let redis = Redis::start(&[]);
    let store = open(&redis.store());
    for number in 0..120_u64 {
        let deliveries = vec![waiting(number, number, number % 3, 0)];
        store.append(NewEvent::new(Arc::new(event(number)), deliveries)).await.unwrap();
    }
    let before: Vec<String> = redis.say(&["KEYS", "*"]).unwrap();
    assert!(before.len() > 240, "{}", before.len());
    let pruned = store.prune(Retention { age: None, bytes: Some(0) }, time(0)).await.unwrap();
    assert_eq!((pruned.events, pruned.more), (120, false));
    let mut left: Vec<String> = redis.say(&["KEYS", "*"]).unwrap();
    let name = |key: &String| key.split_once(':').unwrap().1.to_owned();
    left.sort();
    assert_eq!(left.iter().map(name).collect::<Vec<_>>(), ["bytes", "clock", "layout", "notes", "seq", "time"]);
    let two: Vec<String> = redis.say(&["ZRANGE", left.last().unwrap(), "0", "-1"]).unwrap();
    assert!(two.len() <= 1, "{two:?}");
}

#[tokio::test]
async fn of_two_nodes_that_take_up_the_same_only_one_gets_it() {
    let address = shared().store();
    let (here, there) = (open(&address), open(&address));
    for number in 0..50_u64 {
        let deliveries = vec![waiting(number, number, 1, 0)];
        here.append(NewEvent::new(Arc::new(event(number)), deliveries)).await.unwrap();
    }
    let wanted = || whk::store::Wanted { endpoints: vec![endpoint_id(1)], limit: 7, now: time(1), until: time(9) };
    let mut taken = Vec::new();
    for _ in 0..4 {
        let (some, others) = tokio::join!(here.lease(wanted()), there.lease(wanted()));
        taken.extend(some.unwrap().into_iter().chain(others.unwrap()).map(|leased| leased.held.delivery));
    }
    let count = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((count, taken.len()), (50, 50));
    let keep = Retention { age: Some(Duration::ZERO), bytes: None };
    let (one, other) = tokio::join!(here.prune(keep, time(1000)), there.prune(keep, time(1000)));
    assert_eq!(one.unwrap().events + other.unwrap().events, 50, "each event is removed once");
}

#[tokio::test]
async fn of_two_who_take_up_one_delivery_when_it_is_due_one_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    for address in [shared().store(), at(&folder.path().join("whk.db"))] {
        let (here, there) = (open(&address), open(&address));
        for number in 0..20_u64 {
            let deliveries = vec![waiting(number, number, 1, 0)];
            here.append(NewEvent::new(Arc::new(event(number)), deliveries)).await.unwrap();
            let take = |store: Arc<dyn Store>, now: i64| async move {
                store.take_up(delivery_id(number), time(now), time(now + 100)).await.unwrap()
            };
            let (one, other) = tokio::join!(take(Arc::clone(&here), 1), take(Arc::clone(&there), 1));
            assert_eq!(usize::from(one.is_some()) + usize::from(other.is_some()), 1, "{address}");
            assert_eq!(take(Arc::clone(&here), 100).await, None, "{address}: it is held");
            let (held, _) = take(Arc::clone(&there), 101).await.expect("the lease has ended");
            assert_eq!(held.fence, 2, "{address}");
        }
    }
}

#[tokio::test]
async fn a_name_has_one_session_at_one_node_and_moves_with_it() {
    let address = shared().store();
    let (here, there) = (open(&address), open(&address));
    let who = |session: &str| Claimant { session: session.to_owned(), words: format!("{session}'s words") };
    let (one, other, time) = (who("one"), who("other"), Duration::from_mins(1));
    assert_eq!(here.claim("n", &one, Claim::Take(time)).await.unwrap(), None);
    assert_eq!(there.claim("n", &other, Claim::Take(time)).await.unwrap(), Some(one.words.clone()));
    assert_eq!(here.claim("n", &one, Claim::Keep(time)).await.unwrap(), None);
    // The same session comes back by another node: the first one has it no more, and cannot give it up either.
    assert_eq!(there.claim("n", &one, Claim::Take(time)).await.unwrap(), None);
    assert!(here.claim("n", &one, Claim::Keep(time)).await.unwrap().is_some());
    here.claim("n", &one, Claim::Leave).await.unwrap();
    assert_eq!(here.claim("n", &other, Claim::Take(time)).await.unwrap(), Some(one.words.clone()));
    there.claim("n", &one, Claim::Leave).await.unwrap();
    assert_eq!(here.claim("n", &other, Claim::Take(time)).await.unwrap(), None);
    // What was lost with all data is there again with the next word of who has it.
    shared().tell(&["DEL", &format!("{{{}}}:claim:n", address.rsplit_once('=').unwrap().1)]);
    assert_eq!(here.claim("n", &other, Claim::Keep(time)).await.unwrap(), None);
    assert_eq!(there.claim("n", &one, Claim::Take(time)).await.unwrap(), Some(other.words.clone()));
}

#[tokio::test]
async fn what_a_group_takes_at_one_node_no_other_takes_until_that_one_is_gone() {
    let address = shared().store();
    let (here, there) = (open(&address), open(&address));
    let part = |wants: &str| Part { group: "team".to_owned(), line: 1, wants: wants.to_owned() };
    let share = async |store: &Arc<dyn Store>, what: Share| store.share(&part("all"), what).await.unwrap().unwrap();
    let places = |numbers: &[u64]| numbers.iter().copied().map(Cursor).collect::<Vec<_>>();
    let has = |at, numbers: &[u64]| Shared::Has(Cursor(at), places(numbers));
    let take = |after, upto, of: &[u64]| Share::Take { after: Cursor(after), upto: Cursor(upto), places: places(of) };
    let enter = |after| Share::Enter { after: Cursor(after), lasting: PATIENCE };
    let stay = |lasting, room| Share::Stay { lasting, room };

    assert_eq!(share(&here, enter(4)).await, has(4, &[]), "the first says where to begin");
    assert_eq!(share(&there, enter(9)).await, Shared::Behind(Cursor(4)), "the others do not");
    let other = there.share(&part("some"), enter(4)).await.unwrap();
    assert_eq!(other, Some(Shared::Differs));

    assert_eq!(share(&here, take(4, 9, &[5, 8])).await, has(9, &[5, 8]));
    assert_eq!(share(&here, take(4, 9, &[5, 8])).await, Shared::Behind(Cursor(9)), "asked again, since no answer came");
    assert_eq!(share(&here, stay(PATIENCE, 0)).await, has(9, &[5, 8]), "and told then");
    assert_eq!(share(&there, take(4, 9, &[5, 8])).await, Shared::Behind(Cursor(9)));
    assert_eq!(share(&there, take(9, 12, &[12])).await, has(12, &[12]));

    // The place is before the oldest that did not come to an end, whoever has it.
    share(&there, Share::Done(places(&[5, 12]))).await;
    share(&there, stay(PATIENCE, 10)).await;
    assert_eq!(there.position("team").await.unwrap(), Some(Cursor(4)), "nobody ends what another has");
    share(&here, Share::Done(places(&[5]))).await;
    assert_eq!(share(&there, stay(PATIENCE, 10)).await, has(12, &[]), "what the other has it keeps");
    assert_eq!(there.position("team").await.unwrap(), Some(Cursor(7)));

    // One is not heard of any more: what it had others get, as far as they have room.
    share(&here, take(12, 15, &[13, 14])).await;
    share(&here, stay(Duration::from_millis(1), 0)).await;
    let mut left = places(&[]);
    let found = async {
        while left.len() < 2 {
            let Shared::Has(_, now) = share(&there, stay(PATIENCE, 2 - left.len())).await else { panic!("lost") };
            left = now;
        }
    };
    tokio::time::timeout(PATIENCE, found).await.unwrap();
    assert_eq!(left, places(&[8, 13]), "the oldest come first");
    assert_eq!(share(&there, stay(PATIENCE, 9)).await, has(15, &[8, 13, 14]));
    share(&here, Share::Done(places(&[8]))).await;
    share(&there, stay(PATIENCE, 0)).await;
    assert_eq!(there.position("team").await.unwrap(), Some(Cursor(7)), "it has no say any more");
    share(&there, Share::Done(places(&[8, 13, 14]))).await;
    share(&there, Share::Leave).await;
    assert_eq!(there.position("team").await.unwrap(), Some(Cursor(15)));
    assert_eq!(share(&there, stay(PATIENCE, 0)).await, Shared::Lost, "nobody is there");
}
