//! Compares two forms of one place: the catalog's and the document's.
//!
//! Each difference is told once, at the innermost place that has it. What it breaks depends on the
//! side: a request may become more free without harm, an answer may become more narrow.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::form::{Fields, Form, FormKind, Member, Rest, TextForm};
use super::report::{Change, Drift};
use super::words::{limits, listed};
use crate::catalog::model::Range;

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// To the API.
    Request,
    /// From the API; its limits and defaults concern nobody.
    Answer,
}

/// The differences of one endpoint, as they are found.
pub(super) struct Comparison<'a> {
    endpoint: &'a str,
    side: Side,
    found: Vec<Drift>,
}

impl<'a> Comparison<'a> {
    /// Starts to compare an endpoint.
    pub(super) fn new(endpoint: &'a str) -> Self {
        Self {
            endpoint,
            side: Side::Request,
            found: Vec::new(),
        }
    }

    /// Says which way the values go that are compared next.
    pub(super) fn turn(&mut self, side: Side) {
        self.side = side;
    }

    /// Returns what was found.
    pub(super) fn into_found(self) -> Vec<Drift> {
        self.found
    }

    /// Notes one difference.
    pub(super) fn note(
        &mut self,
        kind: Change,
        place: &str,
        what: impl Into<String>,
        breaking: bool,
    ) {
        let drift = Drift {
            endpoint: self.endpoint.to_owned(),
            kind,
            place: place.to_owned(),
            what: what.into(),
            breaking,
        };
        // The members of a union share places: what they share is told once.
        if !self.found.contains(&drift) {
            self.found.push(drift);
        }
    }

    /// Notes that the document says something else than the catalog.
    pub(super) fn changed(&mut self, place: &str, what: impl Into<String>, breaking: bool) {
        self.note(Change::Changed, place, what, breaking);
    }

    /// Compares the fields of an object, a query or a body.
    pub(super) fn fields(&mut self, place: &str, ours: &Fields, theirs: &Fields) {
        for (name, our) in &ours.named {
            let here = format!("{place}.{name}");
            match theirs.named.get(name) {
                Some(their) => self.member(&here, our, their),
                None => self.note(Change::Removed, &here, "is gone", true),
            }
        }
        for (name, their) in &theirs.named {
            if !ours.named.contains_key(name) {
                self.new_field(&format!("{place}.{name}"), their);
            }
        }
        self.rest(place, ours, theirs);
    }

    fn new_field(&mut self, place: &str, member: &Member) {
        let is_needed = member.required && self.side == Side::Request;
        let kind = if is_needed { "required" } else { "optional" };
        let words = member.form.words();
        let what = match self.side {
            Side::Request => format!("is a new {kind} field: {words}"),
            Side::Answer => format!("is a new field: {words}"),
        };
        self.note(Change::Added, place, what, is_needed);
    }

    fn member(&mut self, place: &str, ours: &Member, theirs: &Member) {
        if ours.required != theirs.required {
            let (before, now) = if theirs.required {
                ("optional", "required")
            } else {
                ("required", "optional")
            };
            let breaking = theirs.required == (self.side == Side::Request);
            self.changed(place, format!("was {before}, is {now}"), breaking);
        }
        if self.side == Side::Request && ours.default != theirs.default {
            let said = |default: &Option<String>| {
                let quoted = default.as_ref().map(|value| format!("`{value}`"));
                quoted.unwrap_or_else(|| "none".into())
            };
            let (before, now) = (said(&ours.default), said(&theirs.default));
            self.changed(place, format!("has the default {now}, not {before}"), false);
        }
        self.form(place, &ours.form, &theirs.form);
    }

    fn rest(&mut self, place: &str, ours: &Fields, theirs: &Fields) {
        match (&ours.rest, &theirs.rest) {
            (Rest::Open(ours), Rest::Open(theirs)) => {
                self.form(&format!("{place}.*"), ours, theirs);
            }
            (Rest::Closed, Rest::Open(_)) if self.side == Side::Request => {
                self.changed(place, "takes further fields", false);
            }
            (Rest::Open(_), Rest::Closed) if self.side == Side::Request => {
                self.changed(place, "takes no further fields", true);
            }
            _ => {}
        }
    }

    /// Compares what a value may be; where one side says nothing, there is nothing to compare.
    pub(super) fn form(&mut self, place: &str, ours: &Form, theirs: &Form) {
        if ours.kind == FormKind::Any || theirs.kind == FormKind::Any {
            return;
        }
        if ours.nullable != theirs.nullable {
            let what = if theirs.nullable {
                "may be null"
            } else {
                "is never null"
            };
            let breaking = theirs.nullable == (self.side == Side::Answer);
            self.changed(place, what, breaking);
        }
        match (&ours.kind, &theirs.kind) {
            (FormKind::Union(_), FormKind::Union(_)) => self.members(place, ours, theirs),
            (FormKind::Union(_), _) | (_, FormKind::Union(_)) => {
                match (ours.fields(), theirs.fields()) {
                    (Some(ours), Some(theirs)) => self.fields(place, &ours, &theirs),
                    _ => self.members(place, ours, theirs),
                }
            }
            (ours, theirs) => self.kind(place, ours, theirs),
        }
    }

