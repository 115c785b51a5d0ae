//! What is decided on the way of a delivery: what an answer means, when to try again, for whom an event is.

pub mod filter;
pub mod limit;
pub mod outcome;
pub mod retry;
pub mod route;
pub mod span;

pub use filter::{Condition, ConditionError, Filter};
pub use limit::{Pace, Rate, RateError};
pub use outcome::Meaning;
pub use retry::{Next, Schedule, ScheduleError, Speed, SpeedError};
pub use route::{Glob, GlobError, Route, RouteError};
pub use span::SpanError;
