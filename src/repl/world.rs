//! Where a session works: the simulator, or Duvo itself.

use std::any::Any;
use std::sync::Arc;

use crate::clock::{Clock, Participant};
use crate::ids::Chance;
use crate::report::{Failure, Problem};
use crate::run::Link;
use crate::secret::Veil;

/// Makes the way to the API, in a team or in the one that is implied.
pub type Connect = Arc<dyn Fn(Option<&str>) -> Result<Link, Failure> + Send + Sync>;

/// Which world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A simulator: nothing there matters.
    Simulator,
    /// Duvo: what is destroyed there is gone.
    Live,
}

/// A world that a session works in.
pub struct World {
    /// Which it is.
    pub place: Place,
    /// What the prompt calls it.
    pub name: String,
    /// Makes the way to its API.
    pub connect: Connect,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// What happens in it by chance.
    pub chance: Arc<Chance>,
    /// The secrets that it gives access to.
    pub veil: Veil,
    /// What must live as long as it does.
    pub keeps: Box<dyn Any + Send>,
}

/// Enters worlds; the command line knows how.
pub trait Worlds {
    /// Enters a world.
    fn enter(&self, place: Place) -> Result<World, Problem>;
}

/// A world that was entered, with the team and the time of the session in it.
pub(super) struct Entered {
    pub(super) world: World,
    pub(super) team: Option<String>,
    /// The way to the API, once it was needed.
    pub(super) link: Arc<std::sync::OnceLock<Link>>,
    /// Simulated time stands still while nothing is under way.
    pub(super) awake: Option<Participant>,
}

impl Entered {
    pub(super) fn new(world: World) -> Self {
        Self {
            awake: Some(world.clock.join()),
            team: None,
            link: Arc::default(),
            world,
        }
    }

    /// Goes to a team, or to the one that is implied.
    pub(super) fn join(&mut self, team: Option<String>) {
        self.team = team;
        self.link = Arc::default();
    }

    /// Returns what makes the way to the API once, for all inputs.
    pub(super) fn connector(&self) -> impl Fn() -> Result<Link, Failure> + Send + Sync + use<> {
        let (connect, team) = (Arc::clone(&self.world.connect), self.team.clone());
        let link = Arc::clone(&self.link);
        move || {
            if let Some(link) = link.get() {
                return Ok(link.clone());
            }
            let made = connect(team.as_deref())?;
            Ok(link.get_or_init(|| made).clone())
        }
    }

    /// Returns what makes a way of its own, for what is fetched beside the prompt.
    pub(super) fn aside(&self) -> Arc<dyn Fn() -> Result<Link, Failure> + Send + Sync> {
        let (connect, team) = (Arc::clone(&self.world.connect), self.team.clone());
        Arc::new(move || connect(team.as_deref()))
    }
}
