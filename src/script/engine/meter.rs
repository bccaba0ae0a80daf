//! Counts what the threads of a run use up, and stops the run when it passes a limit.
//!
//! Memory is counted for each thread by the allocator, so what a script hands to the Host and gets
//! from it must be balanced here: it may be freed, or was allocated, on another thread.

use std::cell::Cell;

use crate::script::control::{Control, Stop};
use crate::script::engine::limits::Limits;
use crate::script::engine::memory;
use crate::script::host::{Answer, Halt};

const OPERATIONS_A_REPORT: u64 = 256;
const BYTES_A_REPORT: i64 = 1 << 20;

thread_local! {
    /// Operations since the last report, and the bytes held at the last report.
    static METER: Cell<(u64, i64)> = const { Cell::new((0, 0)) };
}

/// Makes this thread's meter start from here.
pub(in crate::script) fn start() {
    METER.set((0, memory::held()));
}

/// Counts an operation of this thread; returns whether the run shall stop.
pub(in crate::script) fn tick(limits: &Limits, control: &Control) -> bool {
    let (operations, reported) = METER.get();
    let grown = memory::held() - reported;
    if operations < OPERATIONS_A_REPORT && grown < BYTES_A_REPORT {
        METER.set((operations + 1, reported));
    } else {
        report(limits, control, operations + 1, grown);
    }
    control.is_stopped()
}

/// Adds what this thread used since its last report.
pub(in crate::script) fn settle(limits: &Limits, control: &Control) {
    let (operations, reported) = METER.get();
    report(limits, control, operations, memory::held() - reported);
}

fn report(limits: &Limits, control: &Control, operations: u64, grown: i64) {
    METER.set((0, memory::held()));
    if control.spend(operations) > limits.operations {
        control.stop(Stop::Operations);
    }
    let held = control.hold(grown);
    if u64::try_from(held).is_ok_and(|held| held > limits.memory_bytes) {
        control.stop(Stop::Memory);
    }
}

/// Has the Host perform something; counts what it is given as freed and its answer as held.
pub(in crate::script) fn outside<T: Clone>(
    effect: T,
    perform: impl FnOnce(T) -> Result<Answer, Halt>,
) -> Result<Answer, Halt> {
    let start = memory::held();
    let copy = effect.clone();
    let without_effect = start - (memory::held() - start);
    drop(copy);
    let answer = perform(effect);
    let expected = without_effect + size(&answer);
    let (operations, reported) = METER.get();
    METER.set((operations, reported + memory::held() - expected));
    answer
}

fn size(answer: &Result<Answer, Halt>) -> i64 {
    let bytes = match answer {
        Ok(Answer::Json(bytes) | Answer::Bytes(bytes)) => bytes.capacity(),
        Ok(Answer::Text(text)) => text.capacity(),
        Ok(Answer::Nothing | Answer::Bits(_) | Answer::Time(_)) | Err(_) => 0,
    };
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::host::Effect;

    fn grown() -> i64 {
        memory::held() - METER.get().1
    }

    /// What the Host does with an effect, and where its answer comes from.
    fn host(here: bool, effect: Effect) -> Answer {
        let work = move || {
            drop(effect);
            Answer::Json(vec![b' '; 50_000])
        };
        if here {
            work()
        } else {
            std::thread::spawn(work).join().unwrap()
        }
    }

    #[test]
    fn effects_and_answers_leave_nothing_behind() {
        for here in [true, false] {
            start();
            for _ in 0..100 {
                let effect = Effect::WriteFile {
                    file: "x".repeat(1000),
                    content: vec![0; 100_000],
                    append: false,
                };
                let answer = outside(effect, |effect| Ok(host(here, effect))).unwrap();
                assert!((40_000..70_000).contains(&grown()), "{}", grown());
                drop(answer);
            }
            assert!(grown().abs() < 50_000, "{} after 100 effects", grown());
        }
    }
}
