//! The nouns: what a webhook tool talks about, with no IO, no clock, no chance and no wire format.

pub mod app;
pub mod attempt;
pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod headers;
pub mod id;
pub mod request;
pub mod secret;
pub mod target;
pub mod time;

pub use app::{App, AppName, AppNameError};
pub use attempt::{Attempt, Failure, FailureKind, Response};
pub use delivery::{Delivery, DeliveryState};
pub use endpoint::Endpoint;
pub use event::{Event, Verdict};
pub use headers::{HeaderError, Headers};
pub use id::{AppId, AttemptId, DeliveryId, EndpointId, EventId, IdError};
pub use request::CapturedRequest;
pub use secret::Secret;
pub use target::{Target, TargetError};
pub use time::Timestamp;
