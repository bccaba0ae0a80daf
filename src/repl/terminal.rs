//! The prompt: reads an input, has it taken, shows trouble, and goes on.

use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;

use rustyline::config::{BellStyle, ColorMode, Config};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Editor};

use super::editor::Helper;
use super::private::holds_secret;
use super::shell::{Next, Shell, Trouble};
use crate::report::exit::{self, Exit};

/// How many inputs the history keeps.
const KEPT: usize = 10_000;

/// Reads and takes inputs until the user leaves.
pub(super) fn work(shell: Shell, history: Option<&Path>) -> Exit {
    let is_styled = shell.face.screen.is_styled;
    let shell = Rc::new(RefCell::new(shell));
    let mut editor = match editor(&shell, is_styled) {
        Ok(editor) => editor,
        Err(fault) => {
            _ = writeln!(
                anstream::stderr(),
                "error: the terminal cannot be used: {fault}"
            );
            return exit::BUG;
        }
    };
    remember(&mut editor, history);
    loop {
        resize(&mut editor, &shell.borrow());
        let prompt = shell.borrow().prompt();
        shell.borrow().face.interrupt.end_readers();
        match editor.readline(&prompt) {
            Ok(input) => {
                keep(&mut editor, &input, history, &shell.borrow());
                if take(&mut shell.borrow_mut(), &input, is_styled) == Next::Leave {
                    return exit::OK;
                }
            }
            Err(ReadlineError::Interrupted) => {}
            // The end of the input, or a terminal that is gone.
            Err(_) => return exit::OK,
        }
    }
}

type Prompt = Editor<Helper, FileHistory>;

fn editor(shell: &Rc<RefCell<Shell>>, is_styled: bool) -> rustyline::Result<Prompt> {
    let colours = match is_styled {
        true => ColorMode::Enabled,
        false => ColorMode::Disabled,
    };
    let config = Config::builder()
        .max_history_size(KEPT)?
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .bell_style(BellStyle::None)
        .color_mode(colours)
        .auto_add_history(false)
        .bracketed_paste(true)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Helper::new(Rc::clone(shell), is_styled)));
    Ok(editor)
}

/// Reads the history; only its owner may read the file.
fn remember(editor: &mut Prompt, history: Option<&Path>) {
    let Some(file) = history else {
        return;
    };
    if let Some(folder) = file.parent() {
        _ = std::fs::create_dir_all(folder);
    }
    // Without its file, the history lasts as long as the session.
    if create_private(file).is_ok() {
        _ = editor.load_history(file);
    }
}

#[cfg(unix)]
fn create_private(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut options = std::fs::OpenOptions::new();
    let opened = options.create(true).append(true).mode(0o600).open(file)?;
    opened.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true).open(file).map(drop)
}

/// Keeps an input in the history, unless it holds a secret.
fn keep(editor: &mut Prompt, input: &str, history: Option<&Path>, shell: &Shell) {
    let input = input.trim();
    if input.is_empty() || holds_secret(input, &shell.world.world.veil) {
        return;
    }
    let is_new = editor.add_history_entry(input).unwrap_or(false);
    if let (true, Some(file)) = (is_new, history) {
        // A history that cannot be written must not stop the work.
        _ = editor.append_history(file);
    }
}

fn resize(editor: &mut Prompt, shell: &Shell) {
    if let Some((columns, rows)) = editor.dimensions() {
        shell.face.screen.resize(columns, rows);
    }
}

fn take(shell: &mut Shell, input: &str, is_styled: bool) -> Next {
    match shell.input(input) {
        Ok(next) => next,
        Err(trouble) => {
            let told = shell.told(&trouble, is_styled);
            let mut err = anstream::stderr();
            if matches!(trouble, Trouble::Interrupted) {
                // The terminal shows `^C` where the cursor was.
                _ = writeln!(err);
            }
            _ = writeln!(err, "{told}");
            Next::Go
        }
    }
}
