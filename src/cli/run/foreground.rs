//! A run in the foreground: it blocks where it stands, until it ends or somebody stops it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::Loaded;
use crate::cli::command::Format;
use crate::cli::connect::World;
use crate::cli::exit::{self, Exit};
use crate::cli::{output, show_veiled};
use crate::journal::{Journal, Order};
use crate::report::{Place, Problem, ProblemKind, Sources, guarded};
use crate::run::{Concluded, DurableRun, End, EphemeralHost};
use crate::script::{self, Control, Ended, Limits, Outcome, Site, Stop, execute};

/// How long a stopped script may take to come back before the process ends without it.
const GRACE: Duration = Duration::from_secs(4);

/// What the main thread waits for.
enum News<T> {
    Ended(T),
    Interrupted,
    Ordered(Order),
}

/// Runs a script without a record to its end, or until the user interrupts it.
pub(super) fn finish_ephemeral(
    (script, arguments): Loaded,
    limits: Limits,
    host: EphemeralHost,
    world: &World,
    format: Format,
) -> Exit {
    let host = Arc::new(host);
    let control = Arc::new(Control::default());
    let (sender, news) = channel();
    on_interrupt(world, &sender);
    let (working, stop) = (Arc::clone(&host), Arc::clone(&control));
    std::thread::spawn(move || {
        let ended = guarded("the run", || {
            execute(&script, &arguments, working, &limits, control)
        });
        _ = sender.send(News::Ended(ended));
    });
    let ended = wait_for(&news, |_| {
        stop.stop(Stop::Interrupted);
        host.stop();
    });
    match ended {
        Some(Ok(ended)) => conclude_ephemeral(ended, &host, world, format),
        Some(Err(problem)) => {
            show_veiled(&problem, &Sources::default(), &world.veil);
            exit::of(problem.kind)
        }
        None => exit::INTERRUPTED,
    }
}

/// Runs a durable run until it ends or stops, shows how it stands, and returns its exit code.
pub(in crate::cli) fn finish_durable(
    run: DurableRun,
    journal: &Journal,
    world: &World,
    format: Format,
) -> Result<Exit, Problem> {
    let id = run.id().to_owned();
    let concluded = see_through(run, journal, world)?;
    Ok(conclude(&id, concluded, world, format))
}

/// Runs a durable run until it ends or stops: by an interrupt here, or by an order from elsewhere.
pub(in crate::cli) fn see_through(
    run: DurableRun,
    journal: &Journal,
    world: &World,
) -> Result<Concluded, Problem> {
    let (id, stopper) = (run.id().to_owned(), run.stopper());
    let control = Arc::new(Control::default());
    let (sender, news) = channel();
    on_interrupt(world, &sender);
    on_order(world, journal, &id, &sender);
    let stop = Arc::clone(&control);
    std::thread::spawn(move || {
        // A thread that ends without a word would be waited for until somebody interrupts.
        let ended = guarded("the run", || run.execute(control)).and_then(|ended| ended);
        _ = sender.send(News::Ended(ended));
    });
    let concluded = wait_for(&news, |order| match order {
        None => {
            stop.stop(Stop::Interrupted);
            stopper.interrupt();
        }
        Some(order) => {
            if stopper.obey(order) {
                stop.stop(Stop::ByHost);
            }
        }
    });
    match concluded {
        None => Err(stopped(&id, None)),
        Some(Err(problem)) if problem.kind == ProblemKind::Bug => Err(problem.hint(resume(&id))),
        Some(concluded) => concluded,
    }
}

/// Waits for the end; an interrupt or an order is passed on, and then it must come soon.
fn wait_for<T>(news: &Receiver<News<T>>, stop: impl Fn(Option<Order>)) -> Option<T> {
    let mut patience = None;
    loop {
        let next = match patience {
            None => news
                .recv()
                .map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            // Whatever still blocks, such as reading the terminal, ends with the process.
            Some(patience) => news.recv_timeout(patience),
        };
        match next {
            Ok(News::Ended(ended)) => return Some(ended),
            Ok(News::Interrupted) if patience.is_some() => return None,
            Ok(News::Interrupted) => {
                stop(None);
                patience = Some(GRACE);
            }
            // A run that is cancelled may have to clean up, for as long as that takes.
            Ok(News::Ordered(order)) => stop(Some(order)),
            Err(_) => return None,
        }
    }
}

