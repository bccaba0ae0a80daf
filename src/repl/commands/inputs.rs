//! What is done with inputs and what they declared.

use std::time::Duration;

use super::needed;
use crate::clock::{Clock, SystemClock};
use crate::repl::shell::{Next, Shell, Trouble};
use crate::repl::show::laid_out;
use crate::repl::world::Place;
use crate::report::Problem;
use crate::script::{Finish, Limits, Session, duration};

/// In simulated time a pause takes none; people want one all the same.
const LONGEST_SIMULATED_PAUSE: Duration = Duration::from_secs(1);

/// Lists variables and functions.
pub(super) fn vars(shell: &Shell) {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for variable in shell.session.variables() {
        let value = match &variable.value {
            Ok(value) => shell.masked(value).to_string(),
            Err(words) => words.clone(),
        };
        let kind = match variable.is_constant {
            true => format!("const {}", variable.kind),
            false => variable.kind,
        };
        rows.push(vec![variable.name, kind, value.replace('\n', " ")]);
    }
    let functions = shell.session.functions().into_iter();
    rows.extend(functions.map(|own| vec![own.signature, "fn".into(), String::new()]));
    let text = match rows.is_empty() {
        true => "nothing is declared".into(),
        false => laid_out(&rows, shell.face.screen.width()),
    };
    shell.tell(&text);
}

/// Forgets everything.
pub(super) fn clear(shell: &mut Shell) {
    shell.session.clear();
    shell.record.clear();
    shell.endpoint = None;
}

/// Says how long an input takes.
pub(super) fn time(shell: &mut Shell, input: &str) -> Result<Next, Trouble> {
    let input = needed(input, "time")?;
    let real = SystemClock::new();
    let (began, simulated) = (real.elapsed(), shell.world.world.clock.elapsed());
    let (shown, next) = shell.evaluate(input)?;
    let took = real.elapsed().saturating_sub(began);
    let passed = shell.world.world.clock.elapsed().saturating_sub(simulated);
    shell.show(&shown);
    let told = match shell.world.world.place {
        Place::Live => format!("took {}", told(took)),
        Place::Simulator => format!("took {}, {} of simulated time", told(took), told(passed)),
    };
    shell.tell(&told);
    Ok(next)
}

fn told(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0 => format!("{} ms", took.as_millis()),
        1..60 => format!("{:.1} s", took.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Evaluates an input again and again.
pub(super) fn watch(shell: &mut Shell, given: &str) -> Result<Next, Trouble> {
    let given = needed(given, "watch")?;
    let (pause, input) = given.split_once(char::is_whitespace).unwrap_or((given, ""));
    let input = needed(input.trim(), "watch")?;
    let length = duration(pause).map_err(Problem::usage)?;
    loop {
        let (shown, next) = shell.evaluate(input)?;
        let now = shell.world.world.clock.now();
        let now = jiff::ZonedDateTime::new(now, shell.face.screen.zone.clone());
        shell.tell(&format!("-- {}", now.strftime("%Y-%m-%d %H:%M:%S")));
        shell.show(&shown);
        if next == Next::Leave || !rest(shell, length)? {
            return Ok(next);
        }
    }
}

/// Lets time pass in the world; returns whether nobody wanted to stop meanwhile.
fn rest(shell: &mut Shell, length: Duration) -> Result<bool, Trouble> {
    let is_simulated = shell.world.world.place == Place::Simulator;
    let seconds = length.as_secs_f64();
    let permissions = shell.face.permissions.clone();
    let (evaluated, _) = shell.guarded(&permissions, |_, host, control| {
        Session::new(Limits::default()).evaluate(&format!("sleep({seconds:?})"), host, control)
    });
    match evaluated.finish {
        Finish::Failed(problem) => Err(problem.into()),
        Finish::Stopped(_) => Ok(false),
        Finish::Done(_) | Finish::Told(_) | Finish::Left(_) => {
            let pause = match is_simulated && shell.is_interactive() {
                true => length.min(LONGEST_SIMULATED_PAUSE),
                false => Duration::ZERO,
            };
            Ok(!shell.face.interrupt.wait(pause))
        }
    }
}
