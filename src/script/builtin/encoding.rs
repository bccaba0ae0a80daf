//! Base64 and hashes: what other systems' interfaces ask for.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use rhai::Dynamic;

use super::Builtin;
use super::arguments::{bytes, text};
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "base64::encode",
        params: &["content: String|Blob"],
        returns: "String",
        doc: "Encodes text (its UTF-8) or a blob in Base64, with padding.",
        examples: &[("base64::encode(\"Hällo\")", "\"SMOkbGxv\"")],
        run: encode,
    },
    Builtin {
        name: "base64::decode",
        params: &["text: String"],
        returns: "String",
        doc: "Decodes Base64 to text. The alphabet for URLs and missing padding are understood. \
              Fails when it is no Base64, or the content is not UTF-8: see `base64::decode_bytes`.",
        examples: &[
            ("base64::decode(\"SMOkbGxv\")", "\"Hällo\""),
            ("base64::decode(\"Pz8_\")", "\"???\""),
        ],
        run: decode,
    },
    Builtin {
        name: "base64::decode_bytes",
        params: &["text: String"],
        returns: "Blob",
        doc: "Decodes Base64 to a blob. Fails when it is no Base64.",
        examples: &[("base64::decode_bytes(\"AAH/\").len()", "3")],
        run: decode_bytes,
    },
    Builtin {
        name: "hash::sha256",
        params: &["content: String|Blob"],
        returns: "String",
        doc: "Returns the SHA-256 of text (its UTF-8) or a blob, as 64 hexadecimal digits.",
        examples: &[(
            "hash::sha256(\"abc\")",
            "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
        )],
        run: sha256,
    },
];

fn encode(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let content = bytes(door, args, 0, "content")?;
    Ok(general_purpose::STANDARD.encode(content).into())
}

fn decode(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    match String::from_utf8(decoded(door, args)?) {
        Ok(text) => Ok(text.into()),
        Err(_) => {
            Err(door.invalid("`text` does not hold UTF-8: `base64::decode_bytes` gives its bytes"))
        }
    }
}

fn decode_bytes(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    decoded(door, args).map(Dynamic::from_blob)
}

fn decoded(door: &Door<'_>, args: &[&mut Dynamic]) -> Result<Vec<u8>, Raise> {
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text = text(door, args, 0, "text")?;
    let text = text.trim().replace('-', "+").replace('_', "/");
    GeneralPurpose::new(&alphabet::STANDARD, lenient)
        .decode(text)
        .map_err(|fault| {
            let fault = fault.to_string().to_lowercase();
            door.invalid(format!(
                "`text` is no Base64: {}",
                fault.trim_end_matches('.')
            ))
        })
}

fn sha256(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let content = bytes(door, args, 0, "content")?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &content);
    let halves = digest
        .as_ref()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = halves
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect();
    Ok(digits.into())
}
