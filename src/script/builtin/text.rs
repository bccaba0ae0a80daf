//! `text`: what reports and messages need beside the language's own strings.
//!
//! Widths are columns of a terminal: a wide character takes two, a combining one none.

use icu_normalizer::DecomposingNormalizerBorrowed;
use rhai::{Array, Dynamic};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Builtin;
use super::arguments::{count, kind, needed, optional_text, plain, text};
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "text::pad",
        params: &["text: any", "width: int", "side?: String"],
        returns: "String",
        doc: "Fills text (or a number) with spaces up to a width, in columns of a terminal. \
              The side where spaces go is `right` (when left out), `left` or `both`. \
              What is wider stays as it is. Fails when the width is over 10,000.",
        examples: &[
            ("text::pad(\"ab\", 4) + \"|\"", "\"ab  |\""),
            ("text::pad(7, 3, \"left\")", "\"  7\""),
        ],
        run: pad,
    },
    Builtin {
        name: "text::width",
        params: &["text: String"],
        returns: "int",
        doc: "Returns how many columns of a terminal a text takes: two for wide characters.",
        examples: &[("text::width(\"日本\")", "4")],
        run: columns,
    },
    Builtin {
        name: "text::truncate",
        params: &["text: String", "width: int", "ending?: String"],
        returns: "String",
        doc: "Cuts text to a width, in columns of a terminal, with an ending (`…` when left out) \
              that counts towards it. Text that fits stays as it is.",
        examples: &[
            ("text::truncate(\"reconciliation\", 6)", "\"recon…\""),
            ("text::truncate(\"short\", 6)", "\"short\""),
        ],
        run: truncate,
    },
    Builtin {
        name: "text::lines",
        params: &["text: String"],
        returns: "Array",
        doc: "Returns the lines of a text without their ends, of Unix or Windows.",
        examples: &[(
            "text::lines(\"a\\r\\nb\\n\\nc\\n\")",
            "[\"a\",\"b\",\"\",\"c\"]",
        )],
        run: lines,
    },
    Builtin {
        name: "text::words",
        params: &["text: String"],
        returns: "Array",
        doc: "Returns the parts of a text between spaces, tabs and line ends.",
        examples: &[("text::words(\" to  be\\n\")", "[\"to\",\"be\"]")],
        run: words,
    },
    Builtin {
        name: "text::slug",
        params: &["text: String"],
        returns: "String",
        doc: "Makes a name for a file, a label or a URL: lower-case ASCII letters and digits, with \
              single hyphens for what is between. Accents are dropped, and letters that ASCII has \
              no likeness of.",
        examples: &[(
            "text::slug(\"Příliš žluťoučký kůň, No. 7!\")",
            "\"prilis-zlutoucky-kun-no-7\"",
        )],
        run: slug,
    },
];

const WIDEST: usize = 10_000;

fn pad(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let value = needed(door, args, 0, "text")?;
    let text = plain(value).ok_or_else(|| {
        door.invalid(format!(
            "`text` must be text or a number, but it is {}",
            kind(value)
        ))
    })?;
    let width = width(door, args)?;
    let missing = width.saturating_sub(text.width());
    let side = optional_text(door, args, 2, "side")?;
    let left = match side.as_deref() {
        None | Some("right") => 0,
        Some("left") => missing,
        Some("both") => missing / 2,
        Some(side) => {
            let message = format!("`side` is `{side}`: it must be `left`, `right` or `both`");
            return Err(door.invalid(message));
        }
    };
    let (before, after) = (" ".repeat(left), " ".repeat(missing - left));
    Ok(format!("{before}{text}{after}").into())
}

fn columns(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let columns = text(door, args, 0, "text")?.width();
    Ok(i64::try_from(columns).unwrap_or(i64::MAX).into())
}

fn truncate(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    let width = width(door, args)?;
    let ending = optional_text(door, args, 2, "ending")?.unwrap_or_else(|| "…".into());
    if text.width() <= width {
        return Ok(text.into());
    }
    let ending = fitting(&ending, width);
    let start = fitting(&text, width - ending.width());
    Ok(format!("{}{ending}", start.trim_end()).into())
}

/// Returns as much of a text's start as fits a width.
fn fitting(text: &str, width: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, letter)| {
        taken += letter.width().unwrap_or(0);
        taken > width
    });
    let fitting = end.map_or(text, |(at, _)| &text[..at]);
    // A sequence of characters may be wider than they are one by one.
    if fitting.width() <= width {
        fitting
    } else {
        ""
    }
}

fn width(door: &Door<'_>, args: &[&mut Dynamic]) -> Result<usize, Raise> {
    match count(door, args, 1, ("width", 0))? {
        width if width <= WIDEST => Ok(width),
        width => Err(door.invalid(format!("`width` is `{width}`: it must be {WIDEST} or less"))),
    }
}

fn lines(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    let lines: Array = text.lines().map(Into::into).collect();
    Ok(lines.into())
}

fn words(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    let words: Array = text.split_whitespace().map(Into::into).collect();
    Ok(words.into())
}

fn slug(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize(&text);
    let mut slug = String::new();
    for letter in plain.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !letter.is_alphanumeric() && letter.width() != Some(0) && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    Ok(slug.trim_matches('-').into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tests::run;

    #[test]
    fn widths_are_columns() {
        assert_eq!(run("text::pad(\"日本\", 6, \"both\")"), Ok(json!(" 日本 ")));
        assert_eq!(run("text::truncate(\"日本語\", 4)"), Ok(json!("日…")));
        assert_eq!(run("text::truncate(\"abc\", 2, \"...\")"), Ok(json!("..")));
        assert_eq!(run("text::truncate(\"abc\", 0)"), Ok(json!("")));
        let fault = run("text::pad(\"\", 99999999)").unwrap_err();
        assert_eq!(
            fault,
            "text::pad: `width` is `99999999`: it must be 10000 or less"
        );
        let fault = run("text::pad(\"\", 1, \"top\")").unwrap_err();
        assert_eq!(
            fault,
            "text::pad: `side` is `top`: it must be `left`, `right` or `both`"
        );
    }

    #[test]
    fn slugs_are_plain() {
        for (text, slug) in [
            ("Åse & Øyvind", "ase-yvind"),
            ("ﬁle  №5", "file-no5"),
            ("--", ""),
            ("日本", ""),
            ("don't", "don-t"),
        ] {
            assert_eq!(
                run(&format!("text::slug(\"{text}\")")),
                Ok(json!(slug)),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn cut_text_fits(text in "\\PC{0,12}", width in 0_usize..8) {
            let quoted = serde_json::to_string(&text).unwrap();
            let cut = run(&format!("text::truncate(json::parse({}), {width})", json!(quoted))).unwrap();
            let cut = unicode_width::UnicodeWidthStr::width(cut.as_str().unwrap());
            prop_assert!(cut <= width, "{} > {}", cut, width);
        }
    }
}
