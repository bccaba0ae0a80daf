//! Rows and columns, cut to the width of the screen.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::columns::columns;
use super::when;
use crate::catalog::Endpoint;

/// No cell is wider, however much room there is.
const WIDEST: usize = 60;
/// A column that does not find this much room is left out.
const NARROWEST: usize = 12;
/// Makes a picture of the letter before it.
const PICTURE: char = '\u{fe0f}';
/// Between two columns.
const GAP: usize = 2;

/// How values look here.
#[derive(Clone, Debug)]
pub(in crate::repl) struct Look {
    /// How many columns the screen has.
    pub(in crate::repl) width: usize,
    /// What time it is.
    pub(in crate::repl) now: Timestamp,
    /// In which zone times are shown.
    pub(in crate::repl) zone: TimeZone,
}

impl Look {
    /// Returns a value on one line, short.
    pub(super) fn cell(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::String(text) => match when::time(text) {
                Some(time) => when::short(time, self.now, &self.zone),
                None => flat(text),
            },
            Value::Array(items) if items.is_empty() => String::new(),
            other => other.to_string(),
        }
    }

    /// Returns a value on one line, as long as it is.
    pub(super) fn line(&self, value: &Value) -> String {
        match value {
            Value::String(text) => match when::time(text) {
                Some(time) => when::long(time, self.now, &self.zone),
                None => flat(text),
            },
            other => self.cell(other),
        }
    }

    /// Returns a text as it stands, or the time that it is.
    pub(super) fn text(&self, text: &str) -> String {
        match when::time(text) {
            Some(time) => format!("{text} = {}", when::long(time, self.now, &self.zone)),
            None => text.to_owned(),
        }
    }
}

/// Nothing in a text may move the cursor.
pub(super) fn flat(text: &str) -> String {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().map(plain).collect()
}

/// Shows objects as a table with the telling columns first; says which columns found no room.
pub(super) fn of_objects(
    items: &[Value],
    endpoint: Option<&'static Endpoint>,
    look: &Look,
) -> String {
    let things: Vec<&Map<String, Value>> = items.iter().filter_map(Value::as_object).collect();
    let names = columns(&things, endpoint);
    let rows = things.iter().map(|thing| {
        let cell = |name: &String| thing.get(name).map(|value| look.cell(value));
        names
            .iter()
            .map(|name| cell(name).unwrap_or_default())
            .collect()
    });
    let head = names
        .iter()
        .map(|name| flat(&name.to_uppercase()))
        .collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let widths = widths(&rows, look.width);
    let mut text = lines(&rows, &widths);
    if widths.len() < names.len() {
        let left_out = names[widths.len()..].join(", ");
        let told = format!("and {}: {left_out}", names.len() - widths.len());
        text.push('\n');
        text.push_str(&cut(&told, look.width));
    }
    text
}

/// Lays rows out in columns, as far as they find room; the last one takes what is left.
pub(in crate::repl) fn laid_out(rows: &[Vec<String>], width: usize) -> String {
    lines(rows, &with_last(rows, width))
}

/// Does the same, but breaks the last column at its words instead of cutting it.
pub(in crate::repl) fn listed(rows: &[Vec<String>], width: usize) -> String {
    let widths = with_last(rows, width);
    let mut broken: Vec<Vec<String>> = Vec::new();
    for row in rows {
        let mut row = row.clone();
        let last = row.pop().unwrap_or_default();
        let room = widths.last().copied().unwrap_or(width);
        let mut pieces = wrapped(&last, room).into_iter();
        row.push(pieces.next().unwrap_or_default());
        let blank = vec![String::new(); row.len() - 1];
        broken.push(row);
        broken.extend(pieces.map(|piece| [blank.clone(), vec![piece]].concat()));
    }
    lines(&broken, &widths)
}

/// Breaks a text at its words.
pub(in crate::repl) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = |line: &String| line.is_empty() || line.width() + 1 + word.width() <= width;
        if !lines.last().is_some_and(fits) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn with_last(rows: &[Vec<String>], width: usize) -> Vec<usize> {
    let mut widths = widths(rows, width);
    if widths.len() == rows.first().map_or(0, Vec::len)
        && let Some((last, before)) = widths.split_last_mut()
    {
        let column = before.len();
        let longest = rows
            .iter()
            .filter_map(|row| Some(row.get(column)?.width()))
            .max();
        let used: usize = before.iter().map(|width| width + GAP).sum();
        *last = longest.unwrap_or(0).min(width.saturating_sub(used));
    }
    widths
}

