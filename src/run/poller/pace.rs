//! How often a Job is looked at: by its age, and never too often because of hints.

use std::time::Duration;

/// Pace by age: up to this age, look this often. The vendor advises 5 s for short Jobs, 30 s up to a
/// quarter of an hour, and a minute or more for long ones.
const PACE: [(Duration, Duration); 3] = [
    (Duration::from_secs(2 * 60), Duration::from_secs(5)),
    (Duration::from_secs(15 * 60), Duration::from_secs(30)),
    (Duration::MAX, Duration::from_secs(60)),
];

/// The quickest pace: the one of a Job of unknown age, and of a second try.
pub(super) const QUICKEST: Duration = PACE[0].1;

/// The last look before a wait ends comes so long before its end that the answer can still count.
pub(super) const LAST_LOOK: Duration = Duration::from_secs(2);

/// However many hints come, a Job is not looked at more often than this because of them.
pub(super) const HINTS: Duration = Duration::from_secs(1);

/// Returns how long to leave a Job alone that has an age.
pub(super) fn pace(age: Duration) -> Duration {
    PACE.iter()
        .find(|(up_to, _)| age < *up_to)
        .map_or(PACE[2].1, |(_, pace)| *pace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_less_often_as_the_job_grows_old() {
        let pace = |minutes: u64| pace(Duration::from_secs(minutes * 60)).as_secs();
        assert_eq!(
            [pace(0), pace(1), pace(2), pace(14), pace(15), pace(600)],
            [5, 5, 30, 30, 60, 60]
        );
    }
}
