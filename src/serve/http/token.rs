//! Secrets in files of the state directory that only the user may read; made at the first start.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use crate::report::{Problem, ProblemKind};
use crate::secret::Secret;

/// The shortest secret that is taken from a file.
const SHORTEST: usize = 16;

/// Returns the secret of a file, which is made when it is missing. Errs when others may read it.
pub fn token(file: &Path) -> Result<Secret<String>, Problem> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            check_private(file)?;
            let text = text.trim();
            if text.len() < SHORTEST {
                let what = format!("the secret in `{}` is too short", file.display());
                return Err(Problem::usage(what).hint("remove the file: the next start makes one"));
            }
            Ok(Secret::new(text.to_owned()))
        }
        Err(fault) if fault.kind() == ErrorKind::NotFound => make(file),
        Err(fault) => Err(unusable(file, &fault)),
    }
}

fn make(file: &Path) -> Result<Secret<String>, Problem> {
    let mut bytes = [0; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Problem::new(ProblemKind::Bug, "the system gives no random numbers"))?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut file| {
        writeln!(file, "{secret}")?;
        file.sync_all()
    });
    written.map_err(|fault| unusable(file, &fault))?;
    Ok(Secret::new(secret))
}

#[cfg(unix)]
fn check_private(file: &Path) -> Result<(), Problem> {
    use std::os::unix::fs::PermissionsExt;
    let about = std::fs::metadata(file).map_err(|fault| unusable(file, &fault))?;
    let mode = about.permissions().mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    let what = format!("others may read `{}` (mode {mode:o})", file.display());
    Err(Problem::usage(what)
        .hint("remove it, since others may know it: the next start makes another"))
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), Problem> {
    Ok(())
}

fn unusable(file: &Path, fault: &std::io::Error) -> Problem {
    let what = format!("the secret in `{}` cannot be used", file.display());
    Problem::usage(what).cause(fault)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_for_the_user() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let secret = token(&file).unwrap();
        assert_eq!(secret.expose().len(), 43);
        assert_eq!(token(&file).unwrap().expose(), secret.expose());
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_secret_that_others_may_read_or_guess_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        token(&file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(token(&file).unwrap_err().what.contains("mode 640"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&file, "short").unwrap();
        assert!(token(&file).unwrap_err().what.contains("too short"));
    }
}