/// Returns the widths of the columns that find room.
fn widths(rows: &[Vec<String>], room: usize) -> Vec<usize> {
    let count = rows.first().map_or(0, Vec::len);
    let natural = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let natural: Vec<usize> = (0..count).map(natural).collect();
    // The first column is what things are called by: it is cut last of all.
    let least = |column: usize| match column {
        0 => natural[0],
        _ => natural[column].min(NARROWEST),
    };
    let mut used = 0;
    let mut widths = Vec::new();
    for column in 0..count {
        let gap = if column == 0 { 0 } else { GAP };
        let wanted = if column == 0 {
            least(0).min(room)
        } else {
            least(column)
        };
        if used + gap + wanted > room {
            break;
        }
        used += gap + wanted;
        widths.push(wanted);
    }
    let mut left = room - used;
    for (column, width) in widths.iter_mut().enumerate() {
        let more = natural[column].min(WIDEST).saturating_sub(*width).min(left);
        *width += more;
        left -= more;
    }
    widths
}

fn lines(rows: &[Vec<String>], widths: &[usize]) -> String {
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let cell = cut(cell, *width);
            line.push_str(&cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + GAP));
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Cuts a text to a width; a cut one ends with `…`.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |letter: &char| {
        // With this sign behind it, a narrow letter is shown as a wide picture.
        used += usize::from(*letter == PICTURE) + letter.width().unwrap_or(1);
        used <= width
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    if width > 0 {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn look(width: usize) -> Look {
        Look {
            width,
            now: "2026-01-05T08:00:00Z".parse().unwrap(),
            zone: TimeZone::UTC,
        }
    }

    #[test]
    fn a_table_is_as_wide_as_the_screen_and_says_what_it_left_out() {
        let thing = |name: &str| {
            json!({
                "id": "0b9d4b0e-6a4e-4c1c-9a39-3f4f3f0c8a55", "name": name, "status": "open",
                "created_at": "2026-01-05T07:57:00Z", "data": {"a": [1, 2, 3]},
                "note": "a long note that goes on and on", "other": "another text that is long",
            })
        };
        let items = [
            thing("Invoices"),
            thing("日本語のとても長い名前がここにある"),
        ];
        for width in [20, 40, 80, 120, 1000] {
            let text = of_objects(&items, None, &look(width));
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
        let text = of_objects(&items, None, &look(80));
        assert!(
            text.starts_with("NAME                                ID"),
            "{text}"
        );
        assert!(
            text.contains("3 min ago") && text.contains("\nand "),
            "{text}"
        );
        let wide = of_objects(&items, None, &look(1000));
        assert!(
            wide.contains("{\"a\":[1,2,3]}") && !wide.contains("\nand "),
            "{wide}"
        );
    }

    #[test]
    fn the_last_column_is_cut_or_broken() {
        let rows = [
            vec![":a".to_owned(), "one two three".into()],
            vec![":bc".into(), "four".into()],
        ];
        assert_eq!(listed(&rows, 17), ":a   one two\n     three\n:bc  four");
        assert_eq!(laid_out(&rows, 17), ":a   one two thr…\n:bc  four");
        assert_eq!(wrapped("a bcdef g", 3), ["a", "bcdef", "g"]);
    }

    #[test]
    fn cells_stay_on_their_line() {
        let text = of_objects(
            &[json!({"a": "x\ny\u{1b}[31m", "b": null})],
            None,
            &look(80),
        );
        assert_eq!(text, "A         B\nx y [31m");
        assert_eq!(cut("日本語", 4), "日…");
        let hearts = of_objects(&[json!({"a\nb": "❤️".repeat(40)})], None, &look(50));
        assert!(
            hearts.starts_with("A B\n") && hearts.ends_with('…'),
            "{hearts}"
        );
        assert!(hearts.lines().all(|line| line.width() <= 50), "{hearts}");
        assert_eq!(
            (cut("abc", 3), cut("abcd", 3), cut("a", 0)),
            ("abc".into(), "ab…".into(), String::new())
        );
    }
}
