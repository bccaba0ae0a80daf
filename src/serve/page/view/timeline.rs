//! What a run did and said, in order: its steps, and its lines.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::clock::moment;
use crate::serve::page::words::{badge, path, pretty, time_of_day, took};
use crate::serve::view::{LineView, StepView};

/// Steps that are shown at once.
const STEPS: usize = 100;
/// Lines that are shown at once.
const LINES: usize = 500;
/// Letters of a request or an answer that are shown.
const LETTERS: usize = 4000;

/// Returns the steps before one of them, or the last ones.
pub(super) fn steps(steps: &[StepView], before: Option<usize>, run: &str) -> Markup {
    let end = before.unwrap_or(steps.len()).min(steps.len());
    let start = end.saturating_sub(STEPS);
    let to = |end: usize| format!("{}?steps={end}#steps", path("/runs", run));
    html! {
        h2 #steps-title { "Steps " span.number { (steps.len()) } }
        @if steps.is_empty() { p.empty { "It has done nothing yet." } }
        @if start > 0 { p { a href=(to(start)) { "Earlier steps" } } }
        ol.steps { @for step in &steps[start..end] { (self::step(step)) } }
        @if end < steps.len() { p { a href=(to(end + STEPS)) { "Later steps" } } }
    }
}

fn step(step: &StepView) -> Markup {
    html! {
        li class={ "step is-" (step.state) } {
            details id={ "step-" (step.step) } {
                summary {
                    span.key { (step.step) }
                    span.what {
                        (step.name)
                        @if step.mutates { " " span.mark-change title="changes the world" { "✎" span.hidden { " changes the world" } } }
                    }
                    @if step.state != "ok" { (badge(&step.state)) }
                    span.took { @if let Some(done) = step.done_at { (took(step.at, done)) } }
                }
                (inside(step))
            }
        }
    }
}

fn inside(step: &StepView) -> Markup {
    html! {
        div.inside {
            p.meta {
                (step.kind) " · line " (step.place.line) " of " (step.place.source) " · " (moment(step.at))
                @if step.attempts > 1 { " · sent " (step.attempts) " times" }
                @if let Some(note) = &step.note { " · " (note) }
            }
            @if !step.request.is_null() { p.label { "asked for" } pre.box { (cut(&pretty(&step.request))) } }
            @if let Some(answer) = &step.answer { p.label { "answered" } pre.box { (cut(&pretty(answer))) } }
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((at, _)) => format!("{}\n… {} bytes in all", &text[..at], text.len()),
        None => text.to_owned(),
    }
}

/// Returns the last lines.
pub(super) fn lines(lines: &[LineView], now: Timestamp) -> Markup {
    let shown = &lines[lines.len().saturating_sub(LINES)..];
    html! {
        h2 #lines-title { "Output" }
        @if lines.is_empty() { p.empty { "It has said nothing yet." } }
        @else {
            @if shown.len() < lines.len() { p.hint { "The last " (LINES) " lines of " (lines.len()) "." } }
            div.log role="log" aria-live="off" tabindex="0" aria-labelledby="lines-title" {
                @for line in shown { (self::line(line, now)) }
            }
        }
    }
}

fn line(line: &LineView, now: Timestamp) -> Markup {
    let level = line.level.as_deref();
    html! {
        div class={ "line is-" (level.unwrap_or("print")) } {
            time datetime=(line.at) title=(moment(line.at)) { (time_of_day(line.at, now)) }
            " "
            @if let Some(level) = level { span.level { (level) } " " }
            span.text { (line.text) }
        }
    }
}
