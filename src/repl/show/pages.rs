//! Parts a long text into pages.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns a text in pages of no more rows than fit; a line that is wider than the screen takes several.
pub(in crate::repl) fn pages(text: &str, rows: usize, width: usize) -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    let mut used = rows;
    let lines = text.lines().flat_map(|line| pieces(line, rows, width));
    for line in lines {
        let takes = rows_of(line, width);
        if used + takes > rows || pages.is_empty() {
            pages.push(String::new());
            used = 0;
        }
        if let Some(page) = pages.last_mut() {
            if used > 0 {
                page.push('\n');
            }
            page.push_str(line);
        }
        used += takes;
    }
    pages
}

/// Returns how many rows a line takes.
fn rows_of(line: &str, width: usize) -> usize {
    line.width().div_ceil(width).max(1)
}

/// Breaks a line that is longer than a page.
fn pieces(line: &str, rows: usize, width: usize) -> Vec<&str> {
    let room = rows.saturating_mul(width);
    let (mut pieces, mut rest) = (Vec::new(), line);
    while rest.len() > room {
        let mut used = 0;
        let end = rest.char_indices().find(|(_, letter)| {
            used += letter.width().unwrap_or(1).max(1);
            used > room
        });
        let Some((end, _)) = end.filter(|(end, _)| *end > 0) else {
            break;
        };
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::pages;

    #[test]
    fn pages_fit_the_screen_and_lose_nothing() {
        assert_eq!(pages("a\nb\nc", 2, 80), ["a\nb", "c"]);
        assert_eq!(pages("a\nb\nc", 3, 80), ["a\nb\nc"]);
        assert_eq!(pages("aaaa\nb\n\nc", 2, 2), ["aaaa", "b\n", "c"]);
        assert_eq!(pages("a long line", 2, 3), ["a long", " line"]);
        assert_eq!(pages("日本語", 1, 4), ["日本", "語"]);
        assert_eq!(pages("日本", 1, 1), ["日本"]);
        assert!(pages("", 2, 80).is_empty());
    }
}
