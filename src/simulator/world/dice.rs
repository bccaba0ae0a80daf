//! Chance that can be saved: the seed, and how often it was asked.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::Chance;

/// Random numbers and ids that go on where they stopped when they are saved and loaded.
#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "Drawn", into = "Drawn")]
pub(crate) struct Dice {
    drawn: Drawn,
    chance: Chance,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Drawn {
    seed: u64,
    bits: u64,
}

impl Dice {
    /// Returns dice that always fall the same way for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        Drawn { seed, bits: 0 }.into()
    }

    /// Returns a new id.
    pub(crate) fn id(&mut self) -> Uuid {
        self.drawn.bits += 2;
        self.chance.uuid()
    }

    /// Returns a number in `[0, 1)`.
    pub(crate) fn fraction(&mut self) -> f64 {
        self.drawn.bits += 1;
        self.chance.fraction()
    }

    /// Returns 16 hexadecimal digits.
    pub(crate) fn token(&mut self) -> String {
        self.drawn.bits += 1;
        format!("{:016x}", self.chance.bits())
    }
}

impl Clone for Dice {
    fn clone(&self) -> Self {
        self.drawn.into()
    }
}

impl From<Drawn> for Dice {
    fn from(drawn: Drawn) -> Self {
        let chance = Chance::from_seed(drawn.seed);
        for _ in 0..drawn.bits {
            chance.bits();
        }
        Self { drawn, chance }
    }
}

impl From<Dice> for Drawn {
    fn from(dice: Dice) -> Self {
        dice.drawn
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn goes_on_where_it_stopped() {
        let mut dice = Dice::new(7);
        dice.id();
        dice.fraction();
        dice.token();
        let text = serde_json::to_string(&dice).unwrap();
        let mut again: Dice = serde_json::from_str(&text).unwrap();
        assert_eq!(dice.id(), again.id());
        assert_eq!(dice.token(), again.token());
    }
}
