//! Parts a long text into pages.

use unicode_width::UnicodeWidthStr;

/// Returns a text in pages of no more rows than fit; a line that is wider than the screen takes several.
pub(in crate::repl) fn pages(text: &str, rows: usize, width: usize) -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    let mut used = rows;
    for line in text.lines() {
        let takes = line.width().div_ceil(width).max(1);
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

#[cfg(test)]
mod tests {
    use super::pages;

    #[test]
    fn pages_fit_the_screen_and_lose_nothing() {
        assert_eq!(pages("a\nb\nc", 2, 80), ["a\nb", "c"]);
        assert_eq!(pages("a\nb\nc", 3, 80), ["a\nb\nc"]);
        assert_eq!(pages("aaaa\nb\n\nc", 2, 2), ["aaaa", "b\n", "c"]);
        assert_eq!(pages("a very long line", 1, 2).len(), 1);
        assert!(pages("", 2, 80).is_empty());
    }
}
