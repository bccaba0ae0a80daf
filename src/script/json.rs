//! JSON to script values and back, without a tree in between.
//!
//! Integers stay integers; one that does not fit 64 bits becomes text, so that no digit is lost.
//! Rhai keeps the keys of a map sorted, so whatever is shown takes its order from the catalog.

use std::fmt;

use rhai::{Array, Dynamic, Identifier, ImmutableString, Map};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Decodes JSON text.
pub fn decode(text: &[u8]) -> serde_json::Result<Dynamic> {
    let decode = |text: &[u8]| serde_json::from_slice::<Decoded>(text).map(|decoded| decoded.0);
    if has_long_number(text) {
        decode(&quote_long_integers(text))
    } else {
        decode(text)
    }
}

/// Digits from which on an integer may not fit 64 bits.
const LONG: usize = 20;

/// Returns whether there may be an integer beyond 64 bits; it looks at every twentieth byte only.
fn has_long_number(text: &[u8]) -> bool {
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let before = |at: usize| {
        let bytes = text[..at].iter().rev();
        bytes.take_while(|byte| byte.is_ascii_digit()).count()
    };
    (LONG - 1..text.len())
        .step_by(LONG)
        .any(|at| text[at].is_ascii_digit() && before(at) + digits(&text[at..]) >= LONG)
}

/// Makes texts of the integers beyond 64 bits: a float would lose their digits.
fn quote_long_integers(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len() + 16);
    let mut rest = text;
    while let [first, ..] = rest {
        let length = match first {
            b'"' => length_of_text(rest),
            b'-' | b'0'..=b'9' => length_of_number(rest),
            _ => 1,
        };
        let (part, after) = rest.split_at(length);
        let digits = part.strip_prefix(b"-").unwrap_or(part);
        if digits.len() >= LONG && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit) {
            quoted.push(b'"');
            quoted.extend_from_slice(part);
            quoted.push(b'"');
        } else {
            quoted.extend_from_slice(part);
        }
        rest = after;
    }
    quoted
}

fn length_of_text(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = text.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

fn length_of_number(text: &[u8]) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    text.iter().take_while(|byte| is_part(byte)).count()
}

/// Turns a JSON tree into a script value.
pub(crate) fn from_value(value: &serde_json::Value) -> Dynamic {
    Decoded::deserialize(value).map_or(Dynamic::UNIT, |decoded| decoded.0)
}

struct Decoded(Dynamic);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Self)
    }
}

struct Key(Identifier);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Keys)
    }
}

struct Keys;

impl Visitor<'_> for Keys {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(Key(key.into()))
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Dynamic, E> {
        Ok(i64::try_from(value).map_or_else(|_| value.to_string().into(), Dynamic::from))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Dynamic, E> {
        Ok(ImmutableString::from(value).into())
    }

    fn visit_string<E>(self, value: String) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::UNIT)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Dynamic, A::Error> {
        let mut array = Array::with_capacity(items.size_hint().unwrap_or(8));
        while let Some(Decoded(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Dynamic::from_array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Dynamic, A::Error> {
        let mut map = Map::new();
        while let Some(Key(key)) = fields.next_key()? {
            let Decoded(value) = fields.next_value()?;
            map.insert(key, value);
        }
        Ok(Dynamic::from_map(map))
    }
}

/// Turns a script value into JSON; names what JSON cannot hold, and where it stands.
pub(crate) fn to_value(value: &Dynamic) -> Result<serde_json::Value, String> {
    convert(value, &mut String::from("the value"), 0)
}

fn convert(value: &Dynamic, at: &mut String, depth: usize) -> Result<serde_json::Value, String> {
    use serde_json::Value;
    if depth > 128 {
        return Err(format!("{at} is nested more than 128 levels deep"));
    }
    if let Ok(number) = value.as_int() {
        return Ok(number.into());
    }
    if let Ok(number) = value.as_float() {
        let number = serde_json::Number::from_f64(number);
        return number
            .map(Value::from)
            .ok_or_else(|| format!("{at} is {value}, which JSON cannot hold"));
    }
    if let Ok(truth) = value.as_bool() {
        return Ok(truth.into());
    }
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Ok(text.as_str().into());
    }
    if let Ok(items) = value.as_array_ref() {
        let items = items.iter().enumerate();
        return items
            .map(|(index, item)| within(item, at, &format!("[{index}]"), depth))
            .collect();
    }
    if let Ok(fields) = value.as_map_ref() {
        let fields = fields.iter();
        let convert = |(key, field): (&Identifier, &Dynamic)| {
            Ok((
                key.to_string(),
                within(field, at, &format!(".{key}"), depth)?,
            ))
        };
        return fields
            .map(convert)
            .collect::<Result<_, _>>()
            .map(Value::Object);
    }
    if let Ok(letter) = value.as_char() {
        return Ok(letter.to_string().into());
    }
    Err(format!(
        "{at} is of type {}, which JSON cannot hold",
        value.type_name()
    ))
}

fn within(
    value: &Dynamic,
    at: &mut String,
    part: &str,
    depth: usize,
) -> Result<serde_json::Value, String> {
    let length = at.len();
    at.push_str(part);
    let converted = convert(value, at, depth + 1);
    at.truncate(length);
    converted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let value = decode(text.as_bytes()).unwrap();
        format!("{}:{}", value, value.type_name())
    }

    #[test]
    fn keeps_every_digit() {
        assert_eq!(shown("9223372036854775807"), "9223372036854775807:i64");
        assert_eq!(shown("18446744073709551615"), "18446744073709551615:string");
        let long = "-123456789012345678901234567890";
        assert_eq!(shown(long), format!("{long}:string"));
        let inside = format!("[\"{long}\\\"\", {long}, 12345678901234567890e2]");
        let expected = format!(r#"["{long}\"", "{long}", 1.2345678901234568e21]:array"#);
        assert_eq!(shown(&inside), expected);
        assert!(decode(b"012345678901234567890").is_err());
        assert_eq!(shown("1.0"), "1.0:f64");
        assert_eq!(shown("null"), ":()");
        assert!(decode(b"1e400").is_err());
        assert!(decode(b"{\"a\":").is_err());
    }

    #[test]
    fn goes_there_and_back() {
        let text = r#"{"a":[1,2.5,null,true,"x"],"b":{"c":{}}}"#;
        let value = to_value(&decode(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(value.to_string(), text);
    }

    #[test]
    fn names_what_json_cannot_hold() {
        let engine = rhai::Engine::new();
        let fault = |script: &str| to_value(&engine.eval::<Dynamic>(script).unwrap()).unwrap_err();
        assert_eq!(
            fault("#{a: [1, |x| x]}"),
            "the value.a[1] is of type Fn, which JSON cannot hold"
        );
        assert_eq!(
            fault("[1.0 / 0.0]"),
            "the value[0] is inf, which JSON cannot hold"
        );
    }
}
