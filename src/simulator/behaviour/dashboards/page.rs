//! The page of a dashboard: figures of the team's jobs and cases, as HTML and as PDF.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::world::World;

/// What a page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    title: String,
    /// What was asked for, version by version.
    wishes: Vec<String>,
    figures: Vec<(String, usize)>,
    counted_at: Timestamp,
}

/// Colours of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

/// Letters of a title at most.
const TITLE: usize = 120;

impl Page {
    /// Returns a page about a team, as of now.
    pub(super) fn new(world: &World, team: Uuid, wish: &str) -> Self {
        let title = wish
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(TITLE)
            .collect();
        let mut page = Self {
            title,
            wishes: vec![wish.into()],
            figures: Vec::new(),
            counted_at: world.now,
        };
        page.count(world, team);
        page
    }

    /// Returns the page with a further wish followed.
    pub(super) fn with(&self, world: &World, team: Uuid, wish: &str) -> Self {
        let mut page = self.clone();
        page.wishes.push(wish.into());
        page.count(world, team);
        page
    }

    /// Counts the figures anew.
    pub(super) fn count(&mut self, world: &World, team: Uuid) {
        let mut figures = std::collections::BTreeMap::new();
        for job in world.jobs.rows.iter().filter(|job| job.team_id == team) {
            *figures
                .entry(format!("Jobs {}", job.status.as_str()))
                .or_default() += 1;
        }
        for queue in world
            .queues
            .rows
            .iter()
            .filter(|queue| queue.team_id == team)
        {
            let cases = world
                .cases
                .rows
                .iter()
                .filter(|case| case.queue_id == queue.id)
                .count();
            figures.insert(format!("Cases in {}", queue.name), cases);
        }
        self.figures = figures.into_iter().collect();
        self.counted_at = world.now;
    }

    /// Returns the title that the first wish gives.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// Returns the page as one HTML document with its data inside.
    pub(super) fn html(&self, theme: Theme) -> String {
        let (paper, ink) = match theme {
            Theme::Light => ("#ffffff", "#1a1a1a"),
            Theme::Dark => ("#1a1a1a", "#f2f2f2"),
        };
        let (mut wishes, mut rows) = (String::new(), String::new());
        for wish in &self.wishes {
            let _ = writeln!(wishes, "<li>{}</li>", escaped(wish));
        }
        for (name, count) in &self.figures {
            let _ = writeln!(rows, "<tr><th>{}</th><td>{count}</td></tr>", escaped(name));
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <style>body {{ background: {paper}; color: {ink}; font-family: sans-serif }}</style>\n</head>\n\
             <body>\n<h1>{title}</h1>\n<ul>\n{wishes}</ul>\n<table>\n{rows}</table>\n<p>As of {time}</p>\n</body>\n</html>\n",
            title = escaped(&self.title),
            time = self.counted_at,
        )
    }

    /// Returns the page as a PDF document of one sheet.
    pub(super) fn pdf(&self, theme: Theme) -> Vec<u8> {
        let mut lines = vec![self.title.clone(), format!("As of {}", self.counted_at)];
        lines.extend(
            self.figures
                .iter()
                .map(|(name, count)| format!("{name}: {count}")),
        );
        pdf(&lines, theme)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Lines that fit on a sheet.
const MOST_LINES: usize = 50;

/// One sheet of A4 with lines in Helvetica.
fn pdf(lines: &[String], theme: Theme) -> Vec<u8> {
    let (paper, ink) = match theme {
        Theme::Light => ("1", "0"),
        Theme::Dark => ("0.1", "0.95"),
    };
    let mut content = format!("{paper} g 0 0 595 842 re f {ink} g BT /F1 12 Tf 14 TL 50 790 Td\n");
    for line in lines.iter().take(MOST_LINES) {
        let _ = writeln!(content, "({}) Tj T*", pdf_text(line));
    }
    content.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".into(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".into(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .into(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut document = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (object, number) in objects.iter().zip(1..) {
        let _ = writeln!(table, "{:010} 00000 n ", document.len());
        let _ = write!(document, "{number} 0 obj\n{object}\nendobj\n");
    }
    let (start, count) = (document.len(), objects.len() + 1);
    let _ = write!(
        document,
        "xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    document.into_bytes()
}

/// Text as PDF writes it; what the standard font may lack becomes `?`.
fn pdf_text(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        '(' | ')' | '\\' => format!("\\{letter}"),
        ' '..='~' => letter.to_string(),
        _ => "?".into(),
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::{Theme, escaped, pdf};

    #[test]
    fn the_table_of_a_pdf_points_at_its_objects() {
        let document =
            String::from_utf8(pdf(&["Cases (open) \\ Größe".into()], Theme::Dark)).unwrap();
        assert!(document.starts_with("%PDF-1.") && document.ends_with("%%EOF\n"));
        assert!(document.contains("(Cases \\(open\\) \\\\ Gr??e) Tj"));
        let number = |text: &str| text.trim().parse::<usize>().unwrap();
        let (rest, last) = document
            .trim_end_matches("%%EOF\n")
            .rsplit_once("startxref\n")
            .unwrap();
        assert!(document[number(last)..].starts_with("xref\n0 6\n"));
        let table = rest.split_once("xref\n0 6\n").unwrap().1;
        for (row, object) in table.lines().skip(1).take(5).zip(1..) {
            assert!(
                document[number(&row[..10])..].starts_with(&format!("{object} 0 obj\n")),
                "{row}"
            );
        }
    }

    #[test]
    fn nothing_that_was_asked_becomes_markup() {
        assert_eq!(
            escaped("<b title=\"&\">"),
            "&lt;b title=&quot;&amp;&quot;&gt;"
        );
    }
}
