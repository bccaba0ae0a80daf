//! Ids and chance as values: from the system, or from a seed, so that a run can be repeated exactly.

use std::sync::{Mutex, PoisonError};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

/// A source of random numbers and ids; cheap to share, safe over threads.
#[derive(Debug)]
pub struct Chance(Mutex<ChaCha8Rng>);

impl Chance {
    /// Returns a source seeded by the operating system.
    pub fn from_system() -> Self {
        Self(Mutex::new(ChaCha8Rng::from_rng(&mut rand::rng())))
    }

    /// Returns a source that always gives the same sequence for the same seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }

    /// Returns 64 random bits.
    pub fn bits(&self) -> u64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next_u64()
    }

    /// Returns a number in `[0, 1)`.
    pub fn fraction(&self) -> f64 {
        // 53 bits are what a float holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a float exactly")]
        let bits = (self.bits() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }

    /// Returns a random (version 4) UUID.
    pub fn uuid(&self) -> Uuid {
        let bytes = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn a_seed_repeats_itself_and_another_does_not() {
        let (a, b, c) = (
            Chance::from_seed(1),
            Chance::from_seed(1),
            Chance::from_seed(2),
        );
        let ids: Vec<_> = (0..3).map(|_| a.uuid()).collect();
        assert_eq!(ids, (0..3).map(|_| b.uuid()).collect::<Vec<_>>());
        assert_ne!(ids[0], c.uuid());
        assert_eq!(ids[0].get_version_num(), 4);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&a.fraction())));
    }
}
