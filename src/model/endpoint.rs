//! An endpoint: where an app's events go.

use crate::model::app::AppName;
use crate::model::id::EndpointId;
use crate::model::target::Target;
use crate::model::time::Timestamp;

/// Where an app's events go. A `--forward` of a listener is one too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its identifier, `ep_...`.
    pub id: EndpointId,
    /// The app whose events it gets.
    pub app: AppName,
    /// A name its owner chose, unique in the app. A listener's is made of its name and its target.
    pub uid: String,
    /// Where the events go.
    pub target: Target,
    /// When it was made.
    pub created_at: Timestamp,
}
