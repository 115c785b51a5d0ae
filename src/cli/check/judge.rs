//! What answers mean: a verdict on the requests of a check, or on all that was seen.

use std::time::Duration;

use crate::cli::check::fire::{MAX_HOPS, Trial};
use crate::cli::render::listen;
use crate::model::{FailureKind, Secret, Target};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Pass,
    /// Well enough, but there is something to mend.
    Warn,
    /// Not as it must.
    Fail,
    /// It was not done.
    Skip,
}

impl Outcome {
    /// The word that scripts rely on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// What a check says.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) detail: String,
    /// The request that shows it.
    pub(super) culprit: Option<usize>,
}

/// All that was seen.
pub(super) struct Scene<'a> {
    pub(super) target: &'a Target,
    pub(super) secrets: &'a [Secret],
    pub(super) trials: &'a [Trial],
}

/// Above this an answer is slow, above that it is too late.
const SLOW: Duration = Duration::from_secs(5);
const LATE: Duration = Duration::from_secs(10);
/// As many redirects are followed when whk delivers.
const HOPS: usize = 2;

impl Verdict {
    pub(super) fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into(), culprit: None }
    }

    pub(super) fn pass(detail: impl Into<String>) -> Self {
        Self::new(Outcome::Pass, detail)
    }

    pub(super) fn skip(why: impl Into<String>) -> Self {
        Self::new(Outcome::Skip, why)
    }
}

/// Every request must be answered with 2xx.
pub(super) fn accepted(trials: &[Trial]) -> Verdict {
    weighed(trials, |trial| match trial.status() {
        Some(200..=299) => None,
        _ => Some((Outcome::Fail, answer(trial))),
    })
}

/// Every request must be answered with 4xx.
pub(super) fn refused(trials: &[Trial]) -> Verdict {
    weighed(trials, |trial| {
        let said = match trial.status() {
            Some(400..=499) => return None,
            Some(status @ 200..=299) if trial.case.weak => {
                return Some((Outcome::Warn, format!("accepted with {status}: the provider's scheme sets no limit")));
            }
            Some(status @ 200..=299) => format!("accepted with {status}"),
            Some(500..) => format!("{}: it fell over instead of refusing", answer(trial)),
            _ => format!("{}: neither accepted nor refused with 4xx", answer(trial)),
        };
        Some((Outcome::Fail, said))
    })
}

/// No request may be answered with an error of the server; a refusal is worth a warning.
pub(super) fn survived(trials: &[Trial]) -> Verdict {
    weighed(trials, |trial| match trial.status() {
        Some(200..=299) => None,
        Some(400..=499) => Some((Outcome::Warn, answer(trial))),
        _ => Some((Outcome::Fail, answer(trial))),
    })
}

/// The second request must be answered like the first, which must be accepted.
pub(super) fn alike(trials: &[Trial]) -> Verdict {
    let [first, second] = trials else { return accepted(trials) };
    match (first.succeeded(), second.succeeded()) {
        (true, true) => Verdict::pass("both accepted"),
        (true, false) => {
            let detail = format!("the first was accepted, the second {}: not idempotent", answer(second));
            Verdict { culprit: Some(1), ..Verdict::new(Outcome::Fail, detail) }
        }
        (false, _) => accepted(trials),
    }
}

/// How long the slowest answer took.
pub(super) fn in_time(scene: &Scene) -> Verdict {
    let slowest = scene.trials.iter().enumerate().max_by_key(|(_, trial)| trial.took);
    let Some((index, slowest)) = slowest else { return Verdict::skip("no request was sent") };
    let took = listen::took(slowest.took);
    let gave_up = slowest.answer.as_ref().is_err_and(|why| why.kind == FailureKind::Timeout);
    let (outcome, detail) = match (gave_up, slowest.took) {
        (true, _) => (Outcome::Fail, format!("no answer within {took}")),
        (_, time) if time > LATE => (Outcome::Fail, format!("the slowest answer took {took}, more than 10 seconds")),
        (_, time) if time > SLOW => (Outcome::Warn, format!("the slowest answer took {took}, more than 5 seconds")),
        _ => (Outcome::Pass, format!("the slowest answer took {took}")),
    };
    Verdict { culprit: Some(index), ..Verdict::new(outcome, detail) }
}

/// How often a request was sent on.
pub(super) fn redirects(scene: &Scene) -> Verdict {
    let longest = scene.trials.iter().enumerate().max_by_key(|(_, trial)| trial.hops);
    let Some((index, longest)) = longest else { return Verdict::skip("no request was sent") };
    let (outcome, detail) = match longest.hops {
        0 => return Verdict::pass("none"),
        1 => (Outcome::Warn, "there is a redirect: not every provider follows one".to_owned()),
        hops @ ..=HOPS => (Outcome::Warn, format!("a chain of {hops} redirects: not every provider follows it")),
        hops if hops > MAX_HOPS => (Outcome::Fail, format!("a chain of more than {MAX_HOPS} redirects")),
        hops => (Outcome::Fail, format!("a chain of {hops} redirects, more than {HOPS} hops")),
    };
    Verdict { culprit: Some(index), ..Verdict::new(outcome, detail) }
}

