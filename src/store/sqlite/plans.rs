//! A check that every question about the platform's nouns walks an index, however large the store is.

use rusqlite::Connection;

use crate::store::sqlite::{access, apps, endpoints, event_types, finding, messages, queue, rows, sweep, tallies};

const WORDS: [(&str, &str); 2] = [(">", "ASC"), ("<", "DESC")];

fn statements() -> Vec<String> {
    let fixed = [
        rows::EVENT,
        rows::ATTEMPT,
        rows::ATTEMPT_OF,
        queue::FORMER,
        queue::PARKED,
        messages::BUSY,
        messages::NAMED,
        finding::OF_EVENT,
        access::REMEMBERED,
        endpoints::DISABLE,
        tallies::TALLY,
        tallies::OF_ENDPOINT,
        tallies::OF_APP,
        tallies::OF_ALL,
        tallies::HEALTH,
        sweep::OF_APP,
        sweep::WAITING,
        sweep::ENDING,
        sweep::OLDEST,
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).to_vec();
    all.extend(apps::WAYS.map(apps::finding));
    all.extend(endpoints::WAYS.map(endpoints::finding));
    for words in WORDS {
        let of_app = [true, false].map(|of_app| access::listing(of_app, words));
        all.extend([apps::listing(words), endpoints::listing(words), event_types::listing(words)]);
        all.extend(of_app);
        for yes in [true, false] {
            let direction = words.1;
            all.extend([finding::of_app(yes, direction), finding::on_its_way(yes, direction)]);
            all.extend([finding::at_endpoint(yes, direction), finding::failures(direction)]);
        }
    }
    all
}

#[test]
fn every_question_about_the_platform_walks_an_index() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(include_str!("../../../migrations/0001_store.sql")).unwrap();
    for sql in statements() {
        let mut ask = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nothing = vec![rusqlite::types::Null; ask.parameter_count()];
        let plan = ask.query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3)).unwrap();
        for step in plan.map(Result::unwrap) {
            let narrow = step.starts_with("SEARCH") || step.contains("CORRELATED SCALAR SUBQUERY");
            assert!(narrow && !step.contains("TEMP B-TREE"), "{sql}\n{step}");
        }
    }
}
