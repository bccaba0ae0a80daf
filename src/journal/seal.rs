//! Sealing: values that a replay needs, and that must not lie in clear anywhere.
//!
//! ChaCha20-Poly1305 with a key that never leaves the state directory; a random nonce stands in
//! front of each sealed value.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use super::JournalError;
use super::file::{Files, create_private, sync_folder};

/// The key of a state directory, once it was needed.
#[derive(Debug)]
pub(super) struct Seal {
    files: Files,
    path: PathBuf,
    key: OnceLock<LessSafeKey>,
}

impl Seal {
    /// Returns the seal of a state directory.
    pub(super) fn new(files: &Files) -> Self {
        Self {
            files: files.clone(),
            path: files.state.join("seal.key"),
            key: OnceLock::new(),
        }
    }

    /// Seals a value.
    pub(super) fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, JournalError> {
        if !self.path.exists() {
            self.create()
                .map_err(|source| self.files.io(&self.path, source))?;
        }
        let key = self.key()?;
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce).map_err(|source| self.files.io(&self.path, source))?;
        let mut sealed = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed,
        )
        .map_err(|_| cannot("the value is too long"))?;
        sealed.splice(0..0, nonce);
        Ok(sealed)
    }

    /// Opens a sealed value.
    pub(super) fn unseal(&self, sealed: &[u8]) -> Result<Vec<u8>, JournalError> {
        if sealed.is_empty() {
            return Err(cannot("it was left out when the run was exported"));
        }
        let key = self.key()?;
        let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE_LEN>() else {
            return Err(cannot("it is too short"));
        };
        let mut plain = rest.to_vec();
        let length = key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::empty(),
                &mut plain,
            )
            .map_err(|_| cannot("it was changed, or sealed with another key"))?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    fn key(&self) -> Result<&LessSafeKey, JournalError> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(cannot("`seal.key` is not in the state directory"));
            }
            Err(source) => return Err(self.files.io(&self.path, source)),
        };
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes)
            .map_err(|_| cannot("`seal.key` is damaged"))?;
        Ok(self.key.get_or_init(|| LessSafeKey::new(key)))
    }

    /// Makes the key, whole or not at all; when another process is faster, its key stays.
    fn create(&self) -> io::Result<()> {
        let mut bytes = [0; 32];
        fill(&mut bytes)?;
        let draft = self.path.with_extension(Uuid::new_v4().to_string());
        let mut file = create_private(&draft)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, &self.path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => sync_folder(&self.files.state),
        }
    }
}

fn fill(bytes: &mut [u8]) -> io::Result<()> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| io::Error::other("the system gives no random numbers"))
}

fn cannot(what: &str) -> JournalError {
    JournalError::Sealed { what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> (tempfile::TempDir, Seal) {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::new(&Files::new(folder.path()));
        (folder, seal)
    }

    #[test]
    fn a_sealed_value_opens_with_the_same_key_only() {
        let (folder, first) = seal();
        let sealed = first.seal(b"hunter2").unwrap();
        assert!(!sealed.windows(7).any(|part| part == b"hunter2"));
        assert_ne!(first.seal(b"hunter2").unwrap(), sealed);
        let later = Seal::new(&Files::new(folder.path()));
        assert_eq!(later.unseal(&sealed).unwrap(), b"hunter2");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let (_other, second) = seal();
        assert!(matches!(
            second.unseal(&sealed),
            Err(JournalError::Sealed { .. })
        ));
        second.seal(b"x").unwrap();
        assert!(matches!(
            second.unseal(&sealed),
            Err(JournalError::Sealed { .. })
        ));
    }

    #[test]
    fn a_changed_value_or_key_is_an_error() {
        let (folder, first) = seal();
        let sealed = first.seal(b"hunter2").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(first.unseal(&changed).is_err(), "{at}");
            assert!(first.unseal(&sealed[..at]).is_err(), "{at}");
        }
        fs::write(folder.path().join("seal.key"), "short").unwrap();
        let later = Seal::new(&Files::new(folder.path()));
        assert!(matches!(later.seal(b"x"), Err(JournalError::Sealed { .. })));
    }
}