/// The worst of what is said of each request, with the first that shows it; nothing said is well.
fn weighed(trials: &[Trial], look: impl Fn(&Trial) -> Option<(Outcome, String)>) -> Verdict {
    let said: Vec<_> = trials
        .iter()
        .enumerate()
        .filter_map(|(index, trial)| look(trial).map(|(outcome, said)| (index, outcome, said)))
        .collect();
    let worst = said.iter().find(|(_, outcome, _)| *outcome == Outcome::Fail).or(said.first());
    let Some((culprit, outcome, _)) = worst else {
        let mut answers: Vec<_> = trials.iter().filter_map(Trial::status).collect();
        answers.dedup();
        let answers: Vec<_> = answers.iter().map(u16::to_string).collect();
        return Verdict::pass(format!("answered {}", answers.join(", ")));
    };
    let mut told: Vec<(&str, Vec<&str>)> = Vec::new();
    for (index, _, said) in &said {
        let what = trials.get(*index).map_or("", |trial| trial.case.what.as_str());
        match told.iter_mut().find(|(known, _)| known == said) {
            Some((_, whats)) => whats.push(what),
            None => told.push((said, vec![what])),
        }
    }
    let one = |(said, whats): &(&str, Vec<&str>)| match whats.join(", ") {
        whats if whats.is_empty() => (*said).to_owned(),
        whats => format!("{whats}: {said}"),
    };
    let detail = told.iter().map(one).collect::<Vec<_>>().join("; ");
    Verdict { culprit: Some(*culprit), ..Verdict::new(*outcome, detail) }
}

/// What came back, with the first line of what was said.
pub(super) fn answer(trial: &Trial) -> String {
    match &trial.answer {
        Err(why) => format!("got no answer ({why})"),
        Ok(response) => match listen::answer_lines(response).first() {
            Some(line) => format!("was answered {} ({line})", response.status),
            None => format!("was answered {}", response.status),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::fire::{Case, Sent};
    use crate::cli::shooter::Shot;
    use crate::model::{Failure, FailureKind, Headers, Response};
    use bytes::Bytes;

    fn trial(status: u16) -> Trial {
        let response =
            Response { status, headers: Headers::new(), body: Bytes::from_static(b"no\x1b"), truncated: false };
        let answer = if status == 0 {
            Err(Failure { kind: FailureKind::Timeout, message: "late".to_owned() })
        } else {
            Ok(response)
        };
        let shot = Shot { headers: Headers::new(), body: Bytes::new() };
        let sent = Sent { method: "POST".to_owned(), target: "3000".parse().unwrap(), shot };
        let case = Case { what: format!("no. {status}"), weak: false, sent };
        Trial { case, answer, hops: 0, took: Duration::ZERO }
    }

    fn weak(status: u16) -> Trial {
        let trial = trial(status);
        Trial { case: Case { weak: true, ..trial.case }, ..trial }
    }

    fn outcome(judge: fn(&[Trial]) -> Verdict, statuses: &[u16]) -> Outcome {
        judge(&statuses.iter().map(|status| trial(*status)).collect::<Vec<_>>()).outcome
    }

    #[test]
    fn only_4xx_is_a_refusal_and_only_2xx_an_acceptance() {
        for status in [0, 204, 302, 400, 499, 500, 599] {
            assert_eq!(outcome(accepted, &[status]) == Outcome::Pass, status == 204, "{status}");
            assert_eq!(outcome(refused, &[status]) == Outcome::Pass, (400..500).contains(&status), "{status}");
            let survives = !matches!(outcome(survived, &[status]), Outcome::Fail);
            assert_eq!(survives, matches!(status, 204 | 400 | 499), "{status}");
        }
        assert_eq!(refused(&[weak(200)]).outcome, Outcome::Warn);
        assert_eq!(refused(&[weak(500)]).outcome, Outcome::Fail);
    }

    #[test]
    fn the_first_failure_is_shown_and_all_are_told() {
        let verdict = refused(&[trial(401), weak(200), trial(200), trial(500)]);
        assert_eq!((verdict.outcome, verdict.culprit), (Outcome::Fail, Some(2)));
        for told in ["no. 200: accepted with 200: the", "no. 500: was answered 500 (no\\x1b): it fell over"] {
            assert!(verdict.detail.contains(told), "{}", verdict.detail);
        }
    }

    #[test]
    fn twice_is_alike_only_if_both_are_accepted() {
        assert_eq!(outcome(alike, &[200, 202]), Outcome::Pass);
        for bad in [[200, 409], [200, 500], [409, 200], [0, 200], [401, 401]] {
            assert_eq!(outcome(alike, &bad), Outcome::Fail, "{bad:?}");
        }
    }

    #[test]
    fn time_and_hops_have_two_bounds() {
        let target: Target = "3000".parse().unwrap();
        let look = |judge: fn(&Scene) -> Verdict, seconds: u64, hops: usize, status: u16| {
            let late = Trial { took: Duration::from_secs(seconds), hops, ..trial(status) };
            judge(&Scene { target: &target, secrets: &[], trials: &[trial(200), late] })
        };
        for (seconds, status, expected) in
            [(5, 200, Outcome::Pass), (6, 200, Outcome::Warn), (11, 200, Outcome::Fail), (8, 0, Outcome::Fail)]
        {
            let verdict = look(in_time, seconds, 0, status);
            assert_eq!((verdict.outcome, verdict.culprit), (expected, Some(1)), "{seconds}");
        }
        for (hops, expected) in [(0, Outcome::Pass), (1, Outcome::Warn), (2, Outcome::Warn), (3, Outcome::Fail)] {
            assert_eq!(look(redirects, 0, hops, 200).outcome, expected, "{hops}");
        }
    }
}
