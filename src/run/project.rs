//! The project's directory: the only files a script can reach.
//!
//! The guard is `cap-std`'s: the system is asked for files below the opened directory only, so a
//! `..`, an absolute path or a symlink that leads out is refused even if it appears meanwhile.

use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

use crate::report::{Failure, FailureKind};
use crate::script::Source;

/// Largest file that a script can read at once.
const MAX_FILE: u64 = 256 << 20;

/// A directory that scripts may read and write below.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    dir: Dir,
    /// What is written goes here, and is read from here first.
    scratch: Option<Dir>,
}

impl Project {
    /// Opens the directory.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Failure> {
        let root = root.into();
        let dir = directory(&root)?;
        Ok(Self {
            root,
            dir,
            scratch: None,
        })
    }

    /// Opens the directory for reading; what is written goes to another one, and lies over it.
    pub fn open_below(root: impl Into<PathBuf>, scratch: &Path) -> Result<Self, Failure> {
        let mut project = Self::open(root)?;
        project.scratch = Some(directory(scratch)?);
        Ok(project)
    }

    /// Returns the directory's path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the paths of all scripts below a folder, sorted; none when there is no such folder.
    /// Links to folders are not followed.
    pub fn scripts(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match self.dir.read_dir(inside(&folder)?) {
                Ok(entries) => entries,
                Err(fault) if fault.kind() == ErrorKind::NotFound => continue,
                Err(fault) => return Err(broken("read", &folder, &fault)),
            };
            for entry in entries {
                let entry = entry.map_err(|fault| broken("read", &folder, &fault))?;
                // A name that is no UTF-8 cannot be written in a declaration or an import either.
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                let path = format!("{folder}/{name}");
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                } else if Path::new(&name)
                    .extension()
                    .is_some_and(|end| end == "rhai")
                {
                    found.push(path);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads a file whole.
    pub fn read(&self, file: &str) -> Result<Vec<u8>, Failure> {
        let path = inside(file)?;
        let handle = self
            .home(&path)
            .open(path)
            .map_err(|fault| broken("read", file, &fault))?;
        let size = handle.metadata().map_or(0, |metadata| metadata.len());
        if size > MAX_FILE {
            return Err(Failure::new(
                FailureKind::Io,
                format!("`{file}` has {size} bytes, more than {MAX_FILE}"),
            ));
        }
        let mut content = Vec::new();
        handle
            .take(MAX_FILE)
            .read_to_end(&mut content)
            .map_err(|fault| broken("read", file, &fault))?;
        Ok(content)
    }

    /// Writes a file whole: after a crash there is the old content or the new, never half of it.
    pub fn write(&self, file: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.prepare(file)?;
        let draft = path.with_file_name(format!(".{}.part", file_name(&path)));
        let written = self
            .write_draft(&draft, content)
            .and_then(|()| self.target().rename(&draft, self.target(), &path));
        written.map_err(|fault| {
            // The draft is of no use to anybody; that it may be gone already is fine.
            let _ = self.target().remove_file(&draft);
            broken("write", file, &fault)
        })
    }

    /// Adds to the end of a file, and makes it when it is not there.
    pub fn append(&self, file: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.prepare(file)?;
        if self.scratch.is_some() && self.size(file)? > 0 && !self.target().exists(&path) {
            self.write(file, &self.read(file)?)?;
        }
        let handle = self
            .target()
            .open_with(path, OpenOptions::new().append(true).create(true));
        handle
            .and_then(|mut handle| handle.write_all(content))
            .map_err(|fault| broken("write", file, &fault))
    }

    /// Returns a file's size in bytes; 0 when it is not there.
    pub fn size(&self, file: &str) -> Result<u64, Failure> {
        let path = inside(file)?;
        match self.home(&path).metadata(&path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(0),
            Err(fault) => Err(broken("read", file, &fault)),
        }
    }

    /// Finds the source that an import means: relative to the importer, inside the project.
    pub fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        let name = Self::imported(importer, path)?;
        let content = self.read(&name).map_err(|failure| match failure.kind {
            FailureKind::NotFound => failure.hint(format!(
                "the path is relative to `{importer}`, which imports it"
            )),
            _ => failure,
        })?;
        let text = String::from_utf8(content)
            .map_err(|_| Failure::new(FailureKind::Io, format!("`{name}` is not UTF-8 text")))?;
        Ok(Source { name, text })
    }

    /// Returns the name of the source that an import means, without a look at the disk.
    pub fn imported(importer: &str, path: &str) -> Result<String, Failure> {
        let folder = Path::new(importer).parent().unwrap_or(Path::new(""));
        let mut wanted = folder.join(path);
        if wanted
            .extension()
            .is_none_or(|extension| extension != "rhai")
        {
            wanted.as_mut_os_string().push(".rhai");
        }
        tidy(&wanted).ok_or_else(|| outside(path))
    }

    /// Returns where files are written.
    fn target(&self) -> &Dir {
        self.scratch.as_ref().unwrap_or(&self.dir)
    }

    /// Returns where a file is read from.
    fn home(&self, path: &Path) -> &Dir {
        let scratch = self.scratch.as_ref().filter(|dir| dir.exists(path));
        scratch.unwrap_or(&self.dir)
    }

    fn prepare(&self, file: &str) -> Result<PathBuf, Failure> {
        let path = inside(file)?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            self.target()
                .create_dir_all(folder)
                .map_err(|fault| broken("write", file, &fault))?;
        }
        Ok(path)
    }

    fn write_draft(&self, draft: &Path, content: &[u8]) -> std::io::Result<()> {
        let mut handle = self.target().create(draft)?;
        handle.write_all(content)?;
        handle.sync_data()
    }
}