/// Tells of an interrupt by the user; it returns only when that is made sure, for a signal that comes
/// before would end the process without a word.
fn on_interrupt<T: Send + 'static>(world: &World, sender: &Sender<News<T>>) {
    let sender = sender.clone();
    let (armed, is_armed) = channel();
    world.runtime.spawn(async move {
        let mut armed = Some(armed);
        loop {
            let mut signal = pin!(tokio::signal::ctrl_c());
            let interrupted = poll_fn(|context| {
                let polled = signal.as_mut().poll(context);
                armed.take();
                polled
            });
            // The run may have ended in the same instant.
            if interrupted.await.is_err() || sender.send(News::Interrupted).is_err() {
                return;
            }
        }
    });
    // It ends when the sender is dropped: nothing is ever sent.
    _ = is_armed.recv() as Result<(), _>;
}

/// Tells of what somebody orders from elsewhere.
fn on_order<T: Send + 'static>(
    world: &World,
    journal: &Journal,
    id: &str,
    sender: &Sender<News<T>>,
) {
    let (sender, journal, id) = (sender.clone(), journal.clone(), id.to_owned());
    let mut changes = journal.changes();
    world.runtime.spawn(async move {
        loop {
            let ordered = journal.run(&id).ok().flatten().and_then(|run| run.ordered);
            if let Some(order) = ordered {
                _ = sender.send(News::Ordered(order));
                return;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    });
}

fn conclude_ephemeral(ended: Ended, host: &EphemeralHost, world: &World, format: Format) -> Exit {
    let texts = ended.texts();
    match ended.outcome {
        Outcome::Done(mut value) => {
            world.veil.hide_in(&mut value);
            output::show(value, None, format);
            exit::OK
        }
        Outcome::Failed(problem) => {
            show_veiled(&problem, &texts, &world.veil);
            exit::of(problem.kind)
        }
        Outcome::Stopped(Stop::Interrupted) => exit::INTERRUPTED,
        Outcome::Stopped(_) => {
            if let Some(problem) = host.broken() {
                show_veiled(&problem, &texts, &world.veil);
                return exit::of(problem.kind);
            }
            exit::SCRIPT
        }
    }
}

/// Shows how a run stands, and returns its exit code.
pub(in crate::cli) fn conclude(
    id: &str,
    concluded: Concluded,
    world: &World,
    format: Format,
) -> Exit {
    let problem = match concluded.end {
        End::Done(mut value) => {
            world.veil.hide_in(&mut value);
            output::show(value, None, format);
            return exit::OK;
        }
        End::Failed(problem) => problem,
        End::Cancelled(problem) => cancelled(id, problem),
        End::Interrupted(reason) => stopped(id, reason.as_deref()),
        End::Suspended(reason) => stopped(id, Some(&reason)),
        End::Paused => {
            Problem::new(ProblemKind::Waiting, format!("the run {id} is paused")).hint(resume(id))
        }
        End::Uncertain(uncertain) => {
            let what = format!(
                "{} was cut off, and nobody can tell whether it was done: {}",
                uncertain.endpoint, uncertain.why
            );
            let step = &uncertain.step.key.0;
            Problem::new(ProblemKind::Waiting, what)
                .at(place(&uncertain.step.site))
                .cause(&format!("it asked for {}", uncertain.request))
                .hint(format!(
                    "see whether it was done, then say so: `duvoscript runs resolve {id} {step}` \
                     with `--retry`, `--done JSON` or `--fail`"
                ))
                .hint(resume(id))
        }
        End::Diverged(divergence) => {
            let what = format!(
                "step {} of the run {id} is not what it was before",
                divergence.step.0
            );
            Problem::new(ProblemKind::Waiting, what)
                .at(place(&divergence.site))
                .cause(&format!("recorded: {}", divergence.recorded))
                .cause(&format!("now:      {}", divergence.asked))
                .hint("nothing was sent")
                .hint(format!("{} with the source that it began with", resume(id)))
        }
    };
    show_veiled(&problem, &script::texts(&concluded.sources), &world.veil);
    exit::of(problem.kind)
}

fn resume(id: &str) -> String {
    format!("`duvoscript runs resume {id}` goes on")
}

/// Describes a run that was stopped here and can go on.
fn stopped(id: &str, reason: Option<&str>) -> Problem {
    match reason {
        Some(reason) => Problem::new(ProblemKind::Waiting, format!("the run {id} {reason}")),
        None => Problem::new(
            ProblemKind::Interrupted,
            format!("the run {id} was interrupted"),
        ),
    }
    .hint(resume(id))
}

fn cancelled(id: &str, problem: Option<Problem>) -> Problem {
    let what = format!("the run {id} was cancelled");
    match problem {
        None => Problem::new(ProblemKind::Interrupted, what),
        Some(mut problem) => {
            problem.what = format!("{what}, and its clean-up failed: {}", problem.what);
            problem
        }
    }
}

fn place(site: &Site) -> Place {
    Place {
        source: site.source.clone(),
        line: site.line,
        column: site.column,
        length: 0,
    }
}
