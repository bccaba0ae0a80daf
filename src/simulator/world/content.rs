//! Bytes that can be saved as JSON: as text where they are text, else in hexadecimal.

use std::fmt::Write as _;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The content of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub(crate) struct Content(pub(crate) Bytes);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Saved {
    Text(String),
    Hex(String),
}

impl Content {
    /// Returns the content as text, if it is some.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Returns the number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Content> for Saved {
    fn from(content: Content) -> Self {
        match content.text() {
            Some(text) => Self::Text(text.into()),
            None => Self::Hex(content.0.iter().fold(String::new(), |mut text, byte| {
                _ = write!(text, "{byte:02x}");
                text
            })),
        }
    }
}

impl TryFrom<Saved> for Content {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        match saved {
            Saved::Text(text) => Ok(text.into()),
            Saved::Hex(hex) => {
                let pairs = hex.as_bytes().chunks(2).map(|pair| {
                    let text = std::str::from_utf8(pair).map_err(|_| "no hexadecimal digits")?;
                    u8::from_str_radix(text, 16).map_err(|_| "no hexadecimal digits")
                });
                Ok(Self(pairs.collect::<Result<Vec<_>, _>>()?.into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Content;

    #[test]
    fn comes_back_as_it_was() {
        for bytes in [&b"text\n"[..], &[0xff, 0x00, 0x10]] {
            let content = Content(bytes.to_vec().into());
            let text = serde_json::to_string(&content).unwrap();
            assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content);
        }
    }
}
