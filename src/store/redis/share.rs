//! A node's part in a group of listeners, as the script reads it.

use std::time::Duration;

use crate::store::redis::fault::damaged;
use crate::store::redis::{Redis, scripts};
use crate::store::{Cursor, Part, Share, Shared, StoreError};

impl Redis {
    /// Does something about this node's part in a group.
    pub(super) async fn take_part(&self, part: &Part, what: &Share) -> Result<Shared, StoreError> {
        let written = |places: &[Cursor]| places.iter().map(|place| place.0.to_string()).collect::<Vec<_>>();
        let (how, lasting, rest) = match what {
            Share::Enter { after, lasting } => ("enter", *lasting, written(&[*after])),
            Share::Take { after, upto, places } => {
                ("take", Duration::ZERO, [written(&[*after, *upto]), written(places)].concat())
            }
            Share::Done(places) => ("done", Duration::ZERO, written(places)),
            Share::Stay { lasting, room } => ("stay", *lasting, vec![room.to_string()]),
            Share::Leave => ("leave", Duration::ZERO, Vec::new()),
        };
        let (by, millis) = (format!("{}:{}", self.node, part.line), lasting.as_millis().to_string());
        let mut args: Vec<_> = [part.group.as_str(), &by, &part.wants, &millis, how].map(str::as_bytes).to_vec();
        args.extend(rest.iter().map(String::as_bytes));
        let answer: Vec<String> = self.link.run(&scripts::SHARE, &args).await?;
        let mut places = answer.iter().skip(1).filter_map(|text| text.parse().ok().map(Cursor));
        match (answer.first().map(String::as_str), places.next()) {
            (Some("has"), Some(at)) => Ok(Shared::Has(at, places.collect())),
            (Some("behind"), Some(at)) => Ok(Shared::Behind(at)),
            (Some("differs"), _) => Ok(Shared::Differs),
            (Some("lost"), _) => Ok(Shared::Lost),
            _ => Err(self.link.damage(damaged(format!("a group's answer: {answer:?}")))),
        }
    }
}
