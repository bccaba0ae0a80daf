//! Walks once over a JSON body: proves that it is JSON, and sees its kind and one of its fields.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a JSON value is, from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Null,
    List,
    Object,
    Scalar,
}

/// What a whole body is, and the field that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) whole: Seen,
    pub(super) field: Option<Seen>,
}

/// Walks over a whole body, proving it to be JSON, and looks at one field of its top level.
pub(super) fn outline(body: &[u8], key: Option<&str>) -> Result<Outline, serde_json::Error> {
    // Skipped texts are not checked by the parser.
    let text = std::str::from_utf8(body).map_err(Error::custom)?;
    let mut parser = serde_json::Deserializer::from_str(text);
    let outline = Look(key).deserialize(&mut parser)?;
    parser.end()?;
    Ok(outline)
}

struct Look<'a>(Option<&'a str>);

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = Outline;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Outline, D::Error> {
        parser.deserialize_any(self)
    }
}

impl From<Seen> for Outline {
    fn from(whole: Seen) -> Self {
        Self { whole, field: None }
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = Outline;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Outline, E> {
        Ok(Seen::Null.into())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_str<E>(self, _: &str) -> Result<Outline, E> {
        Ok(Seen::Scalar.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Outline, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Seen::List.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Outline, A::Error> {
        let mut field = None;
        while let Some(is_wanted) = fields.next_key_seed(Is(self.0))? {
            if is_wanted {
                field = Some(fields.next_value_seed(Look(None))?.whole);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Outline {
            whole: Seen::Object,
            field,
        })
    }
}

/// Compares a key without keeping it.
struct Is<'a>(Option<&'a str>);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<bool, D::Error> {
        parser.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(self.0 == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(body: &str) -> Option<Outline> {
        outline(body.as_bytes(), Some("run")).ok()
    }

    #[test]
    fn sees_the_outline_and_nothing_more() {
        let of = |whole, field| Some(Outline { whole, field });
        assert_eq!(
            look(r#"{"a":[1],"run":{"x":[]}}"#),
            of(Seen::Object, Some(Seen::Object))
        );
        assert_eq!(
            look(r#"{"r\u0075n":null}"#),
            of(Seen::Object, Some(Seen::Null))
        );
        assert_eq!(
            look(r#"{"run":[1,2]} "#),
            of(Seen::Object, Some(Seen::List))
        );
        assert_eq!(look(r#"{"a":{"run":1}}"#), of(Seen::Object, None));
        assert_eq!(look("[]"), of(Seen::List, None));
        assert_eq!(look("null"), of(Seen::Null, None));
        assert_eq!(look("-1.5e3"), of(Seen::Scalar, None));
        for broken in [
            "",
            "{",
            "{}x",
            r#"{"run":}"#,
            "<html>",
            "{\"a\":1,}",
            "[1 2]",
        ] {
            assert_eq!(look(broken), None, "{broken}");
        }
        assert!(outline(b"{\"a\":\"\xff\"}", None).is_err());
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(outline(deep.as_bytes(), None).is_ok());
    }
}
