//! Proves what the simulator promises: invariants under random calls, toughness, faults, callbacks.
//!
//! Everything goes over real HTTP. `PROPTEST_CASES` asks for more random sequences than the few of
//! a usual run; a sequence that fails is printed in its shortest form.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod made;
#[cfg(test)]
mod place;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod random;
#[cfg(test)]
mod rough;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod wire;
