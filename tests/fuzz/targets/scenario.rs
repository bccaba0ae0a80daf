//! A scenario file: read, and lived in for a while.

use std::sync::LazyLock;

use duvoscript::report::Problem;
use duvoscript::script::{Script, Source};
use duvoscript::simulator::Scenario;
use serde_json::Map;

use super::sound::{assert_ended_well, assert_sound};
use super::world;

/// Starts all that can start, and lets time pass.
const SCRIPT: &str = r#"
for agent in duvo::assignments::list(#{ limit: 20 }) {
    try { duvo::jobs::start(#{ agent_id: agent.id, message: "Work" }); } catch { }
}
for queue in duvo::queues::list(#{ limit: 20 }) {
    try { duvo::cases::list(queue, #{ limit: 20 }); } catch { }
}
for step in 0..4 {
    sleep("20m");
    try { duvo::jobs::list(#{ limit: 20 }); } catch { }
}
"#;

static LOADED: LazyLock<Script> = LazyLock::new(|| {
    let name = "scenario.rhai".into();
    let text = SCRIPT.into();
    Script::load(Source { name, text }).unwrap()
});

/// Reads a scenario, and runs a script in its world.
pub fn fuzz(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    match Scenario::parse("fuzzed.toml", text) {
        Ok(scenario) => assert_ended_well(&world::run(&LOADED, &Map::new(), scenario)),
        Err(error) => assert_sound(&Problem::from(error), &[]),
    }
}
