//! Says in words how a cut-off call is looked up, for help.

use super::model::{LookUp, Pair, Reading, Recovery, Term, Way};
use crate::catalog::model::{Endpoint, Repeat};

/// Returns how it is found out whether a cut-off call of an endpoint was carried out, line by line.
pub fn recovery_text(endpoint: &Endpoint) -> Vec<String> {
    match (&endpoint.recovery, endpoint.repeat) {
        (Some(recovery), _) => of(recovery),
        (None, Repeat::Read | Repeat::Idempotent) => vec!["it is sent again".into()],
        (None, Repeat::Once) => Vec::new(),
    }
}

fn of(recovery: &Recovery) -> Vec<String> {
    let harmless = recovery.harmless.iter();
    let mut lines: Vec<_> = harmless
        .map(|pair| format!("with `{}` {} it is sent again", pair.at, is(pair)))
        .collect();
    match &recovery.way {
        Way::Impossible(why) => lines.push(format!("a person is asked, for {why}")),
        Way::LookUp(plan) => lines.extend(plan.words()),
    }
    lines
}

impl LookUp {
    fn words(&self) -> Vec<String> {
        let mut lines = vec![format!("looked for with {}", self.endpoints().join(", "))];
        if let [first, ..] = self.each {
            lines.push(format!("each of `{first}` by itself"));
        }
        if let Some(place) = self.since {
            let what = if self.trace { "its trace" } else { "its work" };
            lines.push(format!(
                "{what} is what came since, by {}",
                self.place(place)
            ));
        }
        for (start, pairs) in [("", self.same), ("mostly ", self.like)] {
            if !pairs.is_empty() {
                lines.push(format!("{start}{}", self.all(pairs)));
            }
        }
        let open = self.open.iter();
        lines.extend(open.map(|way| format!("not yet done while {}", self.all(way))));
        let done = self.done.iter();
        lines.extend(done.map(|way| format!("done when {}", self.all(way))));
        let changed = self.changed.map(|place| self.place(place));
        lines.extend(changed.map(|place| format!("not done when {place} is older")));
        lines.push(self.end().into());
        lines
    }

    /// Returns what comes of it.
    fn end(&self) -> &'static str {
        match (self.answer.is_empty(), self.otherwise_send) {
            (true, _) => "if there is none, it is sent again; otherwise a person is asked",
            (false, true) => "if it was done, it is taken over; otherwise it is sent again",
            (false, false) => {
                "if it was done, it is taken over; if not, it is sent again; else a person is asked"
            }
        }
    }

    fn endpoints(&self) -> Vec<String> {
        let readings = [&self.list, &self.detail, &self.get].into_iter().flatten();
        let mut names: Vec<_> = readings.filter_map(|reading| reading.endpoint).collect();
        names.dedup();
        names.iter().map(|name| format!("`{name}`")).collect()
    }

    fn all(&self, pairs: &[Pair]) -> String {
        let one = |pair: &Pair| format!("{} is {}", self.place(pair.at), is(pair));
        let all: Vec<_> = pairs.iter().map(one).collect();
        all.join(" and ")
    }

    /// Returns a place: its last name, and where it stands when that is not the list.
    fn place(&self, place: &str) -> String {
        let (start, rest) = place.split_once('.').unwrap_or((place, ""));
        let of = |reading: &Option<Reading>| {
            let name = reading.as_ref().and_then(|reading| reading.endpoint);
            let last = rest.rsplit('.').next().unwrap_or_default();
            match (name, last) {
                (Some(name), "") => format!("what `{name}` tells"),
                (Some(name), last) => format!("`{last}` of `{name}`"),
                (None, last) => format!("`{last}`"),
            }
        };
        match start {
            "get" => of(&self.get),
            "detail" => of(&self.detail),
            _ => format!("`{}`", place.trim_start_matches('$')),
        }
    }
}

fn is(pair: &Pair) -> String {
    match pair.term {
        Term::Given(name) => format!("the call's `{name}`"),
        Term::Is(value) => value.trim_matches('"').into(),
        Term::AnyOf(values) => {
            let values: Vec<_> = values.iter().map(|value| value.trim_matches('"')).collect();
            values.join(" or ")
        }
        Term::Nothing => "nothing".into(),
        Term::Since => "of a time since".into(),
        Term::Before => "of a time before".into(),
        Term::Until => "of no time since".into(),
        Term::Me => "you".into(),
        Term::NewPath => "the new path".into(),
        Term::At(_) | Term::RowId | Term::Rows | Term::Found | Term::Missing => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{by_name, endpoints};

    #[test]
    fn a_look_up_reads_like_a_recipe() {
        let text = |name| recovery_text(by_name(name).unwrap()).join("\n");
        assert_eq!(
            text("jobs.start"),
            "looked for with `jobs.list`, `jobs.list_messages`, `jobs.get`\n\
             its work is what came since, by `created_at`\n\
             `text_content` of `jobs.list_messages` is the call's `message`\n\
             mostly `source` is api\n\
             if it was done, it is taken over; if not, it is sent again; else a person is asked"
        );
        assert!(text("sandboxes.create").starts_with("a person is asked, for no endpoint lists"));
        assert_eq!(text("jobs.stop"), "it is sent again");
        assert!(text("assignments.move").starts_with("with `dry_run` true it is sent again"));
    }

    #[test]
    fn every_endpoint_has_words() {
        for endpoint in endpoints() {
            let lines = recovery_text(endpoint);
            let is_told = !lines.is_empty() && lines.iter().all(|line| !line.contains("``"));
            assert!(is_told, "{}: {lines:?}", endpoint.name);
        }
    }
}
