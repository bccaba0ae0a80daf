//! The prompt: inputs are evaluated in a session, and shown as people want to see them.
//!
//! | part | its one job |
//! | --- | --- |
//! | `shell` | take one input or command, and say what came of it |
//! | `commands` | the table of `:commands`, one file a topic |
//! | `guard` | the Host of an input: asks before what destroys, shows instead of sending |
//! | `world` | where a session works: the simulator, or Duvo |
//! | `read` | what stands at the prompt, piece by piece |
//! | `complete` | what can stand at the cursor |
//! | `show` | values as tables, times as people say them, long ones page by page |
//! | `editor`, `colours` | what the line editor asks, and how an input is coloured |
//! | `terminal`, `piped` | the prompt, and inputs from a pipe |
//!
//! Nothing here reads arguments or the environment: that is done for it, in [`Face`].

mod colours;
mod commands;
mod complete;
mod editor;
mod guard;
mod interrupt;
mod lines;
mod piped;
mod planned;
mod private;
mod read;
mod record;
mod screen;
mod shell;
mod show;
mod terminal;
#[cfg(test)]
mod tests;
mod world;

pub use interrupt::Interrupt;
pub use lines::read_line;
pub use screen::Screen;
pub use shell::{Face, Form, Shell, Trouble};
pub use world::{Connect, Place, World, Worlds};

use std::path::Path;

use crate::report::exit::Exit;

/// Works through inputs: at a prompt where somebody sits there, line by line where nobody does.
pub fn work(shell: Shell, history: Option<&Path>) -> Exit {
    if shell.is_interactive() {
        terminal::work(shell, history)
    } else {
        piped::work(shell, std::io::stdin().lock())
    }
}
