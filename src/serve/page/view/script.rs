//! A run's script with the line marked where it stands, and the sources beside it.

use maud::{Markup, html};

use crate::serve::view::{PlaceView, SourceView};

/// Returns the script, and what it was run with.
pub(super) fn script(sources: &[SourceView], at: Option<&PlaceView>, is_ended: bool) -> Markup {
    let (main, others) = match sources.split_first() {
        Some((main, others)) => (Some(main), others),
        None => (None, sources),
    };
    html! {
        h2 #script-title { "Script" }
        @match main {
            Some(main) => (listing(main, line_in(main, at), is_ended)),
            None => p.empty { "It was not kept." },
        }
        @for source in others {
            @let line = line_in(source, at);
            details id={ "source-" (source.name) } open[line.is_some()] {
                summary { (source.name) }
                (listing(source, line, is_ended))
            }
        }
    }
}

fn line_in(source: &SourceView, at: Option<&PlaceView>) -> Option<u32> {
    let at = at.filter(|at| at.source == source.name)?;
    (at.line > 0).then_some(at.line)
}

fn listing(source: &SourceView, current: Option<u32>, is_ended: bool) -> Markup {
    let word = if is_ended {
        "it ended here"
    } else {
        "it stands here"
    };
    html! {
        p.meta { (source.name) @if let Some(line) = current { ", line " (line) } }
        ol.code tabindex="0" aria-label=(source.name) {
            @for (number, line) in (1_u32..).zip(source.text.lines()) {
                @if Some(number) == current {
                    li.is-current aria-current="step" { code { (line) } span.hidden { " ← " (word) } }
                } @else {
                    li { code { (line) } }
                }
            }
        }
    }
}
