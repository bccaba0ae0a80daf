//! Bytes of a file to text: UTF-8, or the encoding that the script names.

use encoding_rs::Encoding;

use super::options::Options;
use crate::script::door::{Door, Raise};
use crate::script::host::{Answer, Effect};

/// Reads a file of the project as text, in the encoding that the options name, else UTF-8; a byte
/// order mark is left out.
pub(super) fn read_file(
    door: &Door<'_>,
    file: &str,
    options: &Options<'_>,
) -> Result<String, Raise> {
    let encoding = options.text("encoding")?;
    let bytes = read_bytes(door, file)?;
    let text = match &encoding {
        Some(label) => decode(&bytes, label, file),
        None => utf8(bytes, file),
    };
    text.map_err(|fault| door.invalid(fault))
}

/// Reads a file of the project.
pub(super) fn read_bytes(door: &Door<'_>, file: &str) -> Result<Vec<u8>, Raise> {
    match door.perform(Effect::ReadFile(file.to_owned()))? {
        Answer::Bytes(bytes) => Ok(bytes),
        Answer::Text(text) => Ok(text.into_bytes()),
        _ => Err(door.invalid("the Host answered with something else than bytes")),
    }
}

fn utf8(bytes: Vec<u8>, file: &str) -> Result<String, String> {
    let mut text = String::from_utf8(bytes).map_err(|fault| {
        let valid = &fault.as_bytes()[..fault.utf8_error().valid_up_to()];
        let line = valid.split(|byte| *byte == b'\n').count();
        format!(
            "`{file}` is not UTF-8 in line {line}: \
             name its encoding, such as `encoding: \"windows-1252\"`"
        )
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

fn decode(bytes: &[u8], label: &str, file: &str) -> Result<String, String> {
    let encoding = Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        format!("unknown encoding `{label}`: names are such as `windows-1252`, `utf-16le`")
    })?;
    let (text, used, has_faults) = encoding.decode(bytes);
    if has_faults {
        return Err(format!("`{file}` is not {}", used.name()));
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_line_is_not_utf8() {
        let fault = utf8(b"a\nb\nc\xe9".to_vec(), "x.txt").unwrap_err();
        assert!(
            fault.starts_with("`x.txt` is not UTF-8 in line 3: "),
            "{fault}"
        );
        assert_eq!(utf8(b"\xef\xbb\xbfa".to_vec(), "x"), Ok("a".into()));
        assert_eq!(decode(b"caf\xe9", "windows-1252", "x"), Ok("café".into()));
        assert_eq!(decode(b"\xff\xfea\0", "utf-16le", "x"), Ok("a".into()));
        assert_eq!(
            decode(b"\xff", "utf-8", "x"),
            Err("`x` is not UTF-8".into())
        );
        assert!(
            decode(b"", "klingon", "x")
                .unwrap_err()
                .contains("unknown encoding")
        );
    }
}
