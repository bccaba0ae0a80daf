//! The terminal: output on stdout, talk on stderr, answers from stdin.

use std::io::{IsTerminal, Write};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::ProgressBar;

use crate::clock::Clock;
use crate::run::{Console, Reply};
use crate::script::{Level, Question};

/// The person at the terminal, or the pipe in their place.
pub(super) struct Terminal {
    clock: Arc<dyn Clock>,
    /// Whether stdout is kept for the result alone.
    only_result: bool,
    /// The least grave level that is shown.
    least: Level,
    spinner: Mutex<Option<ProgressBar>>,
    reads: Option<Reads>,
    /// Who still reads the line that an earlier question gave up waiting for.
    reader: Mutex<Option<Line>>,
}

/// Reads the line that answers a question, for no longer than this.
type Reads = Box<dyn Fn(Option<Duration>) -> Result<String, Reply> + Send + Sync>;

/// A line from stdin, once it is there; none when there is nothing more.
type Line = mpsc::Receiver<Option<String>>;

impl Terminal {
    /// Returns a terminal; `only_result` sends printed lines to stderr.
    pub(super) fn new(clock: Arc<dyn Clock>, only_result: bool, least: Level) -> Self {
        Self {
            clock,
            only_result,
            least,
            spinner: Mutex::default(),
            reads: None,
            reader: Mutex::default(),
        }
    }

    /// Reads answers in another way.
    pub(super) fn reading(mut self, reads: Reads) -> Self {
        self.reads = Some(reads);
        self
    }

    /// Waits for a line from stdin. One that comes after the patience is over belongs to whoever asks
    /// next: a question that is asked again must not lose its answer.
    fn next_line(&self, patience: Option<Duration>) -> Result<String, Reply> {
        let pending = || self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = pending().take();
        let line = earlier.or_else(read_line).ok_or(Reply::Nobody)?;
        let read = match patience {
            Some(patience) => match line.recv_timeout(patience) {
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    *pending() = Some(line);
                    return Err(Reply::TooLate);
                }
                read => read.ok(),
            },
            None => line.recv().ok(),
        };
        let text = read.flatten().ok_or(Reply::Nobody)?;
        Ok(text.trim().to_owned())
    }

    /// Writes with the spinner out of the way.
    fn talk(&self, write: impl FnOnce()) {
        match &*self.spinner.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }
}

impl Console for Terminal {
    fn print(&self, line: &str) {
        // Whoever closed the pipe wants no more lines; the run itself goes on.
        self.talk(|| {
            _ = if self.only_result {
                writeln!(anstream::stderr(), "{line}")
            } else {
                writeln!(anstream::stdout(), "{line}")
            };
        });
    }

    fn log(&self, level: Level, line: &str) {
        if level < self.least {
            return;
        }
        let time = self.clock.now().strftime("%H:%M:%S").to_string();
        let style = style_of(level);
        let name = level.as_str();
        self.talk(|| _ = writeln!(anstream::stderr(), "{time} {style}{name:5}{style:#} {line}"));
    }

    fn status(&self, status: Option<&str>) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let mut spinner = self.spinner.lock().unwrap_or_else(PoisonError::into_inner);
        match status {
            Some(status) => {
                let bar = spinner.get_or_insert_with(|| {
                    let bar = ProgressBar::new_spinner();
                    bar.enable_steady_tick(Duration::from_millis(120));
                    bar
                });
                bar.set_message(status.to_owned());
            }
            None => {
                if let Some(bar) = spinner.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }

    fn ask(&self, question: &Question, patience: Option<Duration>) -> Reply {
        self.status(None);
        let mut patience = patience;
        loop {
            self.talk(|| show(question));
            let line = match &self.reads {
                Some(reads) => reads(patience),
                None => self.next_line(patience),
            };
            // Whatever comes next must not stand behind the prompt; a person types the line's end.
            if line.is_err() || !std::io::stdin().is_terminal() {
                self.talk(|| _ = writeln!(anstream::stderr()));
            }
            let line = match line {
                Ok(line) => line,
                Err(reply) => return reply,
            };
            if let Some(answer) = chosen(&line, &question.choices) {
                return Reply::Answered(answer);
            }
            let what = match line.as_str() {
                "" => "an answer is wanted".to_owned(),
                line => format!("`{line}` is none of the choices"),
            };
            self.talk(|| _ = writeln!(anstream::stderr(), "{what}"));
            // Asking again must not start the deadline anew for ever: a minute is enough to type.
            patience = patience.map(|left| left.min(Duration::from_secs(60)));
        }
    }
}

fn style_of(level: Level) -> Style {
    let colour = match level {
        Level::Debug => AnsiColor::BrightBlack,
        Level::Info => AnsiColor::Green,
        Level::Warn => AnsiColor::Yellow,
        Level::Error => AnsiColor::Red,
    };
    colour.on_default()
}

fn show(question: &Question) {
    let mut err = anstream::stderr();
    let bold = Style::new().bold();
    _ = writeln!(err, "{bold}? {}{bold:#}", question.text);
    for line in question.details.iter().flat_map(|details| details.lines()) {
        _ = writeln!(err, "  {line}");
    }
    for (number, choice) in (1..).zip(&question.choices) {
        _ = writeln!(err, "  {number}) {choice}");
    }
    _ = write!(err, "> ");
    _ = err.flush();
}

/// Reads a line from stdin, on a thread of its own, for a terminal cannot be read with a deadline.
fn read_line() -> Option<Line> {
    let (sender, line) = mpsc::channel();
    let reader = std::thread::Builder::new()
        .name("stdin".into())
        .spawn(move || {
            let mut line = String::new();
            let read = std::io::stdin().read_line(&mut line);
            // Nobody may wait for it any more.
            _ = sender.send(read.ok().filter(|count| *count > 0).map(|_| line));
        });
    reader.is_ok().then_some(line)
}

/// Returns the answer that a line means: a choice by its number or its beginning, or any text.
pub(super) fn chosen(line: &str, choices: &[String]) -> Option<String> {
    if choices.is_empty() {
        return (!line.is_empty()).then(|| line.to_owned());
    }
    let by_number = line
        .parse::<usize>()
        .ok()
        .and_then(|number| choices.get(number.checked_sub(1)?));
    let lower = line.to_lowercase();
    let begins = |choice: &&String| !lower.is_empty() && choice.to_lowercase().starts_with(&lower);
    let mut matching = choices.iter().filter(begins);
    let by_text = match (matching.next(), matching.next()) {
        (Some(only), None) => Some(only),
        _ => choices.iter().find(|choice| choice.to_lowercase() == lower),
    };
    by_number.or(by_text).cloned()
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn takes_a_choice_by_number_or_beginning() {
        let choices = [
            "approve".to_owned(),
            "deny".to_owned(),
            "deny all".to_owned(),
        ];
        let chosen = |line| chosen(line, &choices);
        assert_eq!(chosen("1").as_deref(), Some("approve"));
        assert_eq!(chosen("A").as_deref(), Some("approve"));
        assert_eq!(chosen("deny").as_deref(), Some("deny"));
        assert_eq!(
            (chosen("d"), chosen("0"), chosen("9"), chosen("")),
            (None, None, None, None)
        );
        assert_eq!(super::chosen("any text", &[]).as_deref(), Some("any text"));
    }
}
