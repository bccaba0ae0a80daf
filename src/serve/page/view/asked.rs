//! What waits for a person, with the form that answers it.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::inbox::{Asked, Asker, Form, Item, Listing};
use crate::serve::page::frame::proof;
use crate::serve::page::guard::Visitor;
use crate::serve::page::words::{path, short, when};

/// Returns an item as a card.
pub(super) fn card(item: &Item, visitor: &Visitor, now: Timestamp) -> Markup {
    html! {
        article.card.asks id={ "item-" (item.id) } {
            header {
                h3 { a href=(path("/inbox", &item.id)) { (item.text) } }
                p.meta { (asker(item)) " · " (when(item.since, now)) (marks(item)) }
            }
            @if let Some(details) = &item.details { p.details { (details) } }
            (form(item, visitor))
            p.meta.then { (deadline(item, now)) }
        }
    }
}

/// Says that the requests of Jobs could not be looked at.
pub(super) fn unseen(inbox: &Listing) -> Markup {
    html! {
        @if let Some(failure) = &inbox.unseen {
            p.notice { "What Jobs ask is not shown: " (failure.message) }
        }
    }
}

/// Returns who asks.
pub(super) fn asker(item: &Item) -> Markup {
    html! {
        @match &item.asked_by {
            Asker::Run { run, script, step } => {
                a href=(path("/runs", run)) { (script) } " " span.hint { "run " (short(run)) ", step " (step) }
            }
            Asker::Job { job, title, agent } => {
                span { (agent) @if !title.is_empty() { ": " (title) } } " " span.hint { "job " (short(job)) }
            }
        }
    }
}

fn marks(item: &Item) -> Markup {
    html! {
        @if item.reminders > 0 {
            " " span.badge.is-late { (item.reminders) @if item.reminders == 1 { " reminder" } @else { " reminders" } }
        }
        @if item.is_escalated { " " span.badge.is-failed { "escalated" } }
    }
}

/// Returns until when it waits, and what happens then.
pub(super) fn deadline(item: &Item, now: Timestamp) -> Markup {
    html! {
        @match item.deadline {
            Some(at) => { "Until " (when(at, now)) "; then " (item.then) "." },
            None => { "No deadline: " (item.then) "." },
        }
        @if let Some(at) = item.escalates_at { " Goes to somebody else " (when(at, now)) "." }
    }
}

/// Returns the form that answers it.
pub(super) fn form(item: &Item, visitor: &Visitor) -> Markup {
    html! {
        form.answer method="post" action=(path("/inbox", &item.id)) aria-label={ "Answer: " (item.text) } {
            (proof(visitor))
            @match &item.form {
                Form::Text => (text("text", &format!("answer-{}", item.id), "Your answer")),
                Form::Choice { choices } => (buttons("text", choices.iter().map(|one| (one.as_str(), one.as_str())))),
                Form::Approval => (buttons("approved", [("true", "Approve"), ("false", "Deny")].into_iter())),
                Form::Questions { questions } => (all(item, questions)),
            }
            @if matches!(item.form, Form::Text | Form::Questions { .. }) {
                button.primary type="submit" { "Answer" }
            }
        }
    }
}

fn buttons<'a>(name: &str, choices: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        div.buttons {
            @for (value, label) in choices {
                button type="submit" name=(name) value=(value) { (label) }
            }
        }
    }
}

fn text(name: &str, id: &str, label: &str) -> Markup {
    html! {
        label for=(id) { (label) }
        textarea id=(id) name=(name) rows="2" required {}
    }
}

fn all(item: &Item, questions: &[Asked]) -> Markup {
    html! {
        @for (number, asked) in questions.iter().enumerate() {
            @let name = format!("answer.{number}");
            @if asked.options.is_empty() {
                (text(&name, &format!("{name}-{}", item.id), &asked.question))
            } @else {
                (options(&name, asked))
            }
        }
    }
}

fn options(name: &str, asked: &Asked) -> Markup {
    let sort = if asked.is_multiple {
        "checkbox"
    } else {
        "radio"
    };
    html! {
        fieldset {
            legend {
                @if let Some(header) = &asked.header { span.hint { (header) ": " } }
                (asked.question)
                @if asked.is_multiple { " " span.hint { "(several)" } }
            }
            @for option in &asked.options {
                label.option {
                    input type=(sort) name=(name) value=(option.label) required[!asked.is_multiple];
                    span {
                        (option.label)
                        @if let Some(meaning) = &option.description { " " span.hint { (meaning) } }
                    }
                }
            }
        }
    }
}
