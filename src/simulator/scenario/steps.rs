//! Checks the steps of courses, and finds where in the file a wrong one stands.
//!
//! A step does not keep its place, for it goes into saved states, too. So what is wrong carries the
//! path to it, and the source is searched only then.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::load::there_is_no;
use super::model::{Assignment, Course, On, ReviewRow, Scenario, Step};

/// What is wrong with a step.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) what: String,
    /// The keys and numbers that lead there, the innermost first.
    path: Vec<String>,
}

impl Fault {
    fn new(what: impl Into<String>) -> Self {
        let (what, path) = (what.into(), Vec::new());
        Self { what, path }
    }

    fn at(mut self, key: &str) -> Self {
        self.path.push(key.into());
        self
    }

    fn item(self, list: &str, number: usize) -> Self {
        self.at(&number.to_string()).at(list)
    }

    /// Returns where it stands in the source: of the path, the innermost part that has a place.
    pub(super) fn place(&self, source: &str) -> usize {
        let Ok(document) = DeTable::parse(source) else {
            return 0;
        };
        let document = DeValue::Table(document.into_inner());
        let (mut value, mut place) = (&document, 0);
        for part in self.path.iter().rev() {
            let inner = match part.parse::<usize>() {
                Ok(number) if value.is_array() => value.get(number),
                _ => value.get(part),
            };
            let Some(inner) = inner else { break };
            (value, place) = (inner.get_ref(), inner.span().start);
        }
        place
    }
}

/// Finds steps that do nothing or too much, and reviews that nobody can decide.
pub(super) fn check(scenario: &Scenario) -> Result<(), Fault> {
    for (number, one) in scenario.assignment.iter().enumerate() {
        let members = members(scenario, one);
        for (place, course) in one.course.iter().enumerate() {
            check_course(course, &members).map_err(|fault| {
                let what = format!("assignment `{}`: {}", one.name, fault.what);
                let fault = Fault { what, ..fault };
                fault.item("course", place).item("assignment", number)
            })?;
        }
    }
    Ok(())
}

/// Returns the names of those who belong to the team of an assignment.
fn members<'a>(scenario: &'a Scenario, one: &Assignment) -> Vec<&'a String> {
    let first = scenario.team.first().map(|team| &team.name);
    let team = one.team.as_ref().map(toml::Spanned::get_ref).or(first);
    let belong = scenario.member.iter().filter(|member| {
        let mut teams = member.teams.iter().flatten();
        member.teams.is_none() || teams.any(|name| Some(name.get_ref()) == team)
    });
    belong.map(|member| &member.name).collect()
}

fn check_course(course: &Course, members: &[&String]) -> Result<(), Fault> {
    let check = |step: &Step| {
        check_deeds(step)?;
        check_review(step, course.on, members)
    };
    check_all(&course.steps, &check).map_err(|fault| fault.at("steps"))
}

fn check_all(
    steps: &[Arc<Step>],
    check: &impl Fn(&Step) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for (number, step) in steps.iter().enumerate() {
        let inside = || -> Result<(), Fault> {
            check(step)?;
            for (path, next) in step.branches() {
                check_all(next, check)
                    .map_err(|fault| path.iter().rev().fold(fault, |fault, key| fault.at(key)))?;
            }
            Ok(())
        };
        inside().map_err(|fault| fault.at(&number.to_string()))?;
    }
    Ok(())
}

fn check_deeds(step: &Step) -> Result<(), Fault> {
    match step.deeds() {
        1 => Ok(()),
        0 => Err(Fault::new(
            "a step does nothing; give it one of say, think, tool, approve, ask, review, case, add_to, write, remember, end",
        )),
        count => Err(Fault::new(format!(
            "a step does {count} things; make it {count} steps"
        ))),
    }
}