fn directory(root: &Path) -> Result<Dir, Failure> {
    Dir::open_ambient_dir(root, ambient_authority()).map_err(|fault| {
        Failure::new(
            FailureKind::Io,
            format!("cannot open the project `{}`: {fault}", root.display()),
        )
    })
}

fn inside(file: &str) -> Result<PathBuf, Failure> {
    let path = tidy(Path::new(file)).ok_or_else(|| outside(file))?;
    if path.is_empty() || path.contains('\0') {
        return Err(Failure::invalid(format!(
            "`{}` is no path of a file",
            file.escape_debug()
        )));
    }
    Ok(PathBuf::from(path))
}

/// Resolves `.` and `..` in the text; `None` when it leads out, or starts at a root.
fn tidy(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => _ = parts.pop()?,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn outside(file: &str) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("`{}` lies outside the project", file.escape_debug()),
    )
    .hint("scripts reach only files below the project's directory, by paths relative to it")
}

fn broken(what: &str, file: &str, fault: &std::io::Error) -> Failure {
    match fault.kind() {
        ErrorKind::PermissionDenied if fault.raw_os_error().is_none() => outside(file),
        ErrorKind::NotFound => {
            let failure = Failure::new(FailureKind::NotFound, format!("there is no file `{file}`"));
            failure.hint("paths are relative to the project's directory")
        }
        _ => Failure::new(FailureKind::Io, format!("cannot {what} `{file}`: {fault}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> (tempfile::TempDir, Project) {
        let outer = tempfile::tempdir().unwrap();
        std::fs::create_dir(outer.path().join("project")).unwrap();
        std::fs::write(outer.path().join("secret.txt"), "secret").unwrap();
        let project = Project::open(outer.path().join("project")).unwrap();
        (outer, project)
    }

    #[test]
    fn writes_reads_and_appends_below_the_root() {
        let (_outer, project) = project();
        project.write("out/a.txt", b"one").unwrap();
        project.append("./out/b/../a.txt", b" two").unwrap();
        assert_eq!(project.read("out/a.txt").unwrap(), b"one two");
        assert_eq!(
            project.read("nope.txt").unwrap_err().kind,
            FailureKind::NotFound
        );
        let left: Vec<_> = std::fs::read_dir(project.root().join("out"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1, "a draft was left behind");
    }

    #[test]
    fn what_is_written_over_a_project_leaves_it_as_it_is() {
        let (_outer, under) = project();
        under.write("a.txt", b"one").unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let over = Project::open_below(under.root(), scratch.path()).unwrap();
        over.append("a.txt", b" two").unwrap();
        over.write("b/c.txt", b"new").unwrap();
        assert_eq!(over.read("a.txt").unwrap(), b"one two");
        assert_eq!(over.size("b/c.txt").unwrap(), 3);
        assert_eq!(under.read("a.txt").unwrap(), b"one");
        assert!(under.read("b/c.txt").is_err());
    }

    #[test]
    fn refuses_every_way_out() {
        let (outer, project) = project();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outer.path(), project.root().join("link")).unwrap();
        let absolute = outer.path().join("secret.txt");
        for path in [
            "../secret.txt",
            "a/../../secret.txt",
            "link/secret.txt",
            absolute.to_str().unwrap(),
        ] {
            let kind = project.read(path).unwrap_err().kind;
            assert_eq!(kind, FailureKind::Refused, "{path}");
            assert!(project.write(path, b"x").is_err(), "{path}");
        }
        assert_eq!(
            std::fs::read(outer.path().join("secret.txt")).unwrap(),
            b"secret"
        );
        assert!(
            project.read("").is_err()
                && project.read("a\0b").is_err()
                && project.read(".").is_err()
        );
    }

    #[test]
    fn finds_scripts_below_a_folder() {
        let (outer, project) = project();
        assert_eq!(project.scripts("scripts").unwrap(), [""; 0]);
        for file in [
            "scripts/b.rhai",
            "scripts/a/c.rhai",
            "scripts/a.txt",
            "d.rhai",
        ] {
            project.write(file, b"").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(outer.path(), project.root().join("scripts/out")).unwrap();
        let found = project.scripts("scripts").unwrap();
        assert_eq!(found, ["scripts/a/c.rhai", "scripts/b.rhai"]);
        assert!(project.scripts("../x").is_err());
    }

    #[test]
    fn imports_relative_to_the_importer() {
        let (_outer, project) = project();
        project.write("scripts/lib/a.rhai", b"fn f() {}").unwrap();
        let source = project.import("scripts/main.rhai", "./lib/a").unwrap();
        assert_eq!(source.name, "scripts/lib/a.rhai");
        assert_eq!(
            project
                .import("scripts/lib/a.rhai", "../lib/a.rhai")
                .unwrap(),
            source
        );
        assert_eq!(
            project
                .import("scripts/main.rhai", "../../x")
                .unwrap_err()
                .kind,
            FailureKind::Refused
        );
    }
}
