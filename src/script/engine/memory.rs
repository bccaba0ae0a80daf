//! Counts the bytes each thread holds, so that the memory of a script has a limit.
//!
//! Rhai's own limits walk whole containers on every call; a counter in the allocator costs nothing
//! that can be measured. It must stay the only file with `unsafe` in it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<i64> = const { Cell::new(0) };
}

/// Returns the bytes this thread has allocated and not freed; negative when it freed those of others.
pub(in crate::script) fn held() -> i64 {
    HELD.get()
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: usize, sign: i64) {
    // No allocation is larger than `isize::MAX`.
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    // While a thread ends, its counter may be gone already.
    let _ = HELD.try_with(|held| held.set(held.get().wrapping_add(sign.wrapping_mul(bytes))));
}

#[expect(
    unsafe_code,
    reason = "every call goes to the system's allocator with the same arguments"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller keeps the contract of `GlobalAlloc`, which is the system's too.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: as in `alloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), -1);
        count(size, 1);
        // SAFETY: as in `alloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use super::held;

    #[test]
    fn counts_what_this_thread_holds() {
        let before = held();
        let mut bytes = vec![0_u8; 1 << 20];
        assert!(held() - before >= 1 << 20);
        bytes.reserve_exact(1 << 21);
        assert!(held() - before >= 3 << 20);
        drop(bytes);
        assert!(held() - before < 1 << 16);
    }
}
