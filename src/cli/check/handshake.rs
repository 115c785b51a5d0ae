//! The provider's side of its handshake, and the answer that it wants to each delivery.

use crate::cli::asking::Round;
use crate::cli::check::fire::{Case, Sent, fire};
use crate::cli::check::judge::{self, Outcome, Verdict};
use crate::cli::check::{HOLLOW, Run, Valid};
use crate::cli::shooter::Shot;
use crate::model::{CapturedRequest, Target};

/// Plays every handshake until one is answered rightly: a receiver belongs to one of the provider's products.
pub(super) async fn shake(run: &mut Run<'_>) -> Verdict {
    let asker = run.asker;
    if asker.known.challenges().is_empty() {
        return Verdict::skip(format!("{} asks nothing before it sends", asker.known.title()));
    }
    let handshakes = match asker.handshakes() {
        Ok(handshakes) => handshakes,
        Err(why) => return receipt(run).unwrap_or_else(|| Verdict::skip(why.message)),
    };
    let mut first = None;
    for rounds in &handshakes {
        let verdict = play(run, rounds).await;
        if verdict.outcome == Outcome::Pass {
            return verdict;
        }
        first.get_or_insert(verdict);
    }
    first.unwrap_or_else(|| Verdict::skip("there is nothing to ask"))
}

async fn play(run: &mut Run<'_>, rounds: &[Round<'_>]) -> Verdict {
    let (mut wrong, mut culprit) = (Vec::new(), None);
    for round in rounds {
        let request = match run.asker.question(round) {
            Ok(request) => request,
            Err(why) => return Verdict::skip(why.message),
        };
        let case = Case { what: round.name.clone(), weak: false, sent: sent(&run.asker.target, &request) };
        let trial = fire(&run.client, run.veil, run.limit, case).await;
        let judged = match &trial.answer {
            Ok(response) => run.asker.judge(round, &request, response),
            Err(_) => Err(judge::answer(&trial)),
        };
        if let Err(why) = judged {
            culprit.get_or_insert(run.trials.len());
            wrong.push(format!("{}: {why}", round.name));
        }
        run.trials.push(trial);
    }
    if wrong.is_empty() {
        let names: Vec<_> = rounds.iter().map(|round| round.name.as_str()).collect();
        return Verdict::pass(format!("{}: answered rightly", names.join(", ")));
    }
    Verdict { culprit, ..Verdict::new(Outcome::Fail, wrong.join("; ")) }
}

/// The verdict on the answer to the first delivery, if the provider wants each of them to be answered in its own way.
fn receipt(run: &Run<'_>) -> Option<Verdict> {
    let (bench, trial) = (run.bench.ok()?, run.trials.first()?);
    let response = trial.answer.as_ref().ok()?;
    let judged = run.asker.receipt(&bench.captured(&trial.case.sent.shot), response)?;
    Some(match judged {
        _ if run.valid == Valid::Refused => Verdict::skip(HOLLOW),
        Ok(()) => Verdict::pass("a delivery is answered rightly"),
        Err(why) => {
            Verdict { culprit: Some(0), ..Verdict::new(Outcome::Fail, format!("the answer to a delivery: {why}")) }
        }
    })
}

fn sent(target: &Target, request: &CapturedRequest) -> Sent {
    let target =
        Target { path: request.path().to_owned(), query: request.query().map(str::to_owned), ..target.clone() };
    let shot = Shot { headers: request.headers.clone(), body: request.body.clone() };
    Sent { method: request.method.clone(), target, shot }
}