    /// Compares what is no union.
    fn kind(&mut self, place: &str, ours: &FormKind, theirs: &FormKind) {
        match (ours, theirs) {
            (FormKind::Object(ours), FormKind::Object(theirs)) => self.fields(place, ours, theirs),
            (FormKind::List(our, before), FormKind::List(their, now)) => {
                self.limits(place, (*before, *now), "items");
                self.form(&format!("{place}[]"), our, their);
            }
            (FormKind::Text(ours), FormKind::Text(theirs)) => self.text(place, ours, theirs),
            (FormKind::Choice(ours), FormKind::Choice(theirs)) => {
                self.choice(place, ours, theirs);
            }
            (FormKind::Integer(before), FormKind::Integer(now))
            | (FormKind::Number(before), FormKind::Number(now)) => {
                self.limits(place, (*before, *now), "");
            }
            (FormKind::Integer(before), FormKind::Number(now)) if counts(place) => {
                self.limits(place, (*before, *now), "");
            }
            _ if discriminant(ours) == discriminant(theirs) => {}
            _ => self.retyped(place, &ours.words(), &theirs.words()),
        }
    }

    fn retyped(&mut self, place: &str, before: &str, now: &str) {
        self.changed(place, format!("is {now}, not {before}"), true);
    }

    fn text(&mut self, place: &str, ours: &TextForm, theirs: &TextForm) {
        if ours.format != theirs.format {
            self.retyped(place, ours.words(), theirs.words());
        }
        self.limits(place, (ours.length, theirs.length), "characters");
        if self.side == Side::Request && ours.pattern != theirs.pattern {
            let what = match &theirs.pattern {
                Some(pattern) => format!("must match `{pattern}`"),
                None => "need not match a pattern any more".into(),
            };
            self.changed(place, what, theirs.pattern.is_some());
        }
    }

    fn choice(&mut self, place: &str, ours: &BTreeSet<String>, theirs: &BTreeSet<String>) {
        let new: Vec<_> = theirs.difference(ours).collect();
        let gone: Vec<_> = ours.difference(theirs).collect();
        let mut parts = Vec::new();
        if !new.is_empty() {
            parts.push(format!("may also be {}", listed(new)));
        }
        if !gone.is_empty() {
            parts.push(format!("may no longer be {}", listed(gone.iter().copied())));
        }
        if !parts.is_empty() {
            let breaking = self.side == Side::Request && !gone.is_empty();
            self.changed(place, parts.join("; "), breaking);
        }
    }

    fn limits(&mut self, place: &str, (before, now): (Range, Range), unit: &str) {
        if self.side == Side::Answer || before == now {
            return;
        }
        let said = |range| limits(range).map(|text| format!("{text} {unit}").trim().to_owned());
        let what = match (said(before), said(now)) {
            (_, None) => "has no limits any more".into(),
            (None, Some(now)) => format!("must be {now}; had no limits"),
            (Some(before), Some(now)) => format!("must be {now}, not {before}"),
        };
        self.changed(place, what, is_tighter(before, now));
    }

    /// Compares unions member by member: first those that are alike are paired, then those of one
    /// kind, and what is left over is new or gone.
    fn members(&mut self, place: &str, ours: &Form, theirs: &Form) {
        let mut theirs: Vec<&Form> = alternatives(theirs);
        let mut left: Vec<&Form> = Vec::new();
        for our in alternatives(ours) {
            let same = theirs
                .iter()
                .position(|their| self.differences(place, our, their).is_empty());
            match same {
                Some(at) => _ = theirs.remove(at),
                None => left.push(our),
            }
        }
        for our in left {
            let near = theirs
                .iter()
                .enumerate()
                .filter(|(_, their)| discriminant(&our.kind) == discriminant(&their.kind))
                .min_by_key(|(_, their)| self.differences(place, our, their).len())
                .map(|(at, _)| at);
            if let Some(at) = near {
                self.form(place, our, theirs.remove(at));
            } else {
                let what = format!("may no longer be {}", our.words());
                self.changed(place, what, self.side == Side::Request);
            }
        }
        for their in theirs {
            let what = format!("may also be {}", their.words());
            self.changed(place, what, self.side == Side::Answer);
        }
    }

    fn differences(&self, place: &str, ours: &Form, theirs: &Form) -> Vec<Drift> {
        let mut trial = Self {
            endpoint: self.endpoint,
            side: self.side,
            found: Vec::new(),
        };
        trial.form(place, ours, theirs);
        trial.found
    }
}

fn alternatives(form: &Form) -> Vec<&Form> {
    match &form.kind {
        FormKind::Union(members) => members.iter().collect(),
        _ => vec![form],
    }
}

/// The document calls page sizes and offsets numbers; they are counts.
fn counts(place: &str) -> bool {
    matches!(place.rsplit('.').next(), Some("limit" | "offset"))
}

fn is_tighter(before: Range, now: Range) -> bool {
    let min = now.min > before.min;
    let max = match (before.max, now.max) {
        (None, Some(_)) => true,
        (Some(before), Some(now)) => now < before,
        (_, None) => false,
    };
    min || max || (now.exclusive && !before.exclusive)
}
