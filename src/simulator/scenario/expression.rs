//! Conditions of a course: comparisons joined by `and`, such as `data.amount > 1000 and attempt < 2`.

use serde::Deserialize;
use serde_json::Value;

/// A condition on what a job works on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Expression(Vec<Comparison>);

#[derive(Clone, Debug, PartialEq)]
struct Comparison {
    field: String,
    operator: Operator,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    AtLeast,
    AtMost,
    Above,
    Below,
    Contains,
}

/// Longer ones first, so that `>=` is not read as `>`.
const OPERATORS: [(&str, Operator); 7] = [
    (" contains ", Operator::Contains),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    (">", Operator::Above),
    ("<", Operator::Below),
];

impl TryFrom<String> for Expression {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.split(" and ")
            .map(comparison)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn comparison(text: &str) -> Result<Comparison, String> {
    let found = OPERATORS.iter().find_map(|(sign, operator)| {
        let (field, value) = text.split_once(sign)?;
        Some((field.trim(), *operator, value.trim()))
    });
    let (field, operator, value) =
        found.ok_or_else(|| format!("`{text}` is no comparison such as `data.amount > 1000`"))?;
    let value =
        serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.trim_matches('\'')));
    Ok(Comparison {
        field: field.into(),
        operator,
        value,
    })
}

impl Expression {
    /// Returns whether all comparisons hold; `field` gives the value of a name.
    pub(crate) fn holds(&self, field: impl Fn(&str) -> Value) -> bool {
        self.0
            .iter()
            .all(|comparison| comparison.holds(&field(&comparison.field)))
    }
}

impl Comparison {
    fn holds(&self, given: &Value) -> bool {
        let order = match (number(given), number(&self.value)) {
            (Some(one), Some(other)) => one.partial_cmp(&other),
            _ => Some(text(given).cmp(&text(&self.value))),
        };
        match self.operator {
            Operator::Contains => {
                crate::simulator::behaviour::contains(&text(given), &text(&self.value))
            }
            Operator::Equal => order.is_some_and(std::cmp::Ordering::is_eq),
            Operator::Unequal => order.is_none_or(std::cmp::Ordering::is_ne),
            _ if given.is_null() => false,
            Operator::AtLeast => order.is_some_and(std::cmp::Ordering::is_ge),
            Operator::AtMost => order.is_some_and(std::cmp::Ordering::is_le),
            Operator::Above => order.is_some_and(std::cmp::Ordering::is_gt),
            Operator::Below => order.is_some_and(std::cmp::Ordering::is_lt),
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn compares_numbers_and_texts() {
        let holds = |text: &str| {
            let expression = Expression::try_from(text.to_owned()).unwrap();
            expression.holds(|field| match field {
                "data.amount" => json!("1500.50"),
                "title" => json!("Invoice 7 from Nordwind"),
                _ => Value::Null,
            })
        };
        assert!(holds("data.amount >= 1500 and title contains 'nordwind'"));
        assert!(!holds("data.amount < 1500"));
        assert!(!holds("data.other > 1"), "what is not there is not above");
        assert!(Expression::try_from("amount is large".to_owned()).is_err());
    }
}
