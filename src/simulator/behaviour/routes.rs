//! Finds the behaviour of an endpoint, and holds what many behaviours need.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{
    assignments, cases, connections, dashboards, event_triggers, files, jobs, labels, landscape,
    logins, mcp, memory, organizations, plugins, processes, queues, sandboxes, schedules, secrets,
    setups, skills, suggestions, teams, triggers,
};
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::sample::sample;
use crate::simulator::world::World;

/// What a behaviour gives back.
pub(crate) type Outcome = Result<Reply, Refusal>;

/// How an endpoint behaves.
pub(crate) type Behaviour = fn(&mut World, &Request) -> Outcome;

/// The catalog's name of an endpoint, and its behaviour.
pub(crate) type Route = (&'static str, Behaviour);

const SECTIONS: &[&[Route]] = &[
    assignments::ROUTES,
    cases::ROUTES,
    connections::ROUTES,
    dashboards::ROUTES,
    event_triggers::ROUTES,
    files::ROUTES,
    jobs::ROUTES,
    labels::ROUTES,
    landscape::ROUTES,
    logins::ROUTES,
    mcp::ROUTES,
    memory::ROUTES,
    organizations::ROUTES,
    plugins::ROUTES,
    processes::ROUTES,
    queues::ROUTES,
    sandboxes::ROUTES,
    schedules::ROUTES,
    secrets::ROUTES,
    setups::ROUTES,
    skills::ROUTES,
    suggestions::ROUTES,
    teams::ROUTES,
    triggers::ROUTES,
];

/// Answers a checked request: by the endpoint's behaviour, or with a sample.
pub(crate) fn answer(world: &mut World, request: &Request) -> Outcome {
    match table().get(request.endpoint.name) {
        Some(behaviour) => behaviour(world, request),
        None => by_sample(world, request),
    }
}

fn table() -> &'static HashMap<&'static str, Behaviour> {
    static TABLE: OnceLock<HashMap<&'static str, Behaviour>> = OnceLock::new();
    TABLE.get_or_init(|| SECTIONS.iter().copied().flatten().copied().collect())
}

fn by_sample(world: &mut World, request: &Request) -> Outcome {
    if request.endpoint.is_team_scoped() {
        world.check_team(request.team())?;
    }
    if request
        .params
        .iter()
        .any(|(_, value)| value.starts_with("00000000-0000-0000"))
    {
        return Err(Refusal::missing(
            "such thing",
            request.params.last().map_or("", |(_, value)| value),
        ));
    }
    Ok(match sample(request, world.now) {
        _ if request.endpoint.answer_media != "application/json" => {
            Reply::bytes(request.endpoint.answer_media, "sample")
        }
        Some(value) if !value.is_null() => value.into(),
        _ => Reply::nothing(),
    })
}

/// Returns whether a text holds another, whatever the case of the letters.
pub(crate) fn contains(text: &str, wanted: &str) -> bool {
    wanted.is_empty() || text.to_lowercase().contains(&wanted.to_lowercase())
}

/// Replaces a value when there is a new one.
pub(crate) fn set<T>(field: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *field = new;
    }
}

#[cfg(test)]
mod tests {
    use super::SECTIONS;
    use crate::simulator::judge::{Unknown, judge};
    use crate::simulator::trial::Trial;

    #[test]
    fn every_behaviour_belongs_to_an_endpoint_and_to_one_only() {
        let mut names: Vec<_> = SECTIONS
            .iter()
            .copied()
            .flatten()
            .map(|(name, _)| *name)
            .collect();
        let unknown: Vec<_> = names
            .iter()
            .filter(|name| crate::catalog::by_name(name).is_none())
            .collect();
        assert!(unknown.is_empty(), "not in the catalog: {unknown:?}");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "an endpoint has two behaviours");
        let all = crate::catalog::endpoints().count();
        println!(
            "{count} of {all} endpoints behave, {} answer by sample",
            all - count
        );
    }

    /// Path parameters that nobody has, and fields that fit.
    fn strange(entry: &crate::catalog::Endpoint) -> Vec<&'static str> {
        entry
            .given_params()
            .map(|param| match param.shape.kind {
                crate::catalog::Kind::Choice(choices) => choices[0].trim_matches('"'),
                _ => "7f3a1c52-5c1f-4c39-9d3e-0d2b8a1f0c11",
            })
            .collect()
    }

    #[tokio::test]
    async fn every_endpoint_answers_as_documented() {
        let trial = Trial::company().await;
        let mut faults = Vec::new();
        for entry in crate::catalog::endpoints().filter(|entry| !entry.destructive) {
            let mut fields = serde_json::Map::new();
            for field in entry.given_fields().filter(|field| field.required) {
                fields.insert(
                    field.name.into(),
                    crate::simulator::sample::of_shape(&field.shape, field.name),
                );
            }
            let path = strange(entry);
            let came = trial.send(entry.name, &path, fields.into()).await;
            let known = entry.status.contains(&came.status) || entry.errors.contains(&came.status);
            // A 400 is not always documented, but always possible; 308 is what removed calls answer.
            // Where no failure at all is documented, nothing can be told.
            let is_open = entry.errors.is_empty() || [308, 400].contains(&came.status);
            if !known && !is_open {
                faults.push(format!("{}: {} {}", entry.name, came.status, came.json()));
            }
            let mut answer = came.json();
            let is_json = came.status < 300 && entry.answer_media == "application/json";
            if let Some(shape) = entry.answer.as_ref().filter(|_| is_json)
                && let Err(fault) = judge(shape, &mut answer, entry.name, Unknown::Refused)
            {
                faults.push(format!("{}: {fault}: {answer}", entry.name));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
