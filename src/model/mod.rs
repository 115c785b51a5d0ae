//! The nouns: what a webhook tool talks about, with no IO, no clock, no chance and no wire format.

pub mod app;
pub mod attempt;
pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod event_type;
pub mod headers;
pub mod id;
pub mod request;
pub mod secret;
pub mod tally;
pub mod target;
pub mod time;
pub mod token;

pub use app::{App, AppName, AppNameError, Metadata};
pub use attempt::{Attempt, Failure, FailureKind, Response};
pub use delivery::{Delivery, DeliveryState};
pub use endpoint::{DatedSecret, Disabled, DisabledBy, Endpoint, EndpointKind, Health, TooManySecrets};
pub use event::{Event, Marks, Verdict};
pub use event_type::EventType;
pub use headers::{HeaderError, Headers};
pub use id::{AppId, AttemptId, DeliveryId, EndpointId, EventId, IdError, TaskId, TokenId};
pub use request::CapturedRequest;
pub use secret::Secret;
pub use tally::{Spread, Tally};
pub use target::{Target, TargetError};
pub use time::Timestamp;
pub use token::{Rights, Token};
