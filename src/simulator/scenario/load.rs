//! Reads scenario files, and says file and line of what is wrong in them.

use std::path::Path;

use super::model::{Name, Scenario};
use super::steps;
use crate::report::{Place, Problem, ProblemKind};

/// What is wrong with a scenario file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario `{file}`: {why}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        why: String,
    },
    /// Something in it is wrong.
    #[error("{file}:{line}: {what}")]
    Wrong {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
}

impl From<ScenarioError> for Problem {
    fn from(error: ScenarioError) -> Self {
        match error {
            ScenarioError::Unreadable { .. } => Self::usage(error.to_string()),
            ScenarioError::Wrong { file, line, what } => {
                let place = Place {
                    source: file,
                    line,
                    column: 0,
                    length: 0,
                };
                Self::new(ProblemKind::Usage, what).at(place)
            }
        }
    }
}

impl Scenario {
    /// Returns the company that is built in.
    pub fn company() -> Self {
        // A test parses it, so this cannot fall back.
        Self::parse("company.toml", include_str!("company.toml")).unwrap_or_default()
    }

    /// Returns a scenario of one team and one person, with nothing in it.
    pub fn empty() -> Self {
        Self::parse("empty.toml", EMPTY).unwrap_or_default()
    }

    /// Reads a scenario file.
    pub fn read(file: &Path) -> Result<Self, ScenarioError> {
        let name = file.display().to_string();
        let source = std::fs::read_to_string(file).map_err(|why| ScenarioError::Unreadable {
            file: name.clone(),
            why: why.to_string(),
        })?;
        Self::parse(&name, &source)
    }

    /// Reads the text of a scenario; `file` is its name in messages.
    pub fn parse(file: &str, source: &str) -> Result<Self, ScenarioError> {
        let wrong = |at: usize, what: String| ScenarioError::Wrong {
            file: file.into(),
            line: source.get(..at).unwrap_or_default().matches('\n').count() + 1,
            what,
        };
        let scenario: Self = toml::from_str(source).map_err(|error| {
            wrong(
                error.span().map_or(0, |span| span.start),
                error.message().trim().replace('\n', "; "),
            )
        })?;
        scenario.check().map_err(|(at, what)| wrong(at, what))?;
        steps::check(&scenario).map_err(|fault| wrong(fault.place(source), fault.what))?;
        Ok(scenario)
    }

    /// Finds names of things that do not exist.
    fn check(&self) -> Result<(), (usize, String)> {
        if self.team.is_empty() || self.member.is_empty() {
            return Err((0, "a scenario needs a `[[team]]` and a `[[member]]`".into()));
        }
        let teams: Vec<_> = self.team.iter().map(|team| &team.name).collect();
        let queues: Vec<_> = self.queue.iter().map(|queue| &queue.name).collect();
        let folders: Vec<_> = self.folder.iter().map(|folder| &folder.name).collect();
        let connections: Vec<_> = self.connection.iter().map(|one| &one.name).collect();
        let secrets: Vec<_> = self.secret.iter().map(|secret| &secret.name).collect();
        let logins: Vec<_> = self.login.iter().map(|login| &login.domain).collect();
        let skills: Vec<_> = self.skill.iter().map(|skill| &skill.name).collect();
        for name in self.team_names() {
            known("team", name, &teams)?;
        }
        self.fault
            .iter()
            .try_for_each(crate::simulator::server::Rule::check)
            .map_err(|what| (0, what))?;
        for folder in &self.folder {
            folder
                .inside
                .iter()
                .try_for_each(|name| known("folder", name, &folders))?;
        }
        for one in &self.assignment {
            one.folder
                .iter()
                .try_for_each(|name| known("folder", name, &folders))?;
            one.consumes
                .iter()
                .chain(&one.produces)
                .try_for_each(|name| known("queue", name, &queues))?;
            one.connections
                .iter()
                .try_for_each(|name| known("connection", name, &connections))?;
            one.secrets
                .iter()
                .try_for_each(|name| known("secret", name, &secrets))?;
            one.logins
                .iter()
                .try_for_each(|name| known("login", name, &logins))?;
            one.skills
                .iter()
                .try_for_each(|name| known("skill", name, &skills))?;
        }
        Ok(())
    }

    fn team_names(&self) -> impl Iterator<Item = &Name> {
        let members = self
            .member
            .iter()
            .filter_map(|one| one.teams.as_ref())
            .flatten();
        let folders = self.folder.iter().filter_map(|one| one.team.as_ref());
        let queues = self.queue.iter().filter_map(|one| one.team.as_ref());
        let connections = self.connection.iter().filter_map(|one| one.team.as_ref());
        let assignments = self.assignment.iter().filter_map(|one| one.team.as_ref());
        members
            .chain(folders)
            .chain(queues)
            .chain(connections)
            .chain(assignments)
    }
}

fn known(what: &str, name: &Name, known: &[&String]) -> Result<(), (usize, String)> {
    if known.contains(&name.get_ref()) {
        return Ok(());
    }
    Err((name.span().start, there_is_no(what, name.get_ref(), known)))
}

/// Says that a name is not known, and which known one is like it.
pub(super) fn there_is_no(what: &str, name: &str, known: &[&String]) -> String {
    let near = crate::report::nearest(name, known.iter().map(|name| name.as_str()));
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("there is no {what} `{name}`{hint}")
}

const EMPTY: &str = r#"
[[team]]
name = "Empty"
[[member]]
name = "Nobody"
email = "nobody@example.com"
role = "admin"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_company_is_right() {
        let company = Scenario::parse("company.toml", include_str!("company.toml"));
        assert!(company.is_ok_and(|company| company.assignment.len() >= 4));
    }

    #[test]
    fn an_error_names_file_and_line() {
        let wrong = |more: &str| {
            Scenario::parse("x.toml", &format!("{EMPTY}{more}"))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            wrong(
                "[[queue]]\nname = \"Invoices\"\n[[assignment]]\nname = \"A\"\nconsumes = [\"Invoice\"]"
            ),
            "x.toml:12: there is no queue `Invoice`; did you mean `Invoices`?"
        );
        assert!(
            wrong("[[queue]]\nnam = \"Invoices\"").starts_with("x.toml:9: unknown field `nam`")
        );
        assert!(
            wrong(
                "[[assignment]]\nname = \"A\"\n[[assignment.course]]\nsteps = [{ takes = \"2s\" }]"
            )
            .contains("does nothing")
        );
    }
}
