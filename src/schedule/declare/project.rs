//! All schedules of a project: those of its `duvoscript.toml`, and those in the headers of scripts.
//!
//! One that is wrong hides no other: what is right and what is not are both given back.

use std::collections::BTreeMap;

use super::args::fitting;
use super::document::{Document, Entry, Fields};
use super::read::{Declaration, Files, Frame};
use crate::report::{Failure, FailureKind, Lines, Place, Problem, ProblemKind, Sources, nearest};
use crate::run::Project;
use crate::script::{Header, Source};

/// Name of the file that marks a project and holds its settings.
const SETTINGS: &str = "duvoscript.toml";

/// Folder in which scripts are looked for; others are found when the settings name them.
const SCRIPTS: &str = "scripts";

/// The schedules of a project.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that are right, by name; each name is there once.
    pub declarations: Vec<Declaration>,
    /// What is wrong with the others.
    pub faults: Vec<Problem>,
    /// The texts that places point into.
    pub sources: Sources,
}

/// Finds the schedules of a project.
pub fn declared(project: &Project) -> Found {
    let mut search = Search {
        project,
        headers: BTreeMap::new(),
        found: Found::default(),
    };
    match project.scripts(SCRIPTS) {
        Ok(scripts) => scripts.iter().for_each(|script| search.script(script)),
        Err(failure) => search.found.faults.push(failure.into()),
    }
    search.settings();
    search.finish()
}

impl Files for Project {
    fn read(&self, file: &str) -> Result<String, Failure> {
        let bytes = Project::read(self, file)?;
        String::from_utf8(bytes)
            .map_err(|_| Failure::new(FailureKind::Io, format!("`{file}` is not UTF-8 text")))
    }
}

/// The search for the schedules of a project.
struct Search<'a> {
    project: &'a Project,
    /// The headers that were read; none where one is wrong.
    headers: BTreeMap<String, Option<Header>>,
    found: Found,
}

