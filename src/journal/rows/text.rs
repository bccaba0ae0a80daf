//! How bytes are written in an exported run: as text where they are text, and not at all where they
//! are sealed.

/// A fingerprint, as 32 hexadecimal digits.
pub(super) mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::journal::rows) fn serialize<S: Serializer>(
        bytes: &[u8; 16],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:032x}", u128::from_be_bytes(*bytes)))
    }

    pub(in crate::journal::rows) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 16], D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u128::from_str_radix(&text, 16) {
            Ok(number) if is_hex => Ok(number.to_be_bytes()),
            _ => Err(D::Error::custom("a fingerprint has 32 hexadecimal digits")),
        }
    }
}

/// A body: text where it is UTF-8, else `{"base64": …}`.
pub(super) mod bytes {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Binary(Binary),
    }

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Binary {
        base64: String,
    }

    pub(in crate::journal::rows) fn serialize<S: Serializer>(
        bytes: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Binary {
                base64: STANDARD.encode(bytes),
            }
            .serialize(serializer),
        }
    }

    pub(in crate::journal::rows) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(text.into_bytes()),
            Form::Binary(binary) => STANDARD.decode(binary.base64).map_err(D::Error::custom),
        }
    }
}

/// A sealed value: only that there is one. What comes back in its place cannot be opened, so that
/// nobody takes the masked value beside it for the whole.
pub(super) mod left_out {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands it over so")]
    pub(in crate::journal::rows) fn serialize<S: Serializer>(
        sealed: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(sealed.is_some())
    }

    pub(in crate::journal::rows) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let is_sealed = bool::deserialize(deserializer)?;
        Ok(is_sealed.then(Vec::new))
    }
}
