//! What a job works on, as words: for the conditions of courses and the `{…}` of texts.

use serde_json::{Map, Value};

/// The names that conditions and texts may use, and their values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    names: Map<String, Value>,
    data: Value,
}

impl Words {
    /// Returns words without a value yet; `data` is the text of the case, read as JSON if it is some.
    pub(crate) fn new(data: &str) -> Self {
        Self {
            names: Map::new(),
            data: serde_json::from_str(data).unwrap_or_else(|_| Value::from(data)),
        }
    }

    /// Gives a name its value.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.names.insert(name.into(), value.into());
        self
    }

    /// Returns the value of a name; `null` when it has none.
    pub(crate) fn get(&self, name: &str) -> Value {
        match name.split_once('.') {
            Some(("data", field)) => self.field(field),
            Some(("money", field)) => money(&self.field(field)),
            None if name == "data" => self.data.clone(),
            _ => self.names.get(name).cloned().unwrap_or_default(),
        }
    }

    fn field(&self, path: &str) -> Value {
        let pointer = format!("/{}", path.replace('.', "/"));
        self.data.pointer(&pointer).cloned().unwrap_or_default()
    }

    /// Returns a text with the values in the place of their names.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, tail)) = rest.split_once('{') {
            filled += before;
            let Some((name, after)) = tail.split_once('}') else {
                filled.push('{');
                rest = tail;
                continue;
            };
            match self.get(name) {
                Value::String(text) => filled += &text,
                Value::Null => filled += "?",
                other => filled += &other.to_string(),
            }
            rest = after;
        }
        filled + rest
    }

    /// Returns a value with all its texts filled.
    pub(crate) fn fill_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_value(item)).collect(),
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| (name.clone(), self.fill_value(value)));
                Value::Object(fields.collect())
            }
            other => other.clone(),
        }
    }
}

/// Writes an amount with thousands and two decimals: `1,250.00`.
fn money(value: &Value) -> Value {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let Some(number) = number else {
        return value.clone();
    };
    let text = format!("{:.2}", number.abs());
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if number < 0.0 { "-" } else { "" };
    Value::from(format!("{sign}{grouped}.{cents}"))
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn fills_names_fields_and_amounts() {
        let words = Words::new(r#"{"amount": 1250, "supplier": {"name": "Nordwind"}}"#)
            .with("title", "Invoice 7");
        let text =
            words.fill("{title}: {money.amount} EUR to {data.supplier.name}, {data.none} {open");
        assert_eq!(text, "Invoice 7: 1,250.00 EUR to Nordwind, ? {open");
        assert_eq!(Words::new("1").fill("{money.x}"), "?");
    }
}
