//! `duvoscript runs upgrade`: whether a run can go on with the sources as they are now.

use clap::Args;
use serde_json::{Value, json};

use super::told::tell;
use super::which::Which;
use crate::cli::command::{Action, Context, Format};
use crate::cli::connect::run_runtime;
use crate::cli::exit::{self, Exit};
use crate::cli::{output, show};
use crate::journal::{Journal, Order, RunRow};
use crate::report::{Place, Problem, ProblemKind, Sources};
use crate::run::{Difference, compare, switch};
use crate::script::{self, Site, Source};

/// Compares a run with its script as it is now; exits with 3 when they differ
///
/// What is recorded is asked for again, without any effect: each step must be the same. Without
/// `--apply` nothing is changed, and the run goes on with the sources that it began with.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs upgrade last --apply")]
pub(super) struct Upgrade {
    #[command(flatten)]
    which: Which,
    /// Let the run go on with the sources as they are now, if they fit
    #[arg(long)]
    apply: bool,
}

impl Action for Upgrade {
    const NAME: &'static str = "upgrade";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let (journal, run) = self.which.find_open(context)?;
        can_upgrade(&journal, &run)?;
        let comparison = compare(&journal, &run, run_runtime()?)?;
        if let Some(difference) = comparison.difference {
            return differs(&journal, &run, (difference, &comparison.sources), context);
        }
        if self.apply {
            switch(&journal, &run, &comparison.sources)?;
        }
        let value = json!({
            "run": run.id, "safe": true, "applied": self.apply, "steps": run.steps,
            "difference": null,
        });
        tell(context, value, &safe(&run, self.apply));
        Ok(exit::OK)
    }
}

fn can_upgrade(journal: &Journal, run: &RunRow) -> Result<(), Problem> {
    if journal.is_owned(run) {
        let what = format!("the run {} is being executed", run.id);
        return Err(Problem::usage(what).hint(format!(
            "`duvoscript runs pause {}` puts it on hold",
            run.id
        )));
    }
    if run.ordered == Some(Order::Cancel) || run.cancelled_at.is_some() {
        let what = format!("the run {} is being cancelled", run.id);
        return Err(Problem::usage(what).hint("its clean-up is that of the source it began with"));
    }
    Ok(())
}

fn safe(run: &RunRow, is_applied: bool) -> String {
    let steps = match run.steps {
        0 => "nothing is recorded yet".to_owned(),
        1 => "the recorded step is the same".to_owned(),
        steps => format!("the {steps} recorded steps are the same"),
    };
    if is_applied {
        format!(
            "safe: {steps}; `duvoscript runs resume {}` goes on with the present source",
            run.id
        )
    } else {
        format!("safe: {steps}; `--apply` switches the run to the present source")
    }
}

/// Shows the first difference.
fn differs(
    journal: &Journal,
    run: &RunRow,
    (difference, sources): (Difference, &[Source]),
    context: &Context,
) -> Result<Exit, Problem> {
    let told = told(&difference);
    let (problem, texts) = match difference {
        Difference::Missing { .. } => (problem(difference), recorded_texts(journal, run)?),
        _ => (problem(difference), script::texts(sources)),
    };
    if context.global.output == Format::Json {
        let value = json!({
            "run": run.id, "safe": false, "applied": false, "steps": run.steps,
            "difference": told,
        });
        output::show(value, None, Format::Json);
    }
    show(&problem, &texts);
    Ok(exit::of(problem.kind))
}

/// Returns a difference for programs.
fn told(difference: &Difference) -> Value {
    let place =
        |site: &Site| json!({ "source": site.source, "line": site.line, "column": site.column });
    match difference {
        Difference::Changed(divergence) => json!({
            "kind": "changed", "step": divergence.step.0, "at": place(&divergence.site),
            "recorded": divergence.recorded, "present": divergence.asked,
        }),
        Difference::Missing {
            step,
            site,
            recorded,
        } => json!({
            "kind": "missing", "step": step.0, "at": place(site), "recorded": recorded,
            "present": null,
        }),
        Difference::Fails(problem) => json!({ "kind": "fails", "problem": problem.what }),
    }
}

fn problem(difference: Difference) -> Problem {
    let problem = |what| Problem::new(ProblemKind::Source, what);
    let problem = match difference {
        Difference::Changed(divergence) => problem(format!(
            "step {} asks for something else now",
            divergence.step.0
        ))
        .at(place(&divergence.site))
        .cause(&format!("recorded: {}", divergence.recorded))
        .cause(&format!("now:      {}", divergence.asked)),
        Difference::Missing {
            step,
            site,
            recorded,
        } => problem(format!("step {} is not asked for any more", step.0))
            .at(place(&site))
            .cause(&format!("recorded: {recorded}")),
        Difference::Fails(mut problem) => {
            problem.kind = ProblemKind::Source;
            problem.hint("so the script would fail where the run goes on")
        }
    };
    problem.hint("nothing was changed: the run goes on with the source that it began with")
}

fn recorded_texts(journal: &Journal, run: &RunRow) -> Result<Sources, Problem> {
    let mut texts = Sources::default();
    for source in journal.sources(&run.id)? {
        texts.insert(source.name, source.text);
    }
    Ok(texts)
}

fn place(site: &Site) -> Place {
    Place {
        source: site.source.clone(),
        line: site.line,
        column: site.column,
        length: 0,
    }
}