impl Search<'_> {
    /// Reads the header of a script, and its schedule.
    fn script(&mut self, name: &str) {
        let read = Files::read(self.project, name).map_err(Problem::from);
        let read = read.and_then(|text| {
            self.found.sources.insert(name, text.as_str());
            let name = name.to_owned();
            Header::parse(&Source { name, text })
        });
        let header = match read {
            Ok(header) => Some(header),
            Err(problem) => {
                self.found.faults.push(problem);
                None
            }
        };
        let declared = header
            .as_ref()
            .and_then(|header| of_header(header, name, self.project));
        self.headers.insert(name.into(), header);
        self.keep(declared);
    }

    /// Reads the schedules of the settings, if there are any.
    fn settings(&mut self) {
        let text = match Files::read(self.project, SETTINGS) {
            Ok(text) => text,
            Err(failure) if failure.kind == FailureKind::NotFound => return,
            Err(failure) => return self.found.faults.push(failure.into()),
        };
        self.found.sources.insert(SETTINGS, text.as_str());
        let document = Document {
            name: SETTINGS,
            lines: &Lines::of(&text),
            kind: ProblemKind::Usage,
        };
        let settings = match document.parse() {
            Ok(settings) => settings,
            Err(problem) => return self.found.faults.push(problem),
        };
        for (key, entry) in &settings {
            match (key.get_ref().as_ref(), entry.get_ref().as_array()) {
                ("schedule", Some(entries)) => {
                    for entry in entries {
                        let declared = self.of_settings(document, entry);
                        self.keep(Some(declared));
                    }
                }
                ("schedule", None) => {
                    let problem = document.fault(key.span(), "`schedule` must be a list of tables");
                    self.found.faults.push(problem.hint("write `[[schedule]]`"));
                }
                // Other settings are somebody else's, but a slip must not silence a schedule.
                (other, _) => self
                    .found
                    .faults
                    .extend(misspelt(document, key.span(), other)),
            }
        }
    }

    fn of_settings(
        &mut self,
        document: Document<'_>,
        entry: &Entry<'_>,
    ) -> Result<Declaration, Problem> {
        let frame = Frame {
            document,
            entry,
            files: self.project,
            default_name: None,
            script: None,
        };
        let declaration = frame.read()?;
        let fields = frame.fields()?;
        if !self.headers.contains_key(&declaration.script) {
            self.other_script(&fields, &declaration.script)?;
        }
        // What is wrong with a header was said when it was read.
        if let Some(Some(header)) = self.headers.get(&declaration.script) {
            fitting(&fields, &declaration, header)?;
        }
        Ok(declaration)
    }

    /// Reads a script that does not stand with the others.
    fn other_script(&mut self, fields: &Fields<'_>, name: &str) -> Result<(), Problem> {
        let Err(failure) = Files::read(self.project, name) else {
            self.script(name);
            return Ok(());
        };
        let problem = fields.fault("script", failure.message);
        Err(
            match nearest(name, self.headers.keys().map(String::as_str)) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint("its path starts at the project's directory"),
            },
        )
    }

    fn keep(&mut self, declared: Option<Result<Declaration, Problem>>) {
        match declared {
            Some(Ok(declaration)) => self.found.declarations.push(declaration),
            Some(Err(problem)) => self.found.faults.push(problem),
            None => {}
        }
    }

    /// Sorts by name, and refuses names that are taken.
    fn finish(mut self) -> Found {
        let mut taken: BTreeMap<String, Place> = BTreeMap::new();
        let faults = &mut self.found.faults;
        self.found.declarations.retain(|declaration| {
            let name = declaration.name().to_owned();
            let Some(place) = taken.get(&name) else {
                taken.insert(name, declaration.place.clone());
                return true;
            };
            let what = format!(
                "there is a schedule `{name}` at {}:{} already",
                place.source, place.line
            );
            let problem = Problem::new(ProblemKind::Usage, what).at(declaration.place.clone());
            faults.push(problem.hint("give one of them another `name`"));
            false
        });
        self.found
            .declarations
            .sort_by(|a, b| a.name().cmp(b.name()));
        self.found
    }
}

/// Returns the schedule of a header, when it has one.
/// Judges the schedule in the header of a script, without the files that it names.
///
/// Returns none when there is no schedule; the warnings of one that holds come with it.
pub fn judge(header: &Header, script: &str) -> Option<Result<Vec<Problem>, Problem>> {
    /// Every file is there, and empty.
    struct Unread;
    impl Files for Unread {
        fn read(&self, _: &str) -> Result<String, Failure> {
            Ok(String::new())
        }
    }
    let declared = of_header(header, script, &Unread)?;
    Some(declared.map(|declaration| declaration.warnings))
}

fn of_header(
    header: &Header,
    script: &str,
    files: &dyn Files,
) -> Option<Result<Declaration, Problem>> {
    let text = header.schedule.as_deref()?;
    let document = Document {
        name: script,
        lines: &Lines::of(text),
        kind: ProblemKind::Source,
    };
    let declared = document.parse().and_then(|table| {
        let frame = Frame {
            document,
            // The header was read before, and has it.
            entry: table
                .get("schedule")
                .ok_or_else(|| document.fault(0..0, "there is no schedule"))?,
            files,
            default_name: Some(stem(script).into()),
            script: Some(script.into()),
        };
        let declaration = frame.read()?;
        fitting(&frame.fields()?, &declaration, header)?;
        Ok(declaration)
    });
    Some(declared)
}

/// Returns the name of a script without its folders and ending.
fn stem(script: &str) -> &str {
    let file = script.rsplit('/').next().unwrap_or(script);
    file.strip_suffix(".rhai").unwrap_or(file)
}

fn misspelt(document: Document<'_>, at: std::ops::Range<usize>, key: &str) -> Option<Problem> {
    nearest(key, ["schedule"])?;
    let problem = document.fault(at, format!("`{SETTINGS}` has no key `{key}`"));
    Some(problem.hint("did you mean `schedule`?"))
}
