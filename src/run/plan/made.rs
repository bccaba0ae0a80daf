//! What changes would make: ids that stand for those which only the real system can give.
//!
//! Such an id is a UUID of a form that nobody gives out; where it is shown, it says which change it
//! comes from.

use serde_json::Value;

/// How the ids begin.
const BEGINNING: &str = "00000000-d0f0-4000-8000-";

/// The shortest id that is told apart from other words.
const SHORTEST: usize = 8;

/// How the words in the place of an id begin.
pub(super) const ID: &str = "<id of change ";

/// How the words in the place of what else is known only afterwards begin.
const LATER: &str = "<known after change ";

/// The ids that stand for those of the real system, with what they stand for.
#[derive(Debug, Default)]
pub(super) struct Made {
    known: Vec<(String, String)>,
}

impl Made {
    /// Puts an id of its own in the place of each new id in the answer to a change.
    ///
    /// What the request itself holds is known already.
    pub(super) fn stand_in(&mut self, change: usize, request: &Value, answer: &mut Value) {
        let mut asked = Vec::new();
        texts(request, &mut asked);
        self.replace(change, &asked, "", answer);
    }

    fn replace(&mut self, change: usize, asked: &[String], path: &str, value: &mut Value) {
        match value {
            Value::String(text)
                if is_id(path, text) && !asked.contains(text) && !text.starts_with(BEGINNING) =>
            {
                let id = format!("{BEGINNING}{:012x}", self.known.len() + 1);
                self.known.push((id.clone(), told(change, path)));
                *text = id;
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.replace(change, asked, &join(path, name), field);
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter_mut().enumerate() {
                    self.replace(change, asked, &join(path, &at.to_string()), item);
                }
            }
            _ => {}
        }
    }

    /// Notes the new ids in the answer of a world that is thrown away.
    pub(super) fn note(&mut self, change: usize, request: &Value, answer: &Value) {
        let mut asked = Vec::new();
        texts(request, &mut asked);
        self.find(change, &asked, "", answer);
    }

    fn find(&mut self, change: usize, asked: &[String], path: &str, value: &Value) {
        match value {
            Value::String(text)
                if is_id(path, text) && !asked.contains(text) && !self.is_known(text) =>
            {
                self.known.push((text.clone(), told(change, path)));
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.find(change, asked, &join(path, name), field);
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.find(change, asked, &join(path, &at.to_string()), item);
                }
            }
            _ => {}
        }
    }

    /// Says of a file that its content is known only afterwards, when it holds such an id.
    pub(super) fn tell_content(&self, content: &[u8], request: &mut Value) {
        let text = String::from_utf8_lossy(content);
        let mut told = Value::String(text.into_owned());
        self.tell(&mut told);
        let Some(last) = needed(&told).pop() else {
            return;
        };
        for name in ["bytes", "sha256"] {
            request[name] = format!("{LATER}{last}>").into();
        }
    }

    fn is_known(&self, id: &str) -> bool {
        self.known.iter().any(|(known, _)| known == id)
    }

    /// Returns what a value mentions of what is known only afterwards.
    pub(super) fn mentioned(value: &Value) -> bool {
        let mut found = Vec::new();
        texts(value, &mut found);
        found.iter().any(|text| text.contains(BEGINNING))
    }

    /// Says in a value, in the place of each such id, where it comes from.
    pub(super) fn tell(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for (id, told) in &self.known {
                    if text.contains(id.as_str()) {
                        *text = text.replace(id.as_str(), told);
                    }
                }
            }
            Value::Object(fields) => fields.values_mut().for_each(|field| self.tell(field)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.tell(item)),
            _ => {}
        }
    }
}

/// Returns the changes whose answers a request mentions, in order.
pub(super) fn needed(request: &Value) -> Vec<usize> {
    let mut found = Vec::new();
    texts(request, &mut found);
    let words = [ID, LATER];
    let mentioned = found.iter().flat_map(|text| {
        let parts = words.iter().flat_map(|words| text.split(words).skip(1));
        parts.filter_map(|rest| rest.split([':', '>']).next()?.parse().ok())
    });
    let mut needed: Vec<usize> = mentioned.collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// Returns whether words stand for what only the run itself can know.
pub(super) fn is_later(words: &str) -> bool {
    words.starts_with(LATER)
}

/// Returns the words in the place of an id that is known only afterwards.
pub(super) fn told(change: usize, path: &str) -> String {
    format!("{ID}{change}: {path}>")
}

/// Reads such words: the change, and the path in its answer.
pub(super) fn read(words: &str) -> Option<(usize, &str)> {
    let (change, path) = words
        .strip_prefix(ID)?
        .strip_suffix('>')?
        .split_once(": ")?;
    Some((change.parse().ok()?, path))
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// Returns whether a text of an answer is an id: by its form, or by its name and length.
fn is_id(path: &str, text: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    let is_named = name == "id" || name.ends_with("_id") || name.ends_with("Id");
    let is_uuid = text.len() == 36 && uuid::Uuid::try_parse(text).is_ok();
    is_uuid || is_named && text.len() >= SHORTEST && !text.contains(char::is_whitespace)
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        _ => {}
    }
}