fn check_review(step: &Step, on: Option<On>, members: &[&String]) -> Result<(), Fault> {
    if step.review.is_none() {
        return match (step.rows.is_empty(), step.rejected.is_empty()) {
            (false, _) => Err(Fault::new("only a `review` has rows").at("rows")),
            (_, false) => {
                Err(Fault::new("only a `review` is rejected; use `denied`").at("rejected"))
            }
            _ => Ok(()),
        };
    }
    if on != Some(On::Case) {
        return Err(Fault::new(
            "a review needs a case; give its course `on = \"case\"`",
        ));
    }
    if !step.denied.is_empty() {
        return Err(Fault::new("a review is not denied; use `rejected`").at("denied"));
    }
    if step.rows.is_empty() {
        return Err(Fault::new(
            "a review asks nobody; give it `rows` with prompt and member",
        ));
    }
    for (number, row) in step.rows.iter().enumerate() {
        check_row(row, members).map_err(|fault| fault.item("rows", number))?;
    }
    Ok(())
}

fn check_row(row: &ReviewRow, members: &[&String]) -> Result<(), Fault> {
    if row.prompt.trim().is_empty() {
        return Err(Fault::new("a row asks nothing; give it a prompt").at("prompt"));
    }
    if !members.contains(&&row.member) {
        let what = there_is_no("member of the team", &row.member, members);
        return Err(Fault::new(what).at("member"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::simulator::Scenario;

    const COMPANY: &str = r#"
[[team]]
name = "Payments"
[[team]]
name = "Sales"
[[member]]
name = "Kim"
email = "kim@example.com"
[[member]]
name = "Lou"
email = "lou@example.com"
teams = ["Sales"]
[[assignment]]
name = "Payer"
[[assignment.course]]
on = "case"
"#;

    fn wrong(course: &str) -> String {
        let read = Scenario::parse("x.toml", &format!("{COMPANY}{course}"));
        read.unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_row_is_named_with_its_line() {
        let row = |row: &str| {
            wrong(&format!(
                "steps = [\n{{ say = \"Hm.\" }},\n{{ review = \"R\", rows = [\n  {{ prompt = \"Pay?\", member = \"Kim\" }},\n  {row},\n] }}]"
            ))
        };
        for (text, told) in [
            (
                "{ prompt = \"Pay?\", member = \"Kym\" }",
                "x.toml:21: assignment `Payer`: there is no member of the team `Kym`; did you mean `Kim`?",
            ),
            (
                "{ prompt = \"Pay?\", member = \"Lou\" }",
                "x.toml:21: assignment `Payer`: there is no member of the team `Lou`",
            ),
            (
                "{ prompt = \" \", member = \"Kim\" }",
                "x.toml:21: assignment `Payer`: a row asks nothing",
            ),
            ("{ prompt = \"Pay?\" }", "x.toml:21: missing field `member`"),
            (
                "{ prompt = \"Pay?\", member = \"Kim\", decision = \"denied\" }",
                "x.toml:21: unknown variant `denied`",
            ),
            (
                "{ prompt = \"Pay?\", member = \"Kim\", after = \"soon\" }",
                "x.toml:21: `soon` is no span of time",
            ),
        ] {
            assert!(row(text).starts_with(told), "{}", row(text));
        }
    }

    #[test]
    fn a_wrong_step_is_named_with_its_line_wherever_it_stands() {
        for (course, told) in [
            (
                "steps = [\n{ review = \"R\" }]",
                "x.toml:18: assignment `Payer`: a review asks nobody",
            ),
            (
                "steps = [\n{ say = \"Hm.\", rows = [\n{ prompt = \"Pay?\", member = \"Kim\" }] }]",
                "x.toml:18: assignment `Payer`: only a `review` has rows",
            ),
            (
                "steps = [\n{ approve = \"A\", rejected = [{ say = \"No.\" }] }]",
                "x.toml:18: assignment `Payer`: only a `review` is rejected; use `denied`",
            ),
            (
                "steps = [{ ask = \"A\", answered = { \"a/b\" = [\n{ say = \"A\" },\n{ say = \"B\", think = \"B\" },\n] } }]",
                "x.toml:19: assignment `Payer`: a step does 2 things",
            ),
            (
                "steps = []\n[[assignment.course]]\nsteps = [\n{ review = \"R\", rows = [{ prompt = \"Pay?\", member = \"Kim\" }] }]",
                "x.toml:20: assignment `Payer`: a review needs a case",
            ),
        ] {
            assert!(wrong(course).starts_with(told), "{}", wrong(course));
        }
    }
}
