//! What a file in `platforms/` says about a platform's admin API.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::sign::json::Pointer;

/// A platform's admin API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Its name for people.
    pub title: String,
    /// Where it is documented.
    #[serde(default)]
    pub docs: String,
    /// Where it is, unless somebody says otherwise; with `{param}`.
    pub base_url: Option<String>,
    /// Where it is for keys that end so.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// Whether it is the relay that runs here, unless somebody says otherwise.
    #[serde(default)]
    pub local: bool,
    /// The scheme that it signs by.
    pub scheme: Option<String>,
    /// Whether whk makes the signing secret, and not the platform.
    #[serde(default)]
    pub makes_secret: bool,
    /// What to know about the secret where the platform never tells one.
    pub secret_note: Option<String>,
    /// Variables of the environment where its key is usually found.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Where a person gets a key.
    #[serde(default)]
    pub key_hint: String,
    /// How bodies are written.
    #[serde(default)]
    pub format: Format,
    /// Header lines of every request; with `{key}` and `{param}`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What else has to be known, by name.
    #[serde(default)]
    pub param: BTreeMap<String, Param>,
    /// What `{at}` stands for: the first whose parameter is given.
    #[serde(default)]
    pub at: Vec<Variant>,
    /// Where the fields of an endpoint stand.
    pub fields: BTreeMap<String, Field>,
    /// How event types are written.
    #[serde(default)]
    pub events: Events,
    /// Asks for all of them.
    pub list: List,
    /// Asks for one.
    pub show: Option<Step>,
    /// Makes what must be there before the first endpoint.
    pub prepare: Option<Step>,
    /// Makes one.
    pub create: Step,
    /// Changes one: each step is for the fields it names.
    #[serde(default)]
    pub update: Vec<Step>,
    /// Removes one.
    pub delete: Option<Step>,
    /// Makes a new secret.
    pub rotate: Option<Step>,
    /// Asks for the secret.
    pub secret: Option<Step>,
    /// Sends a test event.
    pub test: Option<Step>,
    /// Asks what became of a test event.
    pub attempts: Option<List>,
    /// Asks which event types there are.
    pub types: Option<List>,
    /// Asks for a portal link.
    pub portal: Option<Step>,
    /// Where an answer says what is wrong.
    #[serde(default)]
    pub error: Error,
}

/// How bodies are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// `a[b]=c`.
    Form,
}

/// Something that has to be known beside the key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// What it is.
    #[serde(default)]
    pub help: String,
    /// What it is unless somebody says otherwise.
    pub default: Option<String>,
    /// Whether it may be left out.
    #[serde(default)]
    pub optional: bool,
    /// Whether a slash in it stays one in a path.
    #[serde(default)]
    pub slashes: bool,
}

/// A place in the API that depends on which parameter is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The parameter.
    pub param: String,
    /// The path.
    pub path: String,
}

/// Where a field stands in what is read and written.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "FieldForm")]
pub struct Field {
    /// In an answer.
    pub read: Option<Pointer>,
    /// In a body; none if it cannot be written.
    pub write: Option<Pointer>,
    /// What stands for yes and no in an answer.
    pub read_as: Option<[Value; 2]>,
    /// What stands for yes and no in a body.
    pub write_as: Option<[Value; 2]>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FieldForm {
    Place(Pointer),
    Table(Box<FieldTable>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    read: Option<Pointer>,
    write: Option<Pointer>,
    yes_no: Option<[Value; 2]>,
    write_yes_no: Option<[Value; 2]>,
}

impl From<FieldForm> for Field {
    fn from(form: FieldForm) -> Self {
        match form {
            FieldForm::Place(place) => {
                Self { read: Some(place.clone()), write: Some(place), read_as: None, write_as: None }
            }
            FieldForm::Table(table) => {
                let FieldTable { read, write, yes_no, write_yes_no } = *table;
                Self { read, write, write_as: write_yes_no.or_else(|| yes_no.clone()), read_as: yes_no }
            }
        }
    }
}

/// How event types are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// As a list, as switches, or one for each endpoint.
    #[serde(default)]
    pub form: EventForm,
    /// The entry that stands for every type.
    pub all: Option<String>,
    /// Whether no list at all stands for every type.
    #[serde(default)]
    pub absent_is_all: bool,
    /// Whether an endpoint must have some.
    #[serde(default)]
    pub needed: bool,
    /// The switch of each type.
    #[serde(default)]
    pub switches: BTreeMap<String, Pointer>,
    /// Whether `orders/create` is written `ORDERS_CREATE`.
    #[serde(default)]
    pub upper_snake: bool,
}

/// What holds event types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventForm {
    /// A list of texts.
    #[default]
    List,
    /// A boolean each.
    Switches,
    /// One type an endpoint: those of one URL are one endpoint to whk.
    Single,
}

/// A request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Method and path, as `POST /hooks/{id}`.
    pub request: String,
    /// The fields that it writes; all that can be written if it names none.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Whether it writes every field, not only what differs.
    #[serde(default)]
    pub whole: bool,
    /// Fields whose change makes the platform forget the secret, so that it is sent again.
    #[serde(default)]
    pub forgets_secret: Vec<String>,
    /// What it writes always.
    #[serde(default)]
    pub constant: BTreeMap<String, Value>,
    /// Fields that stand elsewhere than usual.
    #[serde(default)]
    pub write: BTreeMap<String, Pointer>,
    /// Where in the answer the endpoint is, or the value that is asked for.
    pub answer: Option<Pointer>,
}

/// A request for a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Method and path of the first page.
    pub request: String,
    /// What the body has always.
    #[serde(default)]
    pub constant: BTreeMap<String, Value>,
    /// Where the list is in the answer; the answer itself if this is missing.
    pub items: Option<Pointer>,
    /// Where the name is in an item, for lists of names.
    pub name: Option<Pointer>,
    /// What an item must have at some places to count; with `{param}`.
    #[serde(default)]
    pub only: BTreeMap<String, String>,
    /// How it goes on.
    pub next: Option<Next>,
    /// Whether 404 means that there is nothing yet.
    #[serde(default)]
    pub missing_is_empty: bool,
}

/// How a list goes on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// Where the answer has the cursor.
    pub cursor: Option<Pointer>,
    /// Where the last item has it.
    pub last: Option<Pointer>,
    /// The header line that has it.
    pub header: Option<String>,
    /// Whether the line `Link` has the next address.
    #[serde(default)]
    pub link: bool,
    /// Where the answer says that there is more.
    pub more: Option<Pointer>,
    /// Where the answer says that there is no more.
    pub done: Option<Pointer>,
    /// The parameter that takes the cursor.
    pub query: Option<String>,
    /// Where the body takes it.
    pub body: Option<Pointer>,
}

/// Where an answer says what is wrong.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Error {
    /// In a refusal.
    #[serde(default)]
    pub message: Vec<Pointer>,
    /// In an answer that looks like a success.
    #[serde(default)]
    pub within_success: Vec<Pointer>,
    /// What to do about a status, by its number.
    #[serde(default)]
    pub hints: BTreeMap<String, String>,
}
