//! Where inputs go: which world, which team, or nowhere but to a plan.

use super::needed;
use crate::repl::complete::Names;
use crate::repl::shell::{Next, Shell, Shown, Trouble};
use crate::repl::world::{Entered, Place};
use crate::report::Problem;
use crate::script::{Evaluated, Finish, Limits, Session};
use serde_json::Value;

/// Goes to a team, or lists the teams.
pub(super) fn team(shell: &mut Shell, team: &str) -> Result<Next, Trouble> {
    let id = match team {
        "" => {
            let teams = aside(shell, "duvo::teams::list()")?;
            shell.show(&Shown::Value(teams, crate::catalog::by_name("teams.list")));
            return Ok(Next::Go);
        }
        "none" => None,
        team => {
            let found = aside(shell, &format!("duvo::teams::find({team:?})"))?;
            let id = found.get("id").and_then(Value::as_str);
            Some(id.unwrap_or(team).to_owned())
        }
    };
    shell.world.join(id);
    shell.names = Names::new(shell.world.aside());
    Ok(Next::Go)
}

/// Evaluates something that leaves nothing behind in the session.
fn aside(shell: &mut Shell, text: &str) -> Result<Value, Trouble> {
    let permissions = shell.face.permissions.clone();
    let (Evaluated { finish, texts }, _) = shell.guarded(&permissions, |_, host, control| {
        Session::new(Limits::default()).evaluate(text, host, control)
    });
    match finish {
        Finish::Done(value) | Finish::Left(value) => Ok(value),
        Finish::Told(words) => Ok(words.into()),
        Finish::Failed(problem) => Err(Trouble::Failed(Box::new(problem), texts)),
        Finish::Stopped(_) => Err(Trouble::Interrupted),
    }
}

/// Goes to the simulator.
pub(super) fn sim(shell: &mut Shell, _: &str) -> Result<Next, Trouble> {
    go(shell, Place::Simulator)
}

/// Goes to Duvo.
pub(super) fn live(shell: &mut Shell, _: &str) -> Result<Next, Trouble> {
    go(shell, Place::Live)
}

fn go(shell: &mut Shell, place: Place) -> Result<Next, Trouble> {
    if shell.world.world.place == place {
        return Ok(Next::Go);
    }
    let known = shell.left.take_if(|left| left.world.place == place);
    let entered = match known {
        Some(left) => left,
        None => Entered::new(shell.face.worlds.enter(place)?),
    };
    shell.left = Some(std::mem::replace(&mut shell.world, entered));
    shell.names = Names::new(shell.world.aside());
    Ok(Next::Go)
}

/// Shows what would be sent, or sends it again.
pub(super) fn plan(shell: &mut Shell, switch: &str) -> Result<Next, Trouble> {
    shell.plans = match needed(switch, "plan")? {
        "on" => true,
        "off" => false,
        other => {
            let problem = Problem::usage(format!("a plan is `on` or `off`, not `{other}`"));
            return Err(problem.into());
        }
    };
    Ok(Next::Go)
}
