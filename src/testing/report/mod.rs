//! How tests went, in the forms that people and machines read.

mod diff;
mod json;
mod junit;
mod tap;
mod text;

pub use json::json;
pub use junit::junit;
pub use tap::tap;
pub use text::{closing, fault, line, reached};
